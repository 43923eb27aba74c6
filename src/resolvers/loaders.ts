import DataLoader from 'dataloader'
import type { Kysely } from 'kysely'
import type { Allocation } from '#model/allocation.ts'
import type { Position } from '#model/change.ts'
import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { JobChange } from '#model/history.ts'
import type { Job } from '#model/job.ts'
import type { JobError, JobType, JobTypeHead, JobTypeRevision, RevisionHead } from '#model/job-type.ts'
import type { LogLine, LogStream } from '#model/log.ts'
import type { Batch, JobEvent, Recipe, RecipeType } from '#model/reference.ts'
import type { ServiceJob } from '#model/service-job.ts'
import type { ChildSlice, JobGroup, JobPlace } from '#model/slice.ts'
import type { ComputeNode } from '#model/worker.ts'
import type { JobInputFile, Workspace, WorkspaceFile } from '#model/workspace.ts'
import { findAllocations } from '#store/allocation.ts'
import { type ChildCount, type ChildKind, countChildren } from '#store/child-slice.ts'
import { findEvaluationSlices, findEvaluations } from '#store/evaluation.ts'
import { findExecutions, findLatestExecutions } from '#store/execution.ts'
import { findExecutionSlices } from '#store/execution-slice.ts'
import { countHistoryOf, findHistorySlices } from '#store/history-slice.ts'
import { findJobs, findSuccessors } from '#store/job.ts'
import { findJobErrors } from '#store/job-error.ts'
import { countJobGroups, findJobGroupSlices, findLaunchSlices } from '#store/job-group-slice.ts'
import { findJobTypeHeads, findJobTypes, findRevisionHeads, findRevisions } from '#store/job-type.ts'
import { findLinesOf, findLogStreams, type LineQuery } from '#store/log.ts'
import { findLogAllocations, type LogAllocation, type LogGroup } from '#store/log-source.ts'
import {
  findBatches,
  findEvents,
  findJobTypesOfRecipeTypes,
  findRecipes,
  findRecipeTypes,
  findRecipeTypesOfJobTypes,
} from '#store/reference.ts'
import { findRecipeSlices } from '#store/reference-slice.ts'
import { findRevisionSlices } from '#store/revision-slice.ts'
import { findServiceJobs } from '#store/service-job.ts'
import type { Database } from '#store/tables.ts'
import { findNodes } from '#store/worker.ts'
import { findFiles, findJobInputFiles, findWorkspaces } from '#store/workspace.ts'

type One<T> = DataLoader<number, T | null>
type Many<T> = DataLoader<number, readonly T[]>
/** What belongs to each of many parents, in slices, and how much it is in all. */
export type Children<T, K = number> = {
  readonly slice: DataLoader<ChildSlice<K>, readonly T[], string>
  readonly count: DataLoader<number, number>
}
/** A task group of which so many allocations are wanted, newest first. */
type LimitedGroup = LogGroup & { readonly limit: number }

