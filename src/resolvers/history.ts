import type { Position } from '#model/change.ts'
import type { JobChange } from '#model/history.ts'
import type { Slice, Sliced } from '#model/slice.ts'
import type { Context } from './context.ts'
import { sliceChildren } from './slice.ts'

/** A slice of the kept changes of a job, newest first; the slices of many jobs are read together. */
export async function sliceHistory(ctx: Context, jobId: number, slice: Slice<Position>): Promise<Sliced<JobChange>> {
  return sliceChildren(ctx.loaders.historyOf, jobId, slice)
}
