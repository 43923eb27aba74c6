import type { Job, JobFilter } from '#model/job.ts'
import type { JobOrder } from '#model/job-order.ts'
import type { Counted, Window } from '#model/window.ts'
import { countJobs } from '#store/job-count.ts'
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
  const jobs = await findJobWindow(db, filter, order.length === 0 ? usualJobOrder : order, window)
  for (const job of jobs) ctx.loaders.job.prime(job.id, job)
  return counted(window, jobs, () => countJobs(db, filter))
}
