/** What the suites of the Cluster API document share. */
import { expect } from 'vitest'
import { clusterSurface } from '#rest/cluster/surface.ts'
import { type Placed, placeAllocation, placeService } from '../support/allocation.ts'
import { documentedRouter } from '../support/documented.ts'
import { type Answer, type Ask, openTestGateway, type TestGateway } from '../support/gateway.ts'

/** A gateway whose REST side is the Cluster API; `fetch` gives an answer unread. */
export type Cluster = TestGateway & { readonly fetch: (method: string, path: string, ask?: Ask) => Promise<Response> }

/** Opens one on either database. */
export async function openCluster(kind: 'pglite' | 'postgres'): Promise<Cluster> {
  const test = await openTestGateway(kind)
  const route = documentedRouter([clusterSurface], { report: (error) => test.bugs.push(error) })
  const fetch = async (method: string, path: string, ask: Ask = {}): Promise<Response> => {
    const isText = typeof ask.body === 'string'
    const request = new Request(`http://gateway.test${path}`, {
      method,
      headers: { ...(isText ? {} : { 'content-type': 'application/json' }), ...ask.headers },
      ...(ask.body === undefined ? {} : { body: isText ? String(ask.body) : JSON.stringify(ask.body) }),
    })
    const response = await route(() => test.context(), request)
    if (response === null) throw new Error(`no surface owns ${path}`)
    return response
  }
  const rest = async (method: string, path: string, ask?: Ask): Promise<Answer> => {
    const response = await fetch(method, path, ask)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
  }
  return { ...test, rest, fetch }
}

/** The two logs of the document's sample state: `web` with levels on stdout, `weberr` without on stderr. */
export const sampleLogs = [
  { id: 'web', group: 'web', job: 'web', task: 'web', fileName: 'stdout', logLevel: true },
  { id: 'weberr', group: 'web', job: 'web', task: 'web', fileName: 'stderr', logLevel: false },
]

/** The sample state: the job `web` with one running allocation, and its two logs. */
export async function placeWeb(test: TestGateway): Promise<Placed> {
  const allocation = await placeAllocation(test, await placeService(test, 'web', { web: ['web'] }), 'web')
  expectDone(await test.rest('POST', '/v1/log/logs', { body: sampleLogs }))
  return allocation
}

/** Expects a refusal in the document's words, and returns them. */
export function expectRefusal(answer: Answer, status: number): string {
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  const body: unknown = answer.json()
  expect(body).toMatchObject({ error: expect.stringMatching(/./) })
  return String(Reflect.get(Object(body), 'error'))
}

/** Expects the answer of a POST or DELETE for which the document names none. */
export function expectDone(answer: Answer): void {
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(answer.json()).toEqual({})
}

/** Expects 200 and returns the JSON. */
export function ok(answer: Answer): unknown {
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  return answer.json()
}
