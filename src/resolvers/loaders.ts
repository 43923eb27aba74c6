import DataLoader from 'dataloader'
import type { Kysely } from 'kysely'
import type { Allocation } from '#model/allocation.ts'
import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { JobChange } from '#model/history.ts'
import type { Job } from '#model/job.ts'
import type { JobError, JobType, JobTypeHead, JobTypeRevision, RevisionHead } from '#model/job-type.ts'
import type { LogLine, LogStream } from '#model/log.ts'
import type { Batch, JobEvent, Recipe, RecipeType } from '#model/reference.ts'
import type { ServiceJob } from '#model/service-job.ts'
import type { JobGroup, Slice } from '#model/slice.ts'
import type { ComputeNode } from '#model/worker.ts'
import type { JobInputFile, Workspace, WorkspaceFile } from '#model/workspace.ts'
import { findAllocations } from '#store/allocation.ts'
import { countEvaluationsOf, type EvaluationSlice, findEvaluationSlices, findEvaluations } from '#store/evaluation.ts'
import { findExecutions, findLatestExecutions } from '#store/execution.ts'
import { countExecutionsOf, type ExecutionSlice, findExecutionSlices } from '#store/execution-slice.ts'
import { countHistoryOf, findHistorySlices, type HistorySlice } from '#store/history-slice.ts'
import { findJobs, findSuccessors } from '#store/job.ts'
import { findJobErrors } from '#store/job-error.ts'
import { countJobGroups, findJobGroupSlices, type JobGroupSlice } from '#store/job-group-slice.ts'
import { findJobTypeHeads, findJobTypes, findRevisionHeads, findRevisions } from '#store/job-type.ts'
import { countLaunchesOf, findLaunchSlices, type LaunchSlice } from '#store/launch-slice.ts'
import { findLinesOf, findLogStreams, type LineQuery } from '#store/log.ts'
import { findLogAllocations, type LogAllocation, type LogGroup } from '#store/log-source.ts'
import { countPlacementsOf, findPlacementSlices, type PlacementSlice } from '#store/placement-slice.ts'
import { countRecipesOf, findRecipeSlices, type RecipeSlice } from '#store/recipe-slice.ts'
import {
  findBatches,
  findEvents,
  findJobTypesOfRecipeTypes,
  findRecipes,
  findRecipeTypes,
  findRecipeTypesOfJobTypes,
} from '#store/reference.ts'
import { countRevisionsOf, findRevisionSlices, type RevisionSlice } from '#store/revision-slice.ts'
import { findServiceJobs } from '#store/service-job.ts'
import type { Database } from '#store/tables.ts'
import { findNodes } from '#store/worker.ts'
import { findFiles, findJobInputFiles, findWorkspaces } from '#store/workspace.ts'

type One<T> = DataLoader<number, T | null>
type Many<T> = DataLoader<number, readonly T[]>
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
  readonly revisionSlice: DataLoader<RevisionSlice, readonly JobTypeRevision[], string>
  readonly revisionCount: One<{ readonly id: number; readonly n: number }>
  readonly execution: One<Execution>
  readonly latestExecution: One<Execution>
  readonly executionSlice: DataLoader<ExecutionSlice, readonly Execution[], string>
  readonly executionCount: One<{ readonly id: number; readonly n: number }>
  readonly historySlice: DataLoader<HistorySlice, readonly JobChange[], string>
  readonly historyCount: One<{ readonly id: number; readonly n: number }>
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
  readonly recipeSlice: DataLoader<RecipeSlice, readonly Recipe[], string>
  readonly recipeCount: One<{ readonly id: number; readonly n: number }>
  readonly jobGroupSlice: Readonly<Record<JobGroup, DataLoader<JobGroupSlice, readonly Job[], string>>>
  readonly jobGroupCount: Readonly<Record<JobGroup, One<{ readonly id: number; readonly n: number }>>>
  /** By the id of the periodic job. */
  readonly launchSlice: DataLoader<LaunchSlice, readonly Job[], string>
  readonly launchCount: One<{ readonly id: number; readonly n: number }>
  /** By the id of the job. */
  readonly serviceJob: One<ServiceJob>
  /** By the id of the execution. */
  readonly allocation: One<Allocation>
  readonly evaluation: One<Evaluation>
  readonly evaluationSlice: DataLoader<EvaluationSlice, readonly Evaluation[], string>
  readonly evaluationCount: One<{ readonly id: number; readonly n: number }>
  readonly placementSlice: DataLoader<PlacementSlice, readonly Execution[], string>
  readonly placementCount: One<{ readonly id: number; readonly n: number }>
}

/** Fresh loaders on a database; make them anew for each request, since they remember what they read. */
export function createLoaders(db: Kysely<Database>): Loaders {
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
    revisionSlice: slices((...asked) => findRevisionSlices(db, ...asked)),
    revisionCount: one((ids) => countRevisionsOf(db, ids), byId),
    execution: one((ids) => findExecutions(db, ids), byId),
    latestExecution: one(
      (ids) => findLatestExecutions(db, ids),
      (row) => row.jobId,
    ),
    executionSlice: slices((...asked) => findExecutionSlices(db, ...asked)),
    executionCount: one((ids) => countExecutionsOf(db, ids), byId),
    historySlice: slices((...asked) => findHistorySlices(db, ...asked)),
    historyCount: one((ids) => countHistoryOf(db, ids), byId),
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
    recipeSlice: slices((...asked) => findRecipeSlices(db, ...asked)),
    recipeCount: one((ids) => countRecipesOf(db, ids), byId),
    jobGroupSlice: forGroups((group) => slices((...asked) => findJobGroupSlices(db, group, ...asked))),
    jobGroupCount: forGroups((group) => one((ids) => countJobGroups(db, group, ids), byId)),
    launchSlice: slices((...asked) => findLaunchSlices(db, ...asked)),
    launchCount: one((ids) => countLaunchesOf(db, ids), byId),
    serviceJob: one((ids) => findServiceJobs(db, ids), byId),
    allocation: one(
      (ids) => findAllocations(db, ids),
      (row) => row.executionId,
    ),
    evaluation: one((ids) => findEvaluations(db, ids), byId),
    evaluationSlice: slices((...asked) => findEvaluationSlices(db, ...asked)),
    evaluationCount: one((ids) => countEvaluationsOf(db, ids), byId),
    placementSlice: slices((...asked) => findPlacementSlices(db, ...asked)),
    placementCount: one((ids) => countPlacementsOf(db, ids), byId),
  }
}

function forGroups<T>(of: (group: JobGroup) => T): Readonly<Record<JobGroup, T>> {
  return { queuedType: of('queuedType'), serviceType: of('serviceType'), batch: of('batch'), recipe: of('recipe') }
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
function slices<S extends Slice<unknown>, T>(
  find: (alike: readonly S[], limit: number, fromEnd: boolean) => Promise<T[][]>,
): DataLoader<S, readonly T[], string> {
  const keyOf = ({ limit, fromEnd }: S) => `${limit} ${fromEnd}`
  const read = async (asked: readonly S[]) => {
    const found = new Map<S, readonly T[]>()
    for (const alike of Map.groupBy(asked, keyOf).values()) {
      const { limit = 0, fromEnd = false } = alike[0] ?? {}
      const rows = await find(alike, limit, fromEnd)
      for (const [place, slice] of alike.entries()) found.set(slice, rows[place] ?? [])
    }
    return asked.map((slice) => found.get(slice) ?? [])
  }
  return new DataLoader(read, { cacheKeyFn: (slice) => JSON.stringify(slice) })
}
