import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '#model/json.ts'
import { appendLog, claimJobs, registerWorker } from '#resolvers/work.ts'
import { pathNames, type Route } from '#rest/route.ts'
import { surfaces } from '#rest/surfaces.ts'
import { findLogHead } from '#store/change.ts'
import { hostileBodies, hostileTexts } from '../support/dictionary.ts'
import { examples } from '../support/example.ts'
import { placeFile, queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { hostileValue, mutated } from '../support/mutate.ts'

type AnyRoute = Omit<Route<never>, 'handler'>
type Hostile = { readonly path: string; readonly body: string | undefined; readonly headers: Record<string, string> }

const routes: readonly AnyRoute[] = surfaces.flatMap((surface) => surface.routes)
/** At least 20,000 requests over all routes in the gate; `PROPERTY_RUNS` asks for more. */
const perRoute = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 20_000) / routes.length)
const slowMs = 1_000
/** Surfaces whose every route is known to be both entered and refused; the others await good bodies in example.ts. */
const proven: ReadonlySet<string> = new Set(['scale'])

describe('every route, whatever is put into it', () => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway('postgres')
    const type = await registerCommand(test, 'plain', 'true', {
      contract: { inputs: { files: [{ name: 'TEXT', required: false, multiple: true }] } },
    })
    const fileId = await placeFile(test, 'a.txt', 'a')
    for (let n = 0; n < 8; n += 1) await queue(test, type, { files: { TEXT: [fileId] } })
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'n' })
    const [claim] = await claimJobs(test.context(), worker.id, 2)
    if (claim === undefined) throw new Error('nothing to claim')
    const line = { stream: 'stdout', bytes: Buffer.from('hello\n'), at: new Date().toISOString() }
    await appendLog(test.context(), claim, [line])
  })
  afterAll(() => test.close())

  /** How much lies in the store: a refused request must not change it. */
  const weigh = async () => {
    const { rows } = await sql<{ weight: string }>`select string_agg(n::text, ' ') as weight from (
      select count(*) as n from job union all select count(*) from job_type union all select count(*) from workspace
      union all select count(*) from job_type_revision union all select count(*) from job_error
      union all select count(*) from job_request union all select count(*) from event) t`.execute(test.store.db)
    return `${rows[0]?.weight} ${(await findLogHead(test.store.db)).index}`
  }

  it.each(routes.map((route) => [route.method, route.path, route] as const))(
    '%s %s',
    async (method, _path, route) => {
      const seen = new Map<number, number>()
      let weight = await weigh()
      const property = fc.asyncProperty(requestFor(route), async ({ path, body, headers }) => {
        const started = performance.now()
        const answer = await test.rest(method, path, { headers, ...(body === undefined ? {} : { body }) })
        const took = performance.now() - started
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
        expect(answer.status, `${method} ${path} ${body ?? ''}: ${answer.text.slice(0, 200)}`).toBeLessThan(500)
        expect(took).toBeLessThan(slowMs)
        if (answer.headers.get('content-type')?.startsWith('application/json')) answer.json()
        if (method === 'GET') return
        const now = await weigh()
        if (answer.status >= 400)
          expect(now, `${method} ${path} ${body ?? ''} was refused and changed the store`).toBe(weight)
        weight = now
      })
      await fc.assert(property, { numRuns: perRoute, verbose: false })
      expect(test.bugs).toEqual([])
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
      expect([...seen.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(perRoute)
      if (!proven.has(route.surface)) return
      // What never gets in, or is never refused, tries nothing.
      expect(
        [...seen.keys()].some((status) => status < 300),
        `answers: ${[...seen]}`,
      ).toBe(true)
      expect(
        [...seen.keys()].some((status) => status >= 400),
        `answers: ${[...seen]}`,
      ).toBe(true)
    },
    240_000,
  )
})

/** Requests of one route: mostly reasonable, with something hostile in one or more places. */
function requestFor(route: AnyRoute): fc.Arbitrary<Hostile> {
  return fc.record({ path: pathFor(route), body: bodyFor(route), headers: headersFor(route) })
}

const hostileText = fc.oneof(
  { arbitrary: fc.constantFrom(...hostileTexts), weight: 6 },
  { arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }), weight: 1 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 20 }), weight: 1 },
)

