import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { manifest } from '../support/factory.ts'
import { ask, type GatewayProcess, startGateway } from '../support/process.ts'
import { openRelay, type Relay } from '../support/relay.ts'
import { createDatabase } from '../support/store.ts'
import { until } from '../support/wait.ts'

let directory = ''
let database: Awaited<ReturnType<typeof createDatabase>>
let relay: Relay
let gateway: GatewayProcess

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'jobgraph-outage-'))
  database = await createDatabase()
  const url = new URL(database.url)
  relay = await openRelay(database.url)
  url.port = String(relay.port)
  gateway = await startGateway({ DATA_DIR: directory, DATABASE_URL: url.href })
}, 60_000)

afterAll(async () => {
  await relay.mend()
  expect(await gateway.end('SIGTERM')).toBe(0)
  await relay.cut()
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
}, 60_000)

/** The measures, by name with labels. */
async function measures(): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${gateway.url}/metrics`)
  expect(answer.status).toBe(200)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

const served = 'jobgraph_http_requests_total{surface="scale",route="listScaleJobs",status="2xx"}'
const failed = 'jobgraph_http_requests_total{surface="scale",route="listScaleJobs",status="5xx"}'
const unmatched = 'jobgraph_http_requests_total{surface="none",route="unmatched",status="4xx"}'
const errors = 'jobgraph_graphql_operations_total{kind="query",outcome="error"}'
const fine = 'jobgraph_graphql_operations_total{kind="query",outcome="ok"}'

const list = () => fetch(`${gateway.url}/v6/jobs/`)
const query = (text: string) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  })
const ready = () => until('the gateway to be ready', async () => (await fetch(`${gateway.url}/readyz`)).status === 200)
const statusesOf = async (answers: readonly Promise<Response>[]) => {
  const all = await Promise.all(answers)
  await Promise.all(all.map((answer) => answer.text()))
  return [...new Set(all.map(({ status }) => status))]
}
const twenty = (ask: () => Promise<Response>) => Array.from({ length: 20 }, ask)

it('counts on through an outage of the database, answers 503 and never 500, and is there again after it', async () => {
  expect(await statusesOf(twenty(list))).toEqual([200])
  expect((await measures()).get(served)).toBe(20)

  const underWay = twenty(list)
  await relay.cut()
  const before = await statusesOf(underWay)
  expect(before.filter((status) => status !== 200 && status !== 503)).toEqual([])
  const first = await measures()
  expect((first.get(served) ?? 0) + (first.get(failed) ?? 0)).toBe(40)

  const [refused] = await Promise.all([list()])
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await statusesOf(twenty(list))).toEqual([503])
  const graph = await Promise.all(twenty(() => query('{ jobs(first: 1) { edges { cursor } } }')))
  const codes = await Promise.all(graph.map(async (answer) => /"code":"(\w+)"/.exec(await answer.text())?.[1]))
  expect(new Set(codes)).toEqual(new Set(['UNAVAILABLE']))
  expect(await statusesOf([query('{ __typename }')])).toEqual([200])
  expect(await statusesOf([fetch(`${gateway.url}/elsewhere`)])).toEqual([404])
  for (let scrape = 0; scrape < 3; scrape += 1) {
    const away = await measures()
    expect(away.get(served)).toBe(first.get(served))
    expect(away.get(failed)).toBe((first.get(failed) ?? 0) + 21)
    expect([away.get(errors), away.get(fine), away.get(unmatched)]).toEqual([20, 1, 1])
    expect([...away.keys()].filter((name) => name.startsWith('jobgraph_jobs'))).toEqual([])
  }
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503)
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200)

  await relay.mend()
  await ready()
  expect(await statusesOf(twenty(list))).toEqual([200])
  expect(gateway.output()).not.toMatch(/ failed"/)
  const after = await measures()
  expect(after.get(served)).toBe((first.get(served) ?? 0) + 20)
  expect(after.get(failed)).toBe((first.get(failed) ?? 0) + 21)
}, 60_000)

it('carries a job through an outage in which its command ends: nothing of it is lost, and it ran once', async () => {
  const [go, ended] = [join(directory, 'go'), join(directory, 'ended')]
  const command = `sh -c 'echo before; until test -e ${go}; do sleep 0.02; done; echo after; touch ${ended}'`
  const image = { docker_image: 'reg.test/long:1', manifest: manifest('long', '1.0.0', { interface: { command } }) }
  await ask(gateway.url, '/v6/job-types/', 201, image)
  const { id } = (await ask(gateway.url, '/v6/job-types/long/1.0.0/', 200)) as { id: number }
  await ask(gateway.url, '/v6/jobs/', 201, { job_type_id: id, input: {} })
  const log = async () => (await fetch(`${gateway.url}/v6/job-executions/1/logs/combined/?format=txt`)).text()
  await until('its first line', async () => (await log()) === 'before')
  await relay.cut()
  writeFileSync(go, '')
  await until('its end', () => existsSync(ended))
  expect((await list()).status).toBe(503)
  await relay.mend()
  type Job = { status: string; num_exes: number }
  const job = await until('the report', async () => {
    const answer = await fetch(`${gateway.url}/v6/jobs/1/`)
    const one = (await answer.json()) as Job
    return answer.status === 200 && one.status !== 'RUNNING' ? one : null
  })
  expect(job).toMatchObject({ status: 'COMPLETED', num_exes: 1 })
  expect(await log()).toBe('before\nafter')
}, 60_000)

it('tells all but the jobs in time while the database is silent', async () => {
  relay.hold()
  const started = performance.now()
  const scrapes = await Promise.all([measures(), measures(), measures()])
  expect(performance.now() - started).toBeLessThan(5_000)
  for (const scrape of scrapes) {
    expect(scrape.get(served)).toBeGreaterThan(0)
    expect([...scrape.keys()].filter((name) => name.startsWith('jobgraph_jobs'))).toEqual([])
  }
  expect(gateway.output()).toContain('A measure could not be read')
  await relay.mend()
  await ready()
  // What waited meanwhile is answered, and counted.
  expect(await statusesOf(twenty(list))).toEqual([200])
}, 60_000)
