import { expressionBuilder, type Kysely, sql } from 'kysely'
import type { JobFilter } from '#model/job.ts'
import { jobConditions } from './job-filter.ts'
import type { Database } from './tables.ts'

/** The kinds of a filter that the tally can tell apart; `job_tally` has a column for each or for what it joins to. */
const tallied: ReadonlySet<string> = new Set([
  'statuses',
  'jobTypeIds',
  'jobTypeNames',
  'errorCategories',
  'errorIds',
  'isSuperseded',
])

/**
 * How many queued jobs match a filter, exactly. The common filters are answered from the tally, which every write of
 * a job keeps in its own transaction, and so cost nothing however many jobs there are; any other filter counts rows.
 */
export async function countJobs(db: Kysely<Database>, filter: JobFilter): Promise<number> {
  return Object.keys(filter).every((kind) => tallied.has(kind)) ? countTally(db, filter) : countRows(db, filter)
}

/** Adds up the tally; only for filters of the kinds that it can tell apart. */
async function countTally(db: Kysely<Database>, filter: JobFilter): Promise<number> {
  // Named `job`, the tally answers the very conditions that jobs do: its columns bear the same names.
  const eb = expressionBuilder<Database, 'job'>()
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(job.n), 0)::bigint as n from job_tally as job
    where job.family = 'queued' and ${eb.and(jobConditions(eb, filter))}`.execute(db)
  return rows[0]?.n ?? 0
}

/** Counts the matching jobs one by one. */
export async function countRows(db: Kysely<Database>, filter: JobFilter): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select(sql<number>`count(*)`.as('n'))
    .where(sql<boolean>`job.family = 'queued'`)
    .where((eb) => eb.and(jobConditions(eb, filter)))
    .executeTakeFirstOrThrow()
  return row.n
}

/**
 * Adds up what writes have appended to the tally, one row for each kind of job that has gathered at least `crowd`
 * rows. Safe beside writers and beside itself: a row is taken away by one fold only, in the statement that adds its
 * sum.
 * @returns how many rows fewer the tally has
 */
export async function foldJobTally(db: Kysely<Database>, crowd = 100): Promise<number> {
  const { rows } = await sql<{ fewer: number }>`
    with crowded as (
      select family, job_type_id, status, error_id, is_superseded from job_tally
      group by 1, 2, 3, 4, 5 having count(*) >= ${crowd}
    ), gone as (
      delete from job_tally t using crowded c
      where t.family = c.family and t.job_type_id = c.job_type_id and t.status = c.status
        and t.error_id is not distinct from c.error_id and t.is_superseded = c.is_superseded
      returning t.family, t.job_type_id, t.status, t.error_id, t.is_superseded, t.n
    ), kept as (
      insert into job_tally (family, job_type_id, status, error_id, is_superseded, n)
      select family, job_type_id, status, error_id, is_superseded, sum(n) from gone
      group by 1, 2, 3, 4, 5 having sum(n) <> 0
      returning 1
    )
    select (select count(*) from gone) - (select count(*) from kept) as fewer`.execute(db)
  return rows[0]?.fewer ?? 0
}