/** Batched reads of one request: however many rows ask, each kind costs one statement. Missing rows are null. */
export type Loaders = {
  readonly job: One<Job>
  readonly successor: One<{ id: number; supersededJobId: number | null }>
  readonly jobType: One<JobType>
  readonly jobTypeHead: One<JobTypeHead>
  readonly revision: One<JobTypeRevision>
  readonly revisionHead: One<RevisionHead>
  readonly revisionsOf: Children<JobTypeRevision>
  readonly execution: One<Execution>
  readonly latestExecution: One<Execution>
  readonly executionsOf: Children<Execution>
  readonly historyOf: Children<JobChange, Position>
  readonly error: One<JobError>
  readonly node: One<ComputeNode>
  readonly event: One<JobEvent>
  readonly batch: One<Batch>
  readonly recipe: One<Recipe>
  readonly recipeType: One<RecipeType>
  readonly workspace: One<Workspace>
  readonly file: One<WorkspaceFile>
  readonly inputFiles: Many<JobInputFile>
  readonly logStreams: Many<LogStream>
  readonly lines: DataLoader<LineQuery, readonly LogLine[], string>
  readonly logAllocations: DataLoader<LimitedGroup, readonly LogAllocation[], string>
  readonly recipeTypesOfJobType: Many<RecipeType & { readonly jobTypeId: number }>
  readonly jobTypesOfRecipeType: Many<JobType & { readonly recipeTypeId: number }>
  readonly recipesOf: Children<Recipe>
  readonly jobsOf: Readonly<Record<JobGroup, Children<Job, JobPlace>>>
  /** By the id of the periodic job. */
  readonly launchesOf: Children<Job>
  /** By the id of the job. */
  readonly serviceJob: One<ServiceJob>
  /** By the id of the execution. */
  readonly allocation: One<Allocation>
  readonly evaluation: One<Evaluation>
  readonly evaluationsOf: Children<Evaluation>
  /** By the id of the evaluation. */
  readonly placementsOf: Children<Execution>
}

/** Fresh loaders on a database; make them anew for each request, since they remember what they read. */
export function createLoaders(db: Kysely<Database>): Loaders {
  const countOf = (kind: ChildKind) => (ids: readonly number[]) => countChildren(db, kind, ids)
  const jobsOf = (group: JobGroup) =>
    children<Job, JobPlace>(
      (...asked) => findJobGroupSlices(db, group, ...asked),
      (ids) => countJobGroups(db, group, ids),
    )
  return {
    job: one((ids) => findJobs(db, ids), byId),
    successor: one(
      (ids) => findSuccessors(db, ids),
      (row) => row.supersededJobId ?? 0,
    ),
    jobType: one((ids) => findJobTypes(db, ids), byId),
    jobTypeHead: one((ids) => findJobTypeHeads(db, ids), byId),
    revision: one((ids) => findRevisions(db, ids), byId),
    revisionHead: one((ids) => findRevisionHeads(db, ids), byId),
    revisionsOf: children((...asked) => findRevisionSlices(db, ...asked), countOf('revision')),
    execution: one((ids) => findExecutions(db, ids), byId),
    latestExecution: one(
      (ids) => findLatestExecutions(db, ids),
      (row) => row.jobId,
    ),
    executionsOf: children((...asked) => findExecutionSlices(db, 'execution', ...asked), countOf('execution')),
    historyOf: children(
      (...asked) => findHistorySlices(db, ...asked),
      (ids) => countHistoryOf(db, ids),
    ),
    error: one((ids) => findJobErrors(db, ids), byId),
    node: one((ids) => findNodes(db, ids), byId),
    event: one((ids) => findEvents(db, ids), byId),
    batch: one((ids) => findBatches(db, ids), byId),
    recipe: one((ids) => findRecipes(db, ids), byId),
    recipeType: one((ids) => findRecipeTypes(db, ids), byId),
    workspace: one((ids) => findWorkspaces(db, ids), byId),
    file: one((ids) => findFiles(db, ids), byId),
    inputFiles: many(
      (ids) => findJobInputFiles(db, ids),
      (row) => row.jobId,
    ),
    logStreams: many(
      (ids) => findLogStreams(db, ids),
      (row) => row.executionId,
    ),
    lines: new DataLoader((queries) => findLinesOf(db, queries), { cacheKeyFn: (query) => JSON.stringify(query) }),
    logAllocations: groups((alike, limit) => findLogAllocations(db, alike, limit)),
    recipeTypesOfJobType: many(
      (ids) => findRecipeTypesOfJobTypes(db, ids),
      (row) => row.jobTypeId,
    ),
    jobTypesOfRecipeType: many(
      (ids) => findJobTypesOfRecipeTypes(db, ids),
      (row) => row.recipeTypeId,
    ),
    recipesOf: children((...asked) => findRecipeSlices(db, ...asked), countOf('recipe')),
    jobsOf: {
      queuedType: jobsOf('queuedType'),
      serviceType: jobsOf('serviceType'),
      batch: jobsOf('batch'),
      recipe: jobsOf('recipe'),
    },
    launchesOf: children((...asked) => findLaunchSlices(db, ...asked), countOf('launch')),
    serviceJob: one((ids) => findServiceJobs(db, ids), byId),
    allocation: one(
      (ids) => findAllocations(db, ids),
      (row) => row.executionId,
    ),
    evaluation: one((ids) => findEvaluations(db, ids), byId),
    evaluationsOf: children((...asked) => findEvaluationSlices(db, ...asked), countOf('evaluation')),
    placementsOf: children((...asked) => findExecutionSlices(db, 'placement', ...asked), countOf('placement')),
  }
}

