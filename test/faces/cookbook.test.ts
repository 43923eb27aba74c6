import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject } from '#model/json.ts'
import { readCookbook } from '../../src/edge/cookbook.ts'
import { type GatewayProcess, startGateway } from '../support/process.ts'
import { filled, promised } from '../support/promise.ts'
import { root } from '../support/sources.ts'

const page = readFileSync(join(root, 'docs/cookbook.md'), 'utf8')
const operations = readCookbook(page)

/** Every operation, in its order, on a fresh gateway that really runs what is queued. */
describe('the cookbook', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-cookbook-'))
  const answers: Record<string, unknown> = {}
  let gateway: GatewayProcess
  beforeAll(async () => {
    gateway = await startGateway({ DATA_DIR: join(directory, 'data') })
  }, 60_000)
  afterAll(async () => {
    await gateway.end('SIGTERM')
    rmSync(directory, { recursive: true, force: true })
  })

  it('has operations with names of their own, each with a title and a promise', () => {
    const fences = [...page.matchAll(/^```(.+)$/gm)].map(([, kind]) => kind)
    expect(new Set(fences)).toEqual(new Set(['graphql', 'json variables', 'json answer']))
    expect(operations.length).toBe(fences.filter((kind) => kind === 'graphql').length)
    expect(operations.length).toBeGreaterThanOrEqual(20)
    expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length)
    for (const { name, title, answer } of operations)
      expect([name, title, answer]).not.toEqual(expect.arrayContaining(['', null]))
  })

  const ask = async (query: string, variables: unknown): Promise<unknown> => {
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    const body: unknown = await answer.json()
    if (!isObject(body) || body.errors !== undefined) throw new Error(JSON.stringify(body))
    return body.data
  }

  /** Reads a stream until its events have shown all that is promised, in order; answers the last. */
  const follow = async (query: string, variables: unknown, promises: unknown): Promise<unknown> => {
    if (!isObject(variables) || !Array.isArray(promises)) throw new Error('A subscription promises a list of events.')
    const client = createClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 })
    const open = [...promises]
    const heard: unknown[] = []
    for await (const { data, errors } of client.iterate({ query, variables })) {
      expect(errors).toBeUndefined()
      heard.push(data)
      if (fits(data, open[0])) open.shift()
      if (open.length === 0) break
    }
    client.dispose()
    if (open.length > 0) throw new Error(`The stream ended after ${JSON.stringify(heard)}`)
    return heard.at(-1)
  }

  it.each(operations)('$name: $title', { timeout: 60_000 }, async ({ name, query, variables, answer }) => {
    const given = filled(JSON.parse(variables ?? '{}'), answers)
    const promise = promised(filled(JSON.parse(answer ?? 'null'), answers))
    if (query.startsWith('subscription')) answers[name] = await follow(query, given, promise)
    else answers[name] = await ask(query, given)
    if (query.startsWith('query'))
      await expect.poll(async () => (answers[name] = await ask(query, given)), { timeout: 30_000 }).toEqual(promise)
    if (query.startsWith('mutation')) expect(answers[name]).toEqual(promise)
  })
})

/** Whether an event shows what is promised. */
function fits(event: unknown, promise: unknown): boolean {
  try {
    expect(event).toEqual(promise)
    return true
  } catch {
    return false
  }
}
