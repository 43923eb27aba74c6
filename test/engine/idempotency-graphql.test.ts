import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { manifest } from '../support/factory.ts'
import { ask, type GatewayProcess, startGateway } from '../support/process.ts'
import { createDatabase } from '../support/store.ts'
import { until } from '../support/wait.ts'

/** Moments at which the database waits while the test holds the lock of that number. */
const moments = { commit: 1, keeping: 2 }

const holds = `
  create function hold() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint); return new; end $$;
  create constraint trigger hold_commit after insert on idempotency deferrable initially deferred
    for each row execute function hold(${moments.commit});
  create trigger hold_keeping before update on idempotency for each row execute function hold(${moments.keeping})`

const mutation = `mutation ($type: ID!) {
  queueJob(input: { jobType: $type }) { __typename ... on QueueJobPayload { job { number } } ... on Error { code } }
}`

let directory = ''
let database: Awaited<ReturnType<typeof createDatabase>>
let owner: pg.Client
let gateway: GatewayProcess
const start = () => startGateway({ DATA_DIR: directory, DATABASE_URL: database.url, ENGINE: 'off' })

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'jobgraph-keys-'))
  database = await createDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  await owner.query(holds)
  gateway = await start()
  await ask(gateway.url, '/v6/job-types/', 201, { docker_image: 'reg.test/keyed:1', manifest: manifest('keyed') })
}, 60_000)

afterAll(async () => {
  await gateway.end('SIGTERM')
  await owner.end()
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})

async function queueUnder(key: string) {
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ query: mutation, variables: { type: Buffer.from('JobType:1').toString('base64') } }),
  })
  const { data = null, errors = [] } = (await answer.json()) as { data?: unknown; errors?: object[] }
  return { status: answer.status, isReplay: answer.headers.has('idempotency-replayed'), data, errors }
}

async function queued(): Promise<number> {
  const jobs = (await ask(gateway.url, '/v6/jobs/', 200)) as { count: number }
  return jobs.count
}

async function waitingAt(moment: keyof typeof moments): Promise<number | null> {
  const { rows } = await owner.query(
    `select pid from pg_locks where locktype = 'advisory' and not granted and objid = $1
      and database = (select oid from pg_database where datname = current_database())`,
    [moments[moment]],
  )
  return rows[0]?.pid ?? null
}

const done = { data: { queueJob: { __typename: 'QueueJobPayload' } }, errors: [] }
const lost = { status: 409, isReplay: false, errors: [{ extensions: { code: 'CONFLICT' } }] }

it.each([
  ['commit', 'is cut off', { status: 200, isReplay: false, ...done }],
  ['commit', 'is carried out', lost],
  ['keeping', 'is cut off', lost],
  ['keeping', 'is carried out', { status: 200, isReplay: true, ...done }],
] as const)(
  'a mutation does its work once where its gateway is killed at the %s, which %s',
  async (moment, fate, expected) => {
    const key = `${moment} ${fate}`.replaceAll(' ', '-')
    const before = await queued()
    await owner.query('select pg_advisory_lock($1)', [moments[moment]])
    const first = queueUnder(key).catch(() => 'the connection broke')
    const pid = await until('the gateway to reach its worst moment', () => waitingAt(moment))
    await gateway.end('SIGKILL')
    expect(await first).toBe('the connection broke')
    gateway = await start()
    // Sent while the database has not yet noticed that the client of the first is gone.
    const retried = queueUnder(key)
    if (fate === 'is cut off') await owner.query('select pg_terminate_backend($1, 5000)', [pid])
    await owner.query('select pg_advisory_unlock($1)', [moments[moment]])
    expect(await retried).toMatchObject(expected)
    expect(await queued()).toBe(before + 1)
    if (expected.status !== 200) return
    expect(await queueUnder(key)).toMatchObject({ ...done, isReplay: true })
    expect(await queued()).toBe(before + 1)
  },
  60_000,
)