const byId = (row: { readonly id: number }) => row.id

/** Reads the row that a nullable reference points to; null stays null and costs nothing. */
export async function loadNullable<T>(loader: One<T>, id: number | null): Promise<T | null> {
  return id === null ? null : loader.load(id)
}

/** Reads a row that a foreign key guarantees. */
export async function loadRequired<T>(loader: One<T>, id: number): Promise<T> {
  const row = await loader.load(id)
  if (row === null) throw new Error(`a referenced row ${id} is missing`)
  return row
}

function one<T>(find: (ids: readonly number[]) => Promise<T[]>, keyOf: (row: T) => number): One<T> {
  return new DataLoader(async (ids) => {
    const rows = new Map((await find(ids)).map((row) => [keyOf(row), row]))
    return ids.map((id) => rows.get(id) ?? null)
  })
}

function many<T>(find: (ids: readonly number[]) => Promise<T[]>, keyOf: (row: T) => number): Many<T> {
  return new DataLoader(async (ids) => {
    const rows = Map.groupBy(await find(ids), keyOf)
    return ids.map((id) => rows.get(id) ?? [])
  })
}

/** Groups are read together up to the largest limit, and each is cut to its own. */
function groups<T>(
  find: (groups: readonly LimitedGroup[], limit: number) => Promise<T[][]>,
): DataLoader<LimitedGroup, readonly T[], string> {
  const read = async (asked: readonly LimitedGroup[]) => {
    const found = await find(asked, Math.max(...asked.map(({ limit }) => limit)))
    return asked.map(({ limit }, place) => found[place]?.slice(0, limit) ?? [])
  }
  return new DataLoader(read, { cacheKeyFn: ({ job, taskGroup, limit }) => JSON.stringify([job, taskGroup, limit]) })
}

/** Slices that share limit and end are read together; a page of rows asks for the same slice of each. */
function children<T, K = number>(
  find: (alike: readonly ChildSlice<K>[], limit: number, fromEnd: boolean) => Promise<T[][]>,
  countAll: (parentIds: readonly number[]) => Promise<ChildCount[]>,
): Children<T, K> {
  const keyOf = ({ limit, fromEnd }: ChildSlice<K>) => `${limit} ${fromEnd}`
  const read = async (asked: readonly ChildSlice<K>[]) => {
    const found = new Map<ChildSlice<K>, readonly T[]>()
    for (const alike of Map.groupBy(asked, keyOf).values()) {
      const { limit = 0, fromEnd = false } = alike[0] ?? {}
      const rows = await find(alike, limit, fromEnd)
      for (const [place, slice] of alike.entries()) found.set(slice, rows[place] ?? [])
    }
    return asked.map((slice) => found.get(slice) ?? [])
  }
  const count = async (parentIds: readonly number[]) => {
    const counts = new Map((await countAll(parentIds)).map(({ id, n }) => [id, n]))
    return parentIds.map((id) => counts.get(id) ?? 0)
  }
  return {
    slice: new DataLoader(read, { cacheKeyFn: (slice) => JSON.stringify(slice) }),
    count: new DataLoader(count),
  }
}
