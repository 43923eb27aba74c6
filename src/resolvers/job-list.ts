import type { Job, JobFilter } from '#model/job.ts'
import type { JobOrder } from '#model/job-order.ts'
import type { Counted, Window } from '#model/window.ts'
import { countJobs, isCountedCheaply } from '#store/job-count.ts'
import { findJobWindow } from '#store/job-list.ts'
import type { Context } from './context.ts'
import { counted } from './window.ts'

/** How a list of jobs is sorted unless it says otherwise: longest unmodified first, as the Scale v6 document does. */
export const usualJobOrder: JobOrder = [{ field: 'lastModified', descending: false }]

/** The queued jobs in a window of a list, and how many match in all (Scale v6 "Job List"). An empty order is the usual one. */
export async function listJobWindow(
  ctx: Context,
  filter: JobFilter,
  order: JobOrder,
  window: Window,
): Promise<Counted<Job>> {
  const { db } = ctx.store
  const sorted = order.length === 0 ? usualJobOrder : order
  // Where counting is cheap it comes first: a list with nothing to show is then not searched for, nor its end from afar.
  const known = isCountedCheaply(filter) ? await countJobs(db, filter) : null
  if (known !== null && known <= window.offset) return { count: known, rows: [] }
  const jobs =
    known !== null && window.offset > known / 2 && isReversible(sorted)
      ? await findFromEnd(ctx, filter, sorted, window, known)
      : await findJobWindow(db, filter, sorted, window)
  for (const job of jobs) ctx.loaders.job.prime(job.id, job)
  return counted(window, jobs, async () => known ?? (await countJobs(db, filter)))
}

/** The same window, counted from the list's end: the rows to skip are then the fewer ones. */
async function findFromEnd(
  ctx: Context,
  filter: JobFilter,
  order: JobOrder,
  window: Window,
  count: number,
): Promise<Job[]> {
  const reversed = order.map(({ field, descending }) => ({ field, descending: !descending }))
  const limit = Math.min(window.limit, count - window.offset)
  const jobs = await findJobWindow(ctx.store.db, filter, reversed, { offset: count - window.offset - limit, limit })
  return jobs.reverse()
}

/** Unknown durations come last either way, so that order has no mirror image. */
function isReversible(order: JobOrder): boolean {
  return order.every(({ field }) => field !== 'duration')
}
