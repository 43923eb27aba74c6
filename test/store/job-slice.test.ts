import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job, JobFilter } from '#model/job.ts'
import type { JobPlace, JobSliceOrder, Slice } from '#model/slice.ts'
import { findJobSlice } from '#store/job-slice.ts'
import type { Database } from '#store/tables.ts'
import { registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

const columns = {
  created: 'createdAt',
  started: 'startedAt',
  ended: 'endedAt',
  statusChanged: 'lastStatusChange',
  modified: 'lastModified',
} as const
const orders = { CREATED: 'created', STATUS_CHANGED: 'statusChanged', MODIFIED: 'modified' } as const
const times = ['created', 'started', 'ended', 'statusChanged', 'modified'] as const
const bys = ['CREATED', 'STATUS_CHANGED', 'MODIFIED'] as const

onBothStores('A slice of the jobs by one time within bounds of another', (kind) => {
  let test: TestGateway
  let typeId = 0
  beforeAll(async () => {
    test = await openTestGateway(kind)
    typeId = (await registerCommand(test, 'mosaic', 'true')).id
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  /** Jobs that are made `step` after each other; `life`, until the last change of the n-th, is an expression of SQL. */
  const make = (count: number, step: string, life: string) =>
    sql`insert into job (id, family, job_type_id, job_type_revision_id, status, priority, num_exes, created_at, queued_at,
        started_at, ended_at, last_status_change, last_modified, create_index, modify_index)
      select nextval('queued_job_id'), 'queued', ${typeId}::bigint, r.id,
        case n % 7 when 0 then 'PENDING' when 1 then 'RUNNING' else 'COMPLETED' end, 100, 1, at, at,
        case when n % 7 > 0 then at + life * 0.25 end, case when n % 7 > 1 then at + life * 0.5 end,
        at + life * case n % 7 when 0 then 0 when 1 then 0.25 else 0.5 end, at + life, 1, 1
      from generate_series(1::int, ${count}::int) n, job_type_revision r,
        lateral (select timestamptz '2026-03-01 00:00:00Z' + n * ${step}::interval, ${sql.raw(life)}) a(at, life)
      where r.job_type_id = ${typeId}`.execute(test.store.db)

  const slice = (
    db: Kysely<Database>,
    filter: JobFilter,
    order: JobSliceOrder,
    part: Partial<Slice<JobPlace>> = {},
  ): Promise<Job[]> =>
    findJobSlice(db, filter, order, { after: null, before: null, limit: 1_000, fromEnd: false, ...part })

  /** How many jobs this session has looked at and not yet told the statistics of. */
  const rowsRead = async (tx: Kysely<Database>) => {
    const { rows } = await sql<{ read: number }>`select (seq_tup_read + idx_tup_fetch)::int as read
      from pg_stat_xact_user_tables where relname = 'job'`.execute(tx)
    return rows[0]?.read ?? 0
  }

  it('holds what matches and nothing else, whether jobs change soon after they were made or much later', async () => {
    // Six hours are the border between prompt and slow jobs: lives on both sides of it, and on it.
    const lives = `(array['0', '1 minute', '5 hours', '6 hours', '6 hours 1 second', '9 hours', '20 days'])[1 + n * 5 % 7]::interval`
    await make(140, '1 hour', lives)
    const { db } = test.store
    const all = await slice(db, { families: ['queued'] }, { by: 'CREATED', descending: false })
    expect(all).toHaveLength(140)
    for (const by of bys) {
      const descending = by !== 'CREATED'
      const key = columns[orders[by]]
      const sorted = all.toSorted((a, b) => (a[key] === b[key] ? a.id - b.id : a[key] < b[key] ? -1 : 1))
      if (descending) sorted.reverse()
      for (const time of times) {
        const known = [...new Set(all.flatMap((job) => job[columns[time]] ?? []))].sort()
        const cuts = [0.02, 0.3, 0.5, 0.7, 0.98].map((share) => known[Math.floor(known.length * share)] ?? '')
        for (const at of cuts) {
          const within = (isIn: (value: string) => boolean) =>
            sorted.filter((job) => isIn(job[columns[time]] ?? '') && job[columns[time]] !== null).map(({ id }) => id)
          const from = within((value) => value >= at)
          const to = within((value) => value <= at)
          const ids = async (filter: JobFilter, part: Partial<Slice<JobPlace>> = {}) =>
            (await slice(db, filter, { by, descending }, part)).map(({ id }) => id)
          expect(await ids({ [`${time}From`]: at })).toEqual(from)
          expect(await ids({ [`${time}To`]: at })).toEqual(to)
          expect(await ids({ [`${time}From`]: at, statuses: ['RUNNING', 'COMPLETED', 'PENDING'] })).toEqual(from)
          expect(await ids({ [`${time}To`]: at }, { limit: 4 })).toEqual(to.slice(0, 4))
          expect(await ids({ [`${time}From`]: at }, { limit: 4, fromEnd: true })).toEqual(from.slice(-4))
          const middle = sorted[70]
          if (middle === undefined) throw new Error('there are no jobs')
          const after = { at: middle[key], id: middle.id }
          const beyond = new Set(sorted.slice(71).map(({ id }) => id))
          expect(await ids({ [`${time}To`]: at }, { after })).toEqual(to.filter((id) => beyond.has(id)))
        }
      }
    }
  }, 60_000)

  it('begins where its first job can be, and reads few that do not match', async () => {
    await make(5_000, '5 minutes', `case when n % 50 = 0 then interval '3 days' else n % 60 * interval '1 minute' end`)
    await sql`vacuum analyze job`.execute(test.store.db)
    const early = '2026-03-04T00:00:00Z'
    const late = '2026-03-15T00:00:00Z'
    const asked: [JobFilter, JobSliceOrder][] = bys.flatMap((by) =>
      times.flatMap((time): [JobFilter, JobSliceOrder][] => [
        [
          { families: ['queued'], [`${time}To`]: early },
          { by, descending: true },
        ],
        [
          { families: ['queued'], [`${time}From`]: late },
          { by, descending: false },
        ],
      ]),
    )
    for (const [filter, order] of asked) {
      const { found, read } = await test.store.db.transaction().execute(async (tx) => {
        const before = await rowsRead(tx)
        const found = await slice(tx, filter, order, { limit: 10 })
        return { found, read: (await rowsRead(tx)) - before }
      })
      expect(found).toHaveLength(10)
      expect(read, JSON.stringify([filter, order])).toBeLessThan(200)
    }
  }, 60_000)
})
