import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobFilter } from '#model/job.ts'
import { cancelJobs, requeueJobs } from '#resolvers/job.ts'
import { countJobs, countRows } from '#store/job-count.ts'
import { foldJobTally } from '#store/job-tally.ts'
import { findStatusCounts } from '#store/job-type-statistic.ts'
import { completed, failed, handWorker, makeJobs, supersede } from '../documents/scale-jobs.ts'
import { registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

const step = fc.oneof(
  fc.record({ do: fc.constant('make' as const), type: fc.nat(1), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constantFrom('complete' as const, 'fail' as const, 'retry' as const, 'run' as const) }),
  fc.record({ do: fc.constantFrom('cancel' as const, 'requeue' as const, 'fold' as const) }),
  fc.record({ do: fc.constant('supersede' as const), which: fc.nat(5) }),
)

onBothStores('the tally behind exact counts', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(() => test.close())

  const tallyRows = async () => {
    const { rows } = await sql<{ n: number }>`select (select count(*) from job_tally)
      + (select count(*) from job_tally_value) + (select count(*) from job_tally_time)
      + (select count(*) from job_tally_day) as n`.execute(test.store.db)
    return rows[0]?.n ?? 0
  }

  it('always says what counting the rows says, whatever was written', async () => {
    const types = [await registerCommand(test, 'one', 'true'), await registerCommand(test, 'two', 'true')]
    const worker = await handWorker(test)
    const { db } = test.store
    const queued = async () => (await countRows(db, { statuses: ['QUEUED'] })) > 0
    const act = async (one: typeof step extends fc.Arbitrary<infer T> ? T : never) => {
      const type = types['type' in one ? one.type : 0]
      if (one.do === 'make' && type !== undefined) await makeJobs(test, type, one.count)
      if (one.do === 'run' && (await queued())) await worker.claim()
      if (one.do === 'complete' && (await queued())) await worker.end(await worker.claim(), completed)
      if (one.do === 'fail' && (await queued())) await worker.end(await worker.claim(), failed('timeout'))
      if (one.do === 'retry' && (await queued())) await worker.end(await worker.claim(), failed('worker-lost'))
      if (one.do === 'cancel') await cancelJobs(test.context(), { jobTypeNames: ['one'] })
      if (one.do === 'requeue') await requeueJobs(test.context(), {}, null)
      if (one.do === 'fold') await foldJobTally(db, 2)
      if (one.do === 'supersede') await supersede(test, one.which + 1)
    }
    const filters: JobFilter[] = [
      {},
      { statuses: ['QUEUED'] },
      { statuses: ['FAILED', 'CANCELED', 'NONE'] },
      { jobTypeIds: types.map(({ id }) => id), isSuperseded: false },
      { jobTypeNames: ['two'], statuses: ['QUEUED'] },
      { errorCategories: ['SYSTEM'] },
      { errorCategories: ['ALGORITHM'], errorIds: [1, 2, 3, 4, 5] },
      { isSuperseded: true },
      { statuses: [] },
      { batchIds: [1, 2] },
      { sourceSensors: ['1'] },
      { modifiedFrom: '2020-01-01T00:00:00Z' },
      { modifiedTo: '2020-01-01T00:00:00Z' },
      { modifiedFrom: '2020-01-01T00:00:00Z', modifiedTo: '2999-01-01T00:00:00Z' },
      { modifiedFrom: '2999-01-01T00:00:00Z', modifiedTo: '2020-01-01T00:00:00Z' },
      { sourceStartedFrom: '2016-01-01T00:00:00Z' },
      { sourceEndedTo: '2016-01-01T00:00:00Z' },
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        for (const one of steps) await act(one)
        for (const filter of filters) expect(await countJobs(db, filter)).toBe(await countRows(db, filter))
      }),
      { numRuns: 12 },
    )
    expect(await countRows(db, {})).toBeGreaterThan(0)
  }, 60_000)

  it('counts a stretch of time exactly, wherever its ends lie in their buckets', async () => {
    const { db } = test.store
    const { rows } = await sql<{ at: string }>`select last_modified as at from job order by random() limit 40`.execute(
      db,
    )
    for (const { at } of rows) {
      for (const { at: to } of rows.slice(0, 5)) {
        const filter = { modifiedFrom: at, modifiedTo: to }
        expect(await countJobs(db, filter)).toBe(await countRows(db, filter))
      }
      expect(await countJobs(db, { modifiedFrom: at })).toBe(await countRows(db, { modifiedFrom: at }))
      expect(await countJobs(db, { modifiedTo: at })).toBe(await countRows(db, { modifiedTo: at }))
    }
  })

  it('counts by status over any span what the rows say', async () => {
    const { db } = test.store
    const { rows: types } = await sql<{ id: number }>`select id from job_type order by id`.execute(db)
    const ids = types.map(({ id }) => id)
    const { rows: times } = await sql<{ at: string }>`
      select last_status_change as at from job order by random() limit 5`.execute(db)
    const days = ['2020-01-01T00:00:00Z', '2999-01-01T12:00:00Z'].map((at) => ({ at }))
    const { rows: edges } = await sql<{ at: string }>`
      select tally_day(clock_timestamp()) + n * interval '12 hours' as at from generate_series(-1, 2) n`.execute(db)
    const ends = [...times, ...days, ...edges].map(({ at }) => at)
    for (const from of ends) {
      for (const to of [null, ...ends]) {
        const { rows } = await sql`select j.job_type_id as "jobTypeId", j.status, e.category, count(*) as count,
            max(j.last_status_change) as "mostRecent"
          from job j left join job_error e on e.id = j.error_id
          where j.family = 'queued' and (j.status = 'RUNNING' or (j.last_status_change >= ${from}::timestamptz
            and j.last_status_change <= coalesce(${to}::timestamptz, 'infinity')))
          group by 1, 2, 3 order by 1, 2, 3`.execute(db)
        const found = await findStatusCounts(db, ids, { from, to })
        expect(new Set(found)).toEqual(new Set(rows))
        expect(found).toHaveLength(rows.length)
      }
    }
    expect(await findStatusCounts(db, ids, { from: '2020-01-01T00:00:00Z', to: null })).not.toEqual([])
  })

  it('reads no job where the tally can tell, and counts rows where it cannot', async () => {
    const { db } = test.store
    test.statements.length = 0
    await countJobs(db, { statuses: ['QUEUED'], jobTypeNames: ['one'] })
    expect(test.statements.filter((statement) => statement.includes('from "job"'))).toEqual([])
    expect(await countJobs(db, { ids: [1, 2, 999_999] })).toBe(2)
  })

  it('is folded to one row of each kind, and only where rows have gathered', async () => {
    const { db } = test.store
    const type = await registerCommand(test, 'folded', 'true')
    for (let n = 0; n < 3; n += 1) await makeJobs(test, type, 1)
    const before = { rows: await tallyRows(), jobs: await countJobs(db, {}) }
    expect(await foldJobTally(db, 1_000_000)).toBe(0)
    const fewer = await foldJobTally(db, 2)
    expect(fewer).toBeGreaterThan(0)
    expect(await tallyRows()).toBe(before.rows - fewer)
    expect(await countJobs(db, {})).toBe(before.jobs)
    expect(await foldJobTally(db, 2)).toBe(0)
  })

  it('loses nothing when it is folded by several at once beside writers', async () => {
    const { db } = test.store
    const type = await registerCommand(test, 'three', 'true')
    const work = Array.from({ length: 8 }, () => [makeJobs(test, type, 3), foldJobTally(db, 1), foldJobTally(db, 1)])
    await Promise.all(work.flat())
    expect(await countJobs(db, { jobTypeIds: [type.id] })).toBe(24)
    expect(await countJobs(db, {})).toBe(await countRows(db, {}))
  })
})
