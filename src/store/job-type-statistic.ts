import { type Kysely, type RawBuilder, sql } from 'kysely'
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
 * other status that they came into within the range (both ends included; no end is no bound). Days that lie wholly in
 * the range come from the ledger `job_tally_day`; jobs are read one by one where they failed, or on a day that an end
 * of the range cuts. The newest job of each status comes from the index `job_status_reached`.
 */
export async function findStatusCounts(
  db: Kysely<Database>,
  jobTypeIds: readonly number[],
  range: { readonly from: string; readonly to: string | null },
): Promise<StatusCount[]> {
  const isOfTypes = sql`job_type_id = any(${[...jobTypeIds]}::bigint[])`
  const low = sql`${range.from}::timestamptz`
  const high = range.to === null ? sql`'infinity'::timestamptz` : sql`${range.to}::timestamptz`
  const { rows } = await sql<StatusCount>`
    with part as (${countedParts(range, isOfTypes)}), standing as (
      select job_type_id, status, sum(n)::bigint as n from part group by 1, 2 having sum(n) > 0
    ), shown as (
      select s.job_type_id, s.status, null::text as category, s.n, f.at from standing s
      cross join lateral (select j.last_status_change as at from job j
        where j.family = 'queued' and j.job_type_id = s.job_type_id and j.status = s.status
          and j.last_status_change <= case when s.status = 'RUNNING' then 'infinity' else ${high} end
        order by j.last_status_change desc limit 1) f
      union all
      select f.job_type_id, 'FAILED', e.category, sum(f.n)::bigint, max(f.at) from (
        select job_type_id, error_id, count(*) as n, max(last_status_change) as at from job
        where family = 'queued' and status = 'FAILED' and ${isOfTypes}
          and last_status_change >= ${low} and last_status_change <= ${high} group by 1, 2
      ) f left join job_error e on e.id = f.error_id group by f.job_type_id, e.category
    )
    select job_type_id as "jobTypeId", status, category, n as count, at as "mostRecent" from shown
    order by job_type_id, array_position(${shownStatuses}::text[], status), category nulls first`.execute(db)
  return rows
}

/** Rows that add up to the jobs of each type and status, but for the failed ones. */
function countedParts(
  { from, to }: { readonly from: string; readonly to: string | null },
  isOfTypes: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const firstWhole = sql`(tally_day(${from}) + interval '24 hours')`
  const lastWhole = to === null ? sql`'infinity'::timestamptz` : sql`tally_day(${to})`
  const singles = (within: RawBuilder<unknown>) => sql`select job_type_id, status, count(*) as n from job
    where family = 'queued' and status not in ('RUNNING', 'FAILED') and ${isOfTypes} and ${within} group by 1, 2`
  const parts = [
    sql`select job_type_id, status, n from job_tally where family = 'queued' and status = 'RUNNING' and ${isOfTypes}`,
    sql`select job_type_id, status, n from job_tally_day
      where ${isOfTypes} and day >= ${firstWhole} and day < ${lastWhole}`,
    singles(sql`last_status_change >= ${from} and last_status_change < ${firstWhole}
      and last_status_change <= coalesce(${to}::timestamptz, 'infinity')`),
  ]
  if (to !== null)
    parts.push(
      singles(sql`last_status_change >= greatest(${lastWhole}, ${firstWhole}, ${from}::timestamptz)
      and last_status_change <= ${to}`),
    )
  return sql.join(parts, sql` union all `)
}

/**
 * A window on the job types that have jobs in the status, those first whose job has stood there longest. How many
 * there are comes from the tally, and the longest of each type from the index `job_status_reached`.
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
