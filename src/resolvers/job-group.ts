import type { Job } from '#model/job.ts'
import type { JobGroup, JobPlace, Slice, Sliced } from '#model/slice.ts'
import type { Context } from './context.ts'
import { sliceChildren } from './slice.ts'

/** A slice of the jobs that share a type, a batch or a recipe, the last changed first; those of many are read together. */
export async function sliceJobGroup(
  ctx: Context,
  group: JobGroup,
  parentId: number,
  slice: Slice<JobPlace>,
): Promise<Sliced<Job>> {
  return primed(ctx, await sliceChildren(ctx.loaders.jobsOf[group], parentId, slice))
}

/** How many jobs share it. */
export async function countJobGroup(ctx: Context, group: JobGroup, parentId: number): Promise<number> {
  return ctx.loaders.jobsOf[group].count.load(parentId)
}

/** A slice of the jobs that a periodic job launched, newest first; those of many are read together. */
export async function sliceLaunches(ctx: Context, jobId: number, slice: Slice<number>): Promise<Sliced<Job>> {
  return primed(ctx, await sliceChildren(ctx.loaders.launchesOf, jobId, slice))
}

function primed(ctx: Context, sliced: Sliced<Job>): Sliced<Job> {
  for (const job of sliced.rows) ctx.loaders.job.prime(job.id, job)
  return sliced
}
