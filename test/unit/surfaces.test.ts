import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { surfaces } from '#rest/surfaces.ts'
import { schema } from '#schema/index.ts'
import { aliases, keyOf, operations } from '../documents/operations.ts'
import { root } from '../support/sources.ts'

const routes = surfaces.flatMap((surface) => surface.routes)
const page = readFileSync(join(root, 'docs/surfaces.md'), 'utf8')

type Row = { readonly key: string; readonly file: string; readonly twins: readonly string[] }

/** The rows of the page that speak of an operation: title, method, path, file and twins, in this order. */
const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim())
  const [, title = '', method = '', path = '', file = '', twins = ''] = cells
  if (!/^(?:GET|POST|PUT|PATCH|DELETE)$/.test(method) || title === '') return []
  return [
    { key: keyOf({ method, path: bare(path) }), file: bare(file), twins: (twins.match(/`[^`]+`/g) ?? []).map(bare) },
  ]
})

function bare(cell: string): string {
  return cell.replaceAll('`', '')
}

/** Whether the graph has a type, or the field of one, of that name. */
function isInGraph(name: string): boolean {
  const [typeName = '', field] = name.split('.')
  const type = schema.getType(typeName)
  if (field === undefined) return type !== undefined
  return (isObjectType(type) || isInterfaceType(type)) && Object.hasOwn(type.getFields(), field)
}

describe('the documented operations', () => {
  it('are counted, and no two are alike', () => {
    const perDocument = Map.groupBy(operations, ({ document }) => document)
    expect(Object.fromEntries([...perDocument].map(([document, list]) => [document, list.length]))).toMatchObject({
      'Scale v6 jobs': 9,
      'Scale v6 job types': 13,
    })
    expect(new Set(operations.map(keyOf)).size).toBe(operations.length)
  })

  it.each(operations.map((operation) => [keyOf(operation), operation] as const))(
    '%s has a route, and one row in docs/surfaces.md that finds its code',
    (key, { surface }) => {
      const route = routes.find((one) => one.surface === surface && keyOf(one) === key)
      expect(route, 'a route').toBeDefined()
      const own = rows.filter((row) => row.key === key)
      expect(own, 'rows').toHaveLength(1)
      const file = join(root, own[0]?.file ?? '')
      expect(existsSync(file), file).toBe(true)
      expect(readFileSync(file, 'utf8')).toContain(`'${route?.id}'`)
    },
  )

  it('are all that the routes serve, but for paths that a document prints beside its heading', () => {
    const documented = new Set(operations.map(keyOf))
    const listed = new Set(operations.map(({ surface }) => surface))
    const others = routes.filter((route) => listed.has(route.surface) && !documented.has(keyOf(route)))
    expect(others.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...aliases].sort())
  })

  it('are what the page lists, and its twins are in the graph', () => {
    const documented = new Set(operations.map(keyOf))
    expect(rows.map(({ key }) => key).filter((key) => !documented.has(key))).toEqual([])
    const twins = rows.flatMap((row) => row.twins)
    expect(twins.length).toBeGreaterThan(10)
    expect(twins.filter((name) => !isInGraph(name))).toEqual([])
  })
})
