import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '#schema/index.ts'
import { readCookbook } from '../../src/edge/cookbook.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { root } from '../support/sources.ts'

describe('GraphiQL', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite', { graphiql: true })
  })
  afterAll(() => test.close())

  const page = (encoding: string) =>
    test.fetch('/graphql', { headers: { accept: 'text/html', 'accept-encoding': encoding } })

  it.each(['br', 'gzip'])('is sent in %s', async (encoding) => {
    const answer = await page(encoding)
    expect(answer.headers.get('content-encoding')).toBe(encoding)
    expect(answer.text).toBe((await page('identity')).text)
  })

  it('runs its own script alone, and asks no other host', async () => {
    const { headers, text } = await page('br')
    const scripts = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => script)
    const digests = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
    expect(digests).toHaveLength(1)
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src ${digests[0]} blob:; worker-src blob:; style-src 'unsafe-inline'; img-src data:; ` +
        "font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
  })

  it('opens with the cookbook, a tab for each operation, with its variables', async () => {
    const { text } = await page('br')
    const given = /renderYogaGraphiQL\(\s+window\.document\.querySelector\('#root'\),\s+(\{.*\}),\s+\);/.exec(text)?.[1]
    const { defaultTabs: tabs } = JSON.parse(given ?? '{}')
    const operations = readCookbook(readFileSync(join(root, 'docs/cookbook.md'), 'utf8'))
    expect(tabs).toHaveLength(operations.length)
    for (const [place, { query, title, variables }] of operations.entries()) {
      expect(tabs[place].query.startsWith(`# ${title}\n`)).toBe(true)
      expect(tabs[place].query.endsWith(query)).toBe(true)
      expect(tabs[place].variables).toBe(variables)
      expect(validate(schema, parse(tabs[place].query))).toEqual([])
    }
  })
})
