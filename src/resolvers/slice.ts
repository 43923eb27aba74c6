import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { Job, JobFilter } from '#model/job.ts'
import type { JobType, JobTypeRevision } from '#model/job-type.ts'
import { homeRegion } from '#model/service-job.ts'
import type { FileFilter, JobPlace, JobSliceOrder, JobTypeFilter, JobTypePlace, Slice, Sliced } from '#model/slice.ts'
import type { Workspace, WorkspaceFile } from '#model/workspace.ts'
import { countJobsOfAll } from '#store/job-count.ts'
import { findJobSlice } from '#store/job-slice.ts'
import { countJobTypes as countMatchingTypes, findJobTypeSlice } from '#store/job-type-slice.ts'
import { countServiceJobs as countRegistered, findServiceJobSlice, type NamedJob } from '#store/service-job-slice.ts'
import {
  countWorkspaces as countAllWorkspaces,
  countFiles as countMatchingFiles,
  findFileSlice,
  findWorkspaceSlice,
} from '#store/workspace-slice.ts'
import type { Context } from './context.ts'
import type { Children } from './loaders.ts'

/** A slice of the jobs of either family that match, in an order that holds while jobs are added. */
export async function sliceJobs(
  ctx: Context,
  filter: JobFilter,
  order: JobSliceOrder,
  slice: Slice<JobPlace>,
): Promise<Sliced<Job>> {
  const sliced = await cut(slice, (wider) => findJobSlice(ctx.store.db, filter, order, wider))
  for (const job of sliced.rows) ctx.loaders.job.prime(job.id, job)
  return sliced
}

/** How many jobs of either family match. */
export async function countJobs(ctx: Context, filter: JobFilter): Promise<number> {
  return countJobsOfAll(ctx.store.db, filter)
}

/** A slice of the job types of queued jobs that match, by name and version. */
export async function sliceJobTypes(
  ctx: Context,
  filter: JobTypeFilter,
  slice: Slice<JobTypePlace>,
): Promise<Sliced<JobType>> {
  const sliced = await cut(slice, (wider) => findJobTypeSlice(ctx.store.db, 'queued', filter, wider))
  for (const type of sliced.rows) {
    ctx.loaders.jobType.prime(type.id, type)
    ctx.loaders.jobTypeHead.prime(type.id, type)
  }
  return sliced
}

/** How many job types of queued jobs match. */
export async function countJobTypes(ctx: Context, filter: JobTypeFilter): Promise<number> {
  return countMatchingTypes(ctx.store.db, 'queued', filter)
}

/** A slice of a job's executions, newest number first; the slices of many jobs are read together. */
export async function sliceExecutions(ctx: Context, jobId: number, slice: Slice<number>): Promise<Sliced<Execution>> {
  const sliced = await sliceChildren(ctx.loaders.executionsOf, jobId, slice)
  for (const execution of sliced.rows) ctx.loaders.execution.prime(execution.id, execution)
  return sliced
}

/** A slice of a service job's evaluations, newest first; the slices of many jobs are read together. */
export async function sliceEvaluations(ctx: Context, jobId: number, slice: Slice<number>): Promise<Sliced<Evaluation>> {
  return sliceChildren(ctx.loaders.evaluationsOf, jobId, slice)
}

/** A slice of what an evaluation placed or was the last to update, newest first; those of many are read together. */
export async function slicePlacements(
  ctx: Context,
  evaluationId: number,
  slice: Slice<number>,
): Promise<Sliced<Execution>> {
  const sliced = await sliceChildren(ctx.loaders.placementsOf, evaluationId, slice)
  for (const execution of sliced.rows) ctx.loaders.execution.prime(execution.id, execution)
  return sliced
}

/** A slice of the registered service jobs of this gateway's region whose name begins so, by the bytes of their names. */
export async function sliceServiceJobs(ctx: Context, prefix: string, slice: Slice<string>): Promise<Sliced<NamedJob>> {
  const sliced = await cut(slice, (wider) => findServiceJobSlice(ctx.store.db, homeRegion, prefix, wider))
  for (const job of sliced.rows) ctx.loaders.job.prime(job.id, job)
  return sliced
}

/** How many there are. */
export async function countServiceJobs(ctx: Context, prefix: string): Promise<number> {
  return countRegistered(ctx.store.db, homeRegion, prefix)
}

/** A slice of a job type's revisions, newest number first; the slices of many job types are read together. */
export async function sliceRevisions(
  ctx: Context,
  jobTypeId: number,
  slice: Slice<number>,
): Promise<Sliced<JobTypeRevision>> {
  const sliced = await sliceChildren(ctx.loaders.revisionsOf, jobTypeId, slice)
  for (const revision of sliced.rows) {
    ctx.loaders.revision.prime(revision.id, revision)
    ctx.loaders.revisionHead.prime(revision.id, revision)
  }
  return sliced
}

/** A slice of the workspaces, by name. */
export async function sliceWorkspaces(ctx: Context, slice: Slice<string>): Promise<Sliced<Workspace>> {
  return cut(slice, (wider) => findWorkspaceSlice(ctx.store.db, wider))
}

/** How many workspaces there are. */
export async function countWorkspaces(ctx: Context): Promise<number> {
  return countAllWorkspaces(ctx.store.db)
}

/** A slice of the files that match, the newest registered first. */
export async function sliceFiles(
  ctx: Context,
  filter: FileFilter,
  slice: Slice<number>,
): Promise<Sliced<WorkspaceFile>> {
  return cut(slice, (wider) => findFileSlice(ctx.store.db, filter, wider))
}

/** How many files match. */
export async function countFiles(ctx: Context, filter: FileFilter): Promise<number> {
  return countMatchingFiles(ctx.store.db, filter)
}

/** A slice of what belongs to one parent; the slices of many parents are read together. */
export async function sliceChildren<T, K>(
  { slice: loader }: Children<T, K>,
  parentId: number,
  slice: Slice<K>,
): Promise<Sliced<T>> {
  return cut(slice, async (wider) => [...(await loader.load({ ...wider, parentId }))])
}

/** Reads one row more than asked for, which tells whether there is more. */
export async function cut<T, K>(slice: Slice<K>, find: (wider: Slice<K>) => Promise<T[]>): Promise<Sliced<T>> {
  const rows = await find({ ...slice, limit: slice.limit + 1 })
  const hasMore = rows.length > slice.limit
  if (!hasMore) return { rows, hasMore }
  return { rows: slice.fromEnd ? rows.slice(1) : rows.slice(0, -1), hasMore }
}
