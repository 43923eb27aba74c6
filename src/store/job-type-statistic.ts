import { type Kysely, sql } from 'kysely'
import type { FailureCount, LongestCount, StatusCount } from '#model/statistic.ts'
import type { Counted, Window } from '#model/window.ts'
import type { Database } from './tables.ts'
import { counted, total } from './window.ts'

/*
 * None of these reads more jobs than it counts. Statuses and family are written into the statements, not bound: only so
 * can a plan that is kept for its statement's name use the partial indexes.
 */

/** The counts of a status list in the order in which the Scale v6 job types document shows them. */
const shownStatuses = ['RUNNING', 'QUEUED', 'PENDING', 'BLOCKED', 'FAILED', 'COMPLETED', 'CANCELED']

/**
 * Counts jobs of the given types by status and error category: those that run, whenever they began, and those of any
 * other status that they came into within the range (both ends included; no end is no bound). The running ones are
 * found by the index `job_status_modified` or `job_running`, the others by `job_status_change`.
 */
export async function findStatusCounts(
  db: Kysely<Database>,
  jobTypeIds: readonly number[],
  range: { readonly from: string; readonly to: string | null },
): Promise<StatusCount[]> {
  const types = [...jobTypeIds]
  const end = range.to === null ? sql`` : sql`and j.last_status_change <= ${range.to}::timestamptz`
  const { rows } = await sql<StatusCount>`
    select c.job_type_id as "jobTypeId", c.status, e.category, count(*) as count,
      max(c.last_status_change) as "mostRecent"
    from (
      select j.job_type_id, j.status, j.error_id, j.last_status_change from job j
      where j.family = 'queued' and j.status = 'RUNNING' and j.job_type_id = any(${types}::bigint[])
      union all
      select j.job_type_id, j.status, j.error_id, j.last_status_change from job j
      where j.family = 'queued' and j.status <> 'RUNNING' and j.job_type_id = any(${types}::bigint[])
        and j.last_status_change >= ${range.from}::timestamptz ${end}
    ) c left join job_error e on e.id = c.error_id
    group by c.job_type_id, c.status, e.category
    order by c.job_type_id, array_position(${shownStatuses}::text[], c.status), e.category nulls first`.execute(db)
  return rows
}

/**
 * A window on the job types that have jobs in the status, those first whose job has stood there longest. How many
 * there are comes from the tally, and the longest of each type from the index `job_standing`.
 */
export async function findLongestCounts(
  db: Kysely<Database>,
  status: 'PENDING' | 'RUNNING',
  window: Window,
): Promise<Counted<LongestCount>> {
  const { rows } = await sql<LongestCount & { total: number }>`
    select t.job_type_id as "jobTypeId", t.n as count, f.longest, ${total} as total
    from (select job_type_id, sum(n)::bigint as n from job_tally
      where family = 'queued' and status = ${sql.lit(status)} group by 1 having sum(n) > 0) t
    cross join lateral (select last_status_change as longest from job j
      where j.family = 'queued' and j.status = ${sql.lit(status)} and j.job_type_id = t.job_type_id
      order by last_status_change limit 1) f
    order by f.longest, t.job_type_id
    limit ${window.limit} offset ${window.offset}`.execute(db)
  return counted(rows)
}

/**
 * A window on the job types that have jobs failed with an error of the category SYSTEM, one row for each error, those
 * first that failed last. How many there are comes from the tally, first and last from the index `job_failure`.
 */
export async function findSystemFailures(db: Kysely<Database>, window: Window): Promise<Counted<FailureCount>> {
  const change = (direction: 'asc' | 'desc') => sql`(select j.last_status_change from job j
    where j.family = 'queued' and j.status = 'FAILED' and j.job_type_id = t.job_type_id and j.error_id = t.error_id
    order by j.last_status_change ${sql.raw(direction)} limit 1)`
  const { rows } = await sql<FailureCount & { total: number }>`
    select t.job_type_id as "jobTypeId", t.error_id as "errorId", t.n as count, f.first as "firstError",
      f.last as "lastError", ${total} as total
    from (select job_type_id, error_id, sum(n)::bigint as n from job_tally
      where family = 'queued' and status = 'FAILED' and error_id in (select id from job_error where category = 'SYSTEM')
      group by 1, 2 having sum(n) > 0) t
    cross join lateral (select ${change('asc')} as first, ${change('desc')} as last) f
    order by f.last desc, t.job_type_id, t.error_id
    limit ${window.limit} offset ${window.offset}`.execute(db)
  return counted(rows)
}
