import { expect } from 'vitest'
import { type GraphqlAnswer, type GraphqlGateway, openGraphql } from '../support/graphql.ts'

/** One request that must be refused: its id in the list of attacks, what it tries, and the answer's status and code. */
export type Attack = readonly [
  id: string,
  what: string,
  send: (target: Target) => Promise<GraphqlAnswer>,
  status: number,
  code?: string,
]

/** A gateway, and the ways to send it something. */
export type Target = {
  readonly gateway: GraphqlGateway
  readonly post: (query: string, variables?: object) => Promise<GraphqlAnswer>
  readonly raw: (
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<GraphqlAnswer>
  readonly get: (query: string, headers?: Readonly<Record<string, string>>) => Promise<GraphqlAnswer>
  /** Closes the gateway; it must have met no bug. */
  readonly close: () => Promise<void>
}

/** The headers of a JSON request. */
export const json = { 'content-type': 'application/json' }
/** The header that no foreign page can send without asking. */
export const csrf = { 'x-graphql-yoga-csrf': '1' }

/** Opens a gateway as production has it. */
export async function openTarget(): Promise<Target> {
  const gateway = await openGraphql('pglite', { graphiql: false })
  return {
    gateway,
    post: (query, variables = {}) => gateway.ask(query, { ...variables }),
    raw: (body, headers = json) => gateway.fetch('/graphql', { method: 'POST', headers, body }),
    get: (query, headers = csrf) => gateway.fetch(`/graphql?query=${encodeURIComponent(query)}`, { headers }),
    close: async () => {
      expect(gateway.bugs).toEqual([])
      await gateway.close()
    },
  }
}

/** Sends an attack, and expects a short, plain and quick refusal. */
export async function expectRefused(target: Target, one: Attack): Promise<void> {
  const [, , send, status, code] = one
  const started = performance.now()
  const answer = await send(target)
  expect(answer.status).toBe(status)
  expect(performance.now() - started).toBeLessThan(5_000)
  expect(answer.text.length).toBeLessThan(4_000)
  expect(answer.text).not.toMatch(/\bat .+:\d+:\d+/)
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  if (answer.headers.get('content-type')?.includes('json')) {
    expect(answer.errors.length).toBeLessThanOrEqual(10)
    for (const error of answer.errors) expect(error.extensions?.code).toBeTruthy()
  }
  if (code !== undefined) expect(answer.errors[0]?.extensions?.code).toBe(code)
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
}

/** What `make` gives for 0, 1, …, so many times, side by side. */
export function times(count: number, make: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => make(n)).join(' ')
}