/** What a parameter of a path may well be, by its name; any other is tried with all of these. */
const likely: Readonly<Record<string, readonly string[]>> = {
  job_id: ['1', '2', '8'],
  exe_num: ['1', '2'],
  job_exe_id: ['1', '2'],
  log_id: ['combined', 'stdout', 'stderr'],
  name: ['plain', 'fuzzed'],
  version: ['1.0.0'],
  revision_num: ['1', '2'],
}
const anyLikely = Object.values(likely).flat()

function pathFor(route: AnyRoute): fc.Arbitrary<string> {
  const names = pathNames(route.path)
  const segments = names.map((name) => {
    const good = fc.constantFrom(...(Object.hasOwn(likely, name) ? (likely[name] ?? anyLikely) : anyLikely))
    return fc.oneof({ arbitrary: good, weight: 5 }, { arbitrary: hostileText, weight: 1 })
  })
  return fc.tuple(fc.tuple(...segments), queryFor(route), fc.boolean()).map(([values, query, slash]) => {
    const path = names.reduce((at, name, n) => at.replace(`{${name}}`, encoded(values[n] ?? '')), route.path)
    return `${slash ? path : path.replace(/\/$/, '')}${query}`
  })
}

function queryFor(route: AnyRoute): fc.Arbitrary<string> {
  const own = Object.keys(route.query ?? {})
  const name = fc.oneof(
    { arbitrary: fc.constantFrom(...(own.length === 0 ? ['nonsense'] : own)), weight: 9 },
    { arbitrary: fc.constantFrom('page', 'page_size', 'format', 'order', 'nonsense'), weight: 1 },
  )
  const pair = fc.tuple(name, hostileText)
  return fc.array(pair, { maxLength: 3 }).map((pairs) => {
    // A hostile index is waited for, as documented, so that the wait must be short.
    const wait = own.includes('wait') ? ['wait=1ms'] : []
    const text = [...wait, ...pairs.map(([name, value]) => `${name}=${encoded(value)}`)].join('&')
    return text === '' ? '' : `?${text}`
  })
}

/** A lone surrogate has no percent-encoding; the bytes that broken clients send for it do. */
function encoded(value: string): string {
  return value.isWellFormed() ? encodeURIComponent(value) : '%ed%a0%80'
}

function bodyFor(route: AnyRoute): fc.Arbitrary<string | undefined> {
  if (route.method === 'GET' || route.method === 'DELETE') return fc.constant(undefined)
  const value = fc.oneof(
    { arbitrary: hostileValue, weight: 5 },
    { arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, weight: 2 },
  )
  const names = fieldsOf(route.body)
  const object = fc
    .array(fc.tuple(fc.constantFrom(...names, '__proto__', 'nonsense'), value), { maxLength: 5 })
    .map((pairs) => JSON.stringify(Object.fromEntries(pairs)))
  const good = examples.get(route.id)
  const faulty = good === undefined ? [] : [{ arbitrary: mutated(good).map(bodyText), weight: 12 }]
  return fc.oneof(
    ...faulty,
    { arbitrary: object, weight: 8 },
    { arbitrary: fc.constantFrom(...hostileBodies), weight: 1 },
    { arbitrary: value.map(bodyText), weight: 1 },
  )
}

function bodyText(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}

function fieldsOf(schema: JsonObject | undefined): string[] {
  const properties = schema?.properties
  return isObject(properties) ? Object.keys(properties) : ['a']
}

function headersFor(route: AnyRoute): fc.Arbitrary<Record<string, string>> {
  const type = mostly('application/json', 'text/plain', 'nonsense', 'application/x-www-form-urlencoded')
  const accept = mostly('*/*', 'application/json', 'text/html', 'image/png;q=0.1', ';')
  const forwarded = fc.constantFrom(undefined, undefined, 'jobs.example', 'a b', 'x:99999', '[::1]')
  return fc.tuple(type, accept, forwarded).map(([contentType, accepted, host]) => ({
    accept: accepted,
    ...(route.method === 'GET' ? {} : { 'content-type': contentType }),
    ...(host === undefined ? {} : { 'x-forwarded-host': host }),
  }))
}

/** The usual value nine times in ten, else one of all. */
function mostly(usual: string, ...others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constant(usual), weight: 9 },
    { arbitrary: fc.constantFrom(usual, ...others), weight: 1 },
  )
}
