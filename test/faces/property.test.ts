import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '#model/json.ts'
import { listJobAllocations } from '#resolvers/allocation.ts'
import { setLogSources } from '#resolvers/log-source.ts'
import { setSecret } from '#resolvers/secret.ts'
import { deregisterServiceJob, listServiceJobs } from '#resolvers/service-job.ts'
import { appendLog, claimJobs, registerWorker } from '#resolvers/work.ts'
import { pathNames, type Route, type SurfaceName } from '#rest/route.ts'
import { surfaces } from '#rest/surfaces.ts'
import { findLogHead } from '#store/change.ts'
import { hostileBodies, hostileTexts } from '../support/dictionary.ts'
import { examples } from '../support/example.ts'
import { placeFile, queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { hostileValue, mutated } from '../support/mutate.ts'
import { instances, type Stage, setStage } from '../support/service.ts'

type AnyRoute = Omit<Route<never>, 'handler'>
type Hostile = { readonly path: string; readonly body: string | undefined; readonly headers: Record<string, string> }

const routes: readonly AnyRoute[] = surfaces.flatMap((surface) => surface.routes)
/** At least 20,000 requests over all routes in the gate; `PROPERTY_RUNS` asks for more. */
const perRoute = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 20_000) / routes.length)
const slowMs = 1_000
/**
 * Routes that take nothing but their path, so that nothing can be wrong with a request but a query that no route takes
 * (one with NUL), which is too rare to be counted on.
 */
const neverRefused: ReadonlySet<string> = new Set([
  'startAllBastionJobs',
  'stopAllBastionJobs',
  'getClusterSettings',
  'getClusterDefaultSettings',
  'getClusterSettingsSchema',
  'listClusterLogs',
  'getClusterDefaultLoggers',
  'getClusterEvents',
  'listClusterSecrets',
  'listClusterSecretsV1',
])

describe('every route, whatever is put into it', () => {
  let test: TestGateway
  let stage: Stage
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
    stage = await setStage(test)
    await furnish()
    await stage.act()
    allocations.push(...(await listJobAllocations(test.context(), 'web')).value.map(({ uuid }) => uuid))
  })
  afterAll(() => test.close())

  /** What the service surfaces' likely paths name; the requests of one route must not starve those of the next. */
  const furnish = async () => {
    for (const { name } of (await listServiceJobs(test.context())).value)
      await deregisterServiceJob(test.context(), name)
    await stage.register('web', instances(1))
    await stage.register('cron', { ...instances(1), Type: 'batch', Periodic: cron })
    await setLogSources(test.context(), [{ id: 'web', job: 'web', taskGroup: 'g1', task: 't1', hasLevel: true }])
    for (const id of likely.cluster.secret ?? []) await setSecret(test.context(), id, { TOKEN: 'v' })
  }

  /** How much lies in the store: a refused request must not change it. */
  const weigh = async () => {
    const { rows } = await sql<{ weight: string }>`select string_agg(n::text, ' ') as weight from (
      select count(*) as n from job union all select count(*) from job_type union all select count(*) from workspace
      union all select count(*) from job_type_revision union all select count(*) from job_error
      union all select count(*) from job_request union all select count(*) from event
      union all select count(*) from service_job union all select count(*) from evaluation
      union all select sum(version) from secret union all select sum(hashtext(settings::text)) from settings
      union all select sum(hashtext(log_source::text)) from log_source
      union all select sum(hashtext(logger_default::text)) from logger_default
      union all select sum(hashtext(logger_override::text)) from logger_override
      union all select sum(hashtext(event_definition::text)) from event_definition) t`.execute(test.store.db)
    return `${rows[0]?.weight} ${(await findLogHead(test.store.db)).index}`
  }

  it.each(routes.map((route) => [route.method, route.path, route] as const))(
    '%s %s',
    async (method, _path, route) => {
      await furnish()
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
      await fc.assert(property, { numRuns: perRoute, seed, verbose: false })
      expect(test.bugs).toEqual([])
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
      expect([...seen.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(perRoute)
      // What never gets in, or is never refused, tries nothing.
      expect(
        [...seen.keys()].some((status) => status < 300),
        `answers: ${[...seen]}`,
      ).toBe(true)
      if (neverRefused.has(route.id)) return
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

/** The same requests in every gate; PROPERTY_SEED=<a number> tries others. */
const seed = Number(process.env.PROPERTY_SEED ?? 20_261_125)

/** The allocations of the job `web`, once they are placed. */
const allocations: string[] = []
const cron = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: false }

/** What a parameter of a path may well be, by its name; any other is tried with all of its surface's. */
const likely: Readonly<Record<SurfaceName, Readonly<Record<string, readonly string[]>>>> = {
  scale: {
    job_id: ['1', '2', '8'],
    exe_num: ['1', '2'],
    job_exe_id: ['1', '2'],
    log_id: ['combined', 'stdout', 'stderr'],
    name: ['plain', 'fuzzed'],
    version: ['1.0.0'],
    revision_num: ['1', '2'],
  },
  nomad: { job: ['web', 'web', 'cron', 'nobody'] },
  bastion: { jobName: ['web', 'web', 'cron', 'nobody'] },
  cluster: {
    job_id: ['web', 'web', 'cron', 'nobody'],
    log: ['web', 'file'],
    alloc: allocations,
    task: ['t1', 'g1'],
    fs: ['stdout', 'stderr', 'web.log'],
    logger: ['web'],
    counter: ['0', '1'],
    secret: ['command', 'disco'],
  },
}

function pathFor(route: AnyRoute): fc.Arbitrary<string> {
  const names = pathNames(route.path)
  const own = likely[route.surface]
  const segments = names.map((name) => {
    const good = fc.constantFrom(...(own[name] ?? Object.values(own).flat()))
    // Every URL parser takes these two out of a path, so that the request would be another route's, or nobody's.
    const hostile = hostileText.filter((text) => text !== '.' && text !== '..')
    return fc.oneof({ arbitrary: good, weight: 5 }, { arbitrary: hostile, weight: 1 })
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
  const tried = [
    { arbitrary: fc.constant(good).map(bodyText), weight: 2 },
    { arbitrary: mutated(good).map(bodyText), weight: 12 },
  ]
  return fc.oneof(
    ...(good === undefined ? [] : tried),
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

/** A header holds less than other places, so that the hostile texts do not all fit. */
const waitIndex = fc.constantFrom(undefined, '', '0', '1', '-1', '1.5', 'abc', '9007199254740993', '9'.repeat(400))

function headersFor(route: AnyRoute): fc.Arbitrary<Record<string, string>> {
  const type = mostly('application/json', 'text/plain', 'nonsense', 'application/x-www-form-urlencoded')
  const accept = mostly('*/*', 'application/json', 'text/html', 'image/png;q=0.1', ';')
  const forwarded = fc.constantFrom(undefined, undefined, 'jobs.example', 'a b', 'x:99999', '[::1]')
  const index = route.headers?.waitIndex === undefined ? fc.constant(undefined) : waitIndex
  return fc.tuple(type, accept, forwarded, index).map(([contentType, accepted, host, waited]) => ({
    ...(waited === undefined ? {} : { waitIndex: waited }),
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
