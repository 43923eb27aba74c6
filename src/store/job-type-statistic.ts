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
 * A window on the job types that have jobs in the status, those first whose job has stood there longest. Found by the
 * index `job_status_modified`.
 */
export async function findLongestCounts(
  db: Kysely<Database>,
  status: 'PENDING' | 'RUNNING',
  window: Window,
): Promise<Counted<LongestCount>> {
  const { rows } = await sql<LongestCount & { total: number }>`
    select j.job_type_id as "jobTypeId", count(*) as count, min(j.last_status_change) as longest, ${total} as total
    from job j where j.family = 'queued' and j.status = ${sql.lit(status)}
    group by j.job_type_id
    order by longest, j.job_type_id
    limit ${window.limit} offset ${window.offset}`.execute(db)
  return counted(rows)
}

/**
 * A window on the job types that have jobs failed with an error of the category SYSTEM, one row for each error, those
 * first that failed last. Found by the index `job_error_modified`.
 */
export async function findSystemFailures(db: Kysely<Database>, window: Window): Promise<Counted<FailureCount>> {
  const { rows } = await sql<FailureCount & { total: number }>`
    select j.job_type_id as "jobTypeId", j.error_id as "errorId", count(*) as count,
      min(j.last_status_change) as "firstError", max(j.last_status_change) as "lastError", ${total} as total
    from job_error e join job j on j.error_id = e.id
    where e.category = 'SYSTEM' and j.family = 'queued' and j.status = 'FAILED'
    group by j.job_type_id, j.error_id
    order by "lastError" desc, j.job_type_id, j.error_id
    limit ${window.limit} offset ${window.offset}`.execute(db)
  return counted(rows)
}
