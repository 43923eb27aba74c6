import { noRow } from '#model/error.ts'
import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { Job } from '#model/job.ts'
import { endedJobStatuses, familyOf, type JobFamily, type JobStatus, jobFamilies, jobStatuses } from '#model/status.ts'
import { rowsOfJobTopic, rowsOfTypeTopic, rowTopic } from '#model/topic.ts'
import { readEvaluationSnapshot, readExecutionSnapshot, readJobSnapshot } from '#store/snapshot.ts'
import { type Context, refreshed } from './context.ts'
import type { Stream } from './wait.ts'
import { type WatchEvent, type WatchSource, type WatchStart, watchRows } from './watch.ts'

/** Which jobs to watch; kinds are joined by AND, and an absent one means any. */
export type JobWatch = WatchStart & {
  readonly families?: readonly JobFamily[]
  readonly ids?: readonly number[]
  readonly jobTypeIds?: readonly number[]
}

/**
 * Tells how jobs of either family stand and every later change of their status. The first state is all of the jobs
 * named, or where none are named those that are not at their end.
 * @throws DomainError (from the stream) as `watchRows` does, NOT_FOUND for a job that does not exist
 */
export function watchJobs(ctx: Context, watch: JobWatch): Stream<WatchEvent<Job>> {
  const { families, ids, jobTypeIds } = watch
  const isMeant = among(ids)
  const isOfType = among(jobTypeIds)
  const filter = {
    ...(ids === undefined ? { statuses: activeStatuses } : { ids }),
    ...(jobTypeIds === undefined ? {} : { jobTypeIds }),
  }
  return watchRows(ctx, watch, {
    topics: few(ids, (id) => rowTopic('JOB', id)) ?? few(jobTypeIds, (id) => rowsOfTypeTopic('JOB', id)),
    matches: ({ kind, entityId, jobTypeId }) =>
      kind === 'JOB' &&
      (families === undefined || families.includes(familyOf(entityId))) &&
      isMeant(entityId) &&
      isOfType(jobTypeId),
    read: (limit) => readJobSnapshot(ctx.store, families ?? jobFamilies, filter, limit),
    at: ({ lastStatusChange }) => lastStatusChange,
    check: () => known(ctx, 'job', ids, 'ids'),
  })
}

const activeStatuses: readonly JobStatus[] = jobStatuses.filter((status) => !endedJobStatuses.includes(status))

/** Which rows to watch: these, those of these jobs, or (both absent) all. */
export type RowWatch = WatchStart & { readonly ids?: readonly number[]; readonly jobIds?: readonly number[] }

/**
 * Tells how executions of either family stand and every later change of their status. The first state is all of those
 * that are named directly or by their job, or where none are named those that have not ended.
 * @throws DomainError (from the stream) as `watchJobs` does
 */
export function watchExecutions(ctx: Context, watch: RowWatch): Stream<WatchEvent<Execution>> {
  return watchRows(ctx, watch, {
    ...ofRows('EXECUTION', watch),
    read: (limit) => readExecutionSnapshot(ctx.store, watch, limit),
    at: ({ endedAt, startedAt, createdAt }) => endedAt ?? startedAt ?? createdAt,
    check: async () => {
      await known(ctx, 'job', watch.jobIds, 'jobs')
      await known(ctx, 'execution', watch.ids, 'ids')
    },
  })
}

/**
 * Tells how evaluations stand and every later change of their status. The first state is all of those that are named
 * directly or by their job, or where none are named those that wait.
 * @throws DomainError (from the stream) as `watchJobs` does
 */
export function watchEvaluations(ctx: Context, watch: RowWatch): Stream<WatchEvent<Evaluation>> {
  return watchRows(ctx, watch, {
    ...ofRows('EVALUATION', watch),
    read: (limit) => readEvaluationSnapshot(ctx.store, watch, limit),
    at: ({ lastModified }) => lastModified,
    check: async () => {
      await known(ctx, 'job', watch.jobIds, 'jobs')
      await known(ctx, 'evaluation', watch.ids, 'ids')
    },
  })
}

function ofRows(
  kind: 'EXECUTION' | 'EVALUATION',
  { ids, jobIds }: RowWatch,
): Pick<WatchSource<never>, 'matches' | 'topics'> {
  const isMeant = among(ids)
  const isOfJob = among(jobIds)
  return {
    topics: few(ids, (id) => rowTopic(kind, id)) ?? few(jobIds, (id) => rowsOfJobTopic(kind, id)),
    matches: (change) => change.kind === kind && isMeant(change.entityId) && isOfJob(change.jobId),
  }
}

/** More topics than this cost a watch more than the changes that it would sleep through. */
const mostTopics = 100

/** The topics of what is named; null where nothing is, or too much. */
function few(ids: readonly number[] | undefined, topic: (id: number) => string): readonly string[] | null {
  return ids === undefined || ids.length === 0 || ids.length > mostTopics ? null : ids.map(topic)
}

function among(ids: readonly number[] | undefined): (id: number | null) => boolean {
  if (ids === undefined) return () => true
  const set = new Set<number | null>(ids)
  return (id) => set.has(id)
}

async function known(
  ctx: Context,
  noun: 'job' | 'execution' | 'evaluation',
  ids: readonly number[] | undefined,
  argument: 'ids' | 'jobs',
): Promise<void> {
  if (ids === undefined) return
  // Of a context of their own, so that a stream does not hold these rows as long as it lasts.
  const loader: { readonly load: (id: number) => Promise<object | null> } = refreshed(ctx).loaders[noun]
  const rows = await Promise.all(ids.map((id) => loader.load(id)))
  const place = rows.indexOf(null)
  const missing = ids[place]
  if (missing !== undefined) throw noRow(noun, missing, [argument, place])
}
