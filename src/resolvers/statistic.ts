import type { JobError, JobType } from '#model/job-type.ts'
import type { StatusCount } from '#model/statistic.ts'
import { parseScaleTime } from '#model/time.ts'
import type { Counted, Window } from '#model/window.ts'
import { findJobTypePage } from '#store/job-type-list.ts'
import { findLongestCounts, findStatusCounts, findSystemFailures } from '#store/job-type-statistic.ts'
import type { Context } from './context.ts'
import { loadRequired } from './loaders.ts'

/** How far back counts reach where no start is named. */
const usualSpan = 'PT3H0M0S'

/** A job type with the counts of its jobs; a type without any has none. */
export type JobTypeStatus = { readonly jobType: JobType; readonly counts: readonly StatusCount[] }

/**
 * Counts the jobs of every queued job type by status and error category, least recently modified type first (Scale v6
 * "Job Type Status"). Running jobs always count, others when they came into their status within the range; `from` null
 * means since three hours ago, `to` null until now. `isActive` undefined shows every type.
 */
export async function listJobTypeStatuses(
  ctx: Context,
  filter: { readonly isActive?: boolean; readonly from: string | null; readonly to: string | null },
  window: Window,
): Promise<Counted<JobTypeStatus>> {
  const { isActive, to } = filter
  const range = { from: filter.from ?? parseScaleTime(usualSpan, ctx.now()), to }
  const order = [{ field: 'lastModified', descending: false }] as const
  const types = await findJobTypePage(ctx.store.db, isActive === undefined ? {} : { isActive }, order, window)
  const ids = types.rows.map(({ id }) => id)
  const counts = ids.length === 0 ? [] : await findStatusCounts(ctx.store.db, ids, range)
  const byType = Map.groupBy(counts, ({ jobTypeId }) => jobTypeId)
  const rows = types.rows.map((jobType) => ({ jobType, counts: byType.get(jobType.id) ?? [] }))
  return { count: types.count, rows }
}

/** A job type with how many of its jobs stand in one status, and since when the first of them. */
export type JobTypeLongest = { readonly jobType: JobType; readonly count: number; readonly longest: string }

/**
 * Job types with jobs that are PENDING or RUNNING, the longest first (Scale v6 "Job Types Pending" and "Running").
 * QUEUED jobs are not pending ones.
 */
export async function listLongest(
  ctx: Context,
  status: 'PENDING' | 'RUNNING',
  window: Window,
): Promise<Counted<JobTypeLongest>> {
  const { count, rows } = await findLongestCounts(ctx.store.db, status, window)
  return { count, rows: await Promise.all(rows.map((row) => withJobType(ctx, row))) }
}

/** A job type with how many of its jobs stand failed with one error, and when the first and the last of them failed. */
export type JobTypeFailure = {
  readonly jobType: JobType
  readonly error: JobError
  readonly count: number
  readonly firstError: string
  readonly lastError: string
}

/** Job types with FAILED jobs whose error is the system's, by type and error, the latest first (Scale v6 "System Failures"). */
export async function listSystemFailures(ctx: Context, window: Window): Promise<Counted<JobTypeFailure>> {
  const { count, rows } = await findSystemFailures(ctx.store.db, window)
  const failures = rows.map(async (row) => {
    const [typed, error] = await Promise.all([withJobType(ctx, row), loadRequired(ctx.loaders.error, row.errorId)])
    return { ...typed, error }
  })
  return { count, rows: await Promise.all(failures) }
}

async function withJobType<R extends { readonly jobTypeId: number }>(ctx: Context, row: R) {
  return { ...row, jobType: await loadRequired(ctx.loaders.jobType, row.jobTypeId) }
}
