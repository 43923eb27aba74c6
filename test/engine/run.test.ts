import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Running, runClaim } from '#engine/run.ts'
import type { Claim } from '#model/execution.ts'
import type { JobType } from '#model/job-type.ts'
import { listLines } from '#resolvers/log.ts'
import { registerWorker } from '#resolvers/work.ts'
import { claimWork } from '#store/work.ts'
import { benchOf, placeFile, queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

/** A gateway without an engine, a job type with a file input, and a bench to run single claims at. */
async function open(kind: 'pglite' | 'postgres') {
  const test = await openTestGateway(kind)
  const reports: unknown[] = []
  const log = { debug: () => {}, error: (_message: string, error: unknown) => void reports.push(error) }
  const bench: Bench = { ...(await benchOf(test)), log }
  const contract = { inputs: { files: [{ name: 'TEXT' }] } }
  const type = await registerCommand(test, 'reader', `sh -c 'cat "$TEXT"'`, { contract })
  const worker = await registerWorker(test.context(), { name: 'bench', hostname: 'bench.test' })
  const claim = async (): Promise<Claim> => {
    const [one] = await claimWork(test.store, worker, 1)
    if (one === undefined) throw new Error('nothing was claimed')
    return one
  }
  return { test, bench, type, claim, reports }
}

async function queueReader(test: TestGateway, type: JobType): Promise<number> {
  const file = await placeFile(test, 'poem.txt', 'one two three\n')
  return (await queue(test, type, { files: { TEXT: [file] } })).id
}

onBothStores('a job that the gateway cannot read', (kind) => {
  let ground: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    ground = await open(kind)
  })
  afterAll(() => ground.test.close())

  it('is tried again, then fails with the cause, and never counts as a crash', async () => {
    const { test, bench, type, claim, reports } = ground
    const jobId = await queueReader(test, type)
    const torn = JSON.stringify({ files: { TEXT: ['no number'] }, json: {} })
    await test.store.db.updateTable('job').set({ input: torn }).where('id', '=', jobId).execute()
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const one = await claim()
      await runClaim(bench, one).done
      const [line] = await listLines(test.context(), { executionId: one.executionId, limit: 10 })
      expect(Buffer.from(line?.bytes ?? []).toString()).toBe(
        '[jobgraph: The job could not be prepared (22P02); the log of its gateway tells why.]\n',
      )
    }
    const job = await test.store.db
      .selectFrom('job')
      .innerJoin('job_error as e', 'e.id', 'job.error_id')
      .select(['job.status', 'crashes', 'lost_exes', 'e.name', 'e.category'])
      .where('job.id', '=', jobId)
      .executeTakeFirst()
    expect(job).toEqual({ status: 'FAILED', crashes: 0, lost_exes: 0, name: 'preparation', category: 'SYSTEM' })
    expect(reports).toHaveLength(3)
    expect(reports[0]).toMatchObject({ code: '22P02' })
  })
})

describe('a run whose database goes away for a moment', () => {
  let ground: Awaited<ReturnType<typeof open>>
  let owner: pg.Client
  beforeAll(async () => {
    ground = await open('postgres')
    owner = new pg.Client({ connectionString: ground.test.url ?? '' })
    await owner.connect()
  })
  afterAll(async () => {
    await owner.end()
    await ground.test.close()
  })

  /** Runs `act` while `lock` is held, cuts off who waits for it, and lets go. */
  async function cutOff(lock: string, act: () => Running): Promise<void> {
    await owner.query('begin')
    await owner.query(lock)
    const run = act()
    const pid = await until('a statement that waits', async () => {
      const { rows } = await owner.query(
        'select pid from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))',
      )
      return rows[0]?.pid
    })
    await owner.query('select pg_terminate_backend($1, 5000)', [pid])
    await owner.query('commit')
    await run.done
  }

  it.each([
    ['while it reads its task', () => 'lock table workspace_file in access exclusive mode'],
    [
      'while it writes its plan',
      ({ executionId }: Claim) => `select 1 from execution where id = ${executionId} for update`,
    ],
    ['while it reports', ({ jobId }: Claim) => `select 1 from job where id = ${jobId} for update`],
  ])('carries on: %s', async (_when, lockFor) => {
    const { test, bench, type, claim, reports } = ground
    const jobId = await queueReader(test, type)
    const one = await claim()
    await cutOff(lockFor(one), () => runClaim(bench, one))
    expect(await test.context().loaders.job.load(jobId)).toMatchObject({ status: 'COMPLETED', numExes: 1 })
    const lines = await listLines(test.context(), { executionId: one.executionId, limit: 10 })
    expect(lines.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['one two three\n'])
    expect([...reports, ...test.bugs]).toEqual([])
  })
})
