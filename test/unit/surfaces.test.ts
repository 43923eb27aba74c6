import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { surfaces } from '#rest/surfaces.ts'
import { schema } from '#schema/index.ts'
import { additions, keyOf, keysOf, operations } from '../documents/operations.ts'
import { root } from '../support/sources.ts'

const routes = surfaces.flatMap((surface) => surface.routes)
const page = readFileSync(join(root, 'docs/surfaces.md'), 'utf8')

type Row = {
  readonly title: string
  readonly keys: readonly string[]
  readonly file: string
  readonly twins: readonly string[]
}

const methods = /^(?:GET|POST|PUT|PATCH|DELETE)(?:, POST)?$/

/** The rows of the page that speak of an operation: title, method or methods, path, file and twins, in this order. */
const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim())
  const [, title = '', method = '', path = '', file = '', twins = ''] = cells
  if (!methods.test(method) || title === '') return []
  const keys = method.split(', ').map((one) => keyOf({ method: one, path: bare(path) }))
  return [{ title, keys, file: bare(file), twins: (twins.match(/`[^`]+`/g) ?? []).map(bare) }]
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
  it('are 59, and no two are alike', () => {
    const perDocument = Map.groupBy(operations, ({ document }) => document)
    expect(Object.fromEntries([...perDocument].map(([document, list]) => [document, list.length]))).toEqual({
      'Scale v6 jobs': 9,
      'Scale v6 job types': 13,
      'Nomad /v1/job': 7,
      'Bastion jobs': 7,
      'Cluster API': 23,
    })
    const keys = operations.flatMap(keysOf)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it.each(operations.map((operation) => [keyOf(operation), operation] as const))(
    '%s has its route, and one row in docs/surfaces.md that finds its code',
    (_key, operation) => {
      const keys = keysOf(operation)
      const own = rows.filter((row) => row.keys.some((key) => keys.includes(key)))
      expect(own.map(({ title, keys: listed }) => ({ title, keys: listed }))).toEqual([
        { title: operation.title, keys },
      ])
      const file = join(root, own[0]?.file ?? '')
      expect(existsSync(file), file).toBe(true)
      const code = readFileSync(file, 'utf8')
      for (const key of keys) {
        const served = routes.filter((route) => keyOf(route) === key)
        expect(served.map(({ surface }) => surface)).toEqual([operation.surface])
        expect(served.map(({ id }) => id).filter((id) => !isDeclared(code, id))).toEqual([])
      }
    },
  )

  it('are all that the routes serve, but for the additions, each of which the page names', () => {
    const documented = new Set(operations.flatMap(keysOf))
    const others = routes.filter((route) => !documented.has(keyOf(route)))
    expect(others.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...additions].sort())
    expect([...additions].filter((addition) => !page.includes(`\`${addition}\``))).toEqual([])
  })

  it('are what the page lists, and its twins are in the graph', () => {
    const documented = new Set(operations.flatMap(keysOf))
    expect(rows.flatMap(({ keys }) => keys).filter((key) => !documented.has(key))).toEqual([])
    const twins = rows.flatMap((row) => row.twins)
    expect(twins.length).toBeGreaterThan(50)
    expect(twins.filter((name) => !isInGraph(name))).toEqual([])
  })
})

/** Whether a file declares a route of that id, also where words such as `${word}` are put into it. */
function isDeclared(code: string, id: string): boolean {
  const written = [...code.matchAll(/\bid: (?:'(\w+)'|`([\w${}]+)`)/g)].map((found) => found[1] ?? found[2] ?? '')
  return written.some((one) => new RegExp(`^${one.replaceAll(/\$\{\w+\}/g, '\\w*')}$`).test(id))
}
