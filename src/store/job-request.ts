import { type Kysely, sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import type { JobAction, JobFilter } from '#model/job.ts'
import { cancelableJobStatuses, type JobStatus, requeueableJobStatuses } from '#model/status.ts'
import { recordChanges } from './change.ts'
import { json } from './database.ts'
import { endExecutions, insertCanceledExecutions, lockRunning } from './execution.ts'
import { type LockedJob, lockJobs, moveJobs } from './job.ts'
import { jobConditions } from './job-filter.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

const chunk = 500

/** What is asked of all jobs that match, kept until it is done: an accepted request survives a crash. */
export type JobRequest = {
  readonly action: JobAction
  readonly filter: JobFilter
  /** The priority that re-queued jobs get; null keeps theirs. */
  readonly priority: number | null
}

/** How far a request came: whether more is left, and how many jobs it changed so far. */
export type JobRequestProgress = { readonly more: boolean; readonly changed: number }

/**
 * Accepts a request and carries out its first part, in one transaction: one that cannot be carried out is not accepted.
 * @returns its id, with which `advanceJobRequest` goes on, and how far it came
 */
export async function acceptJobRequest(
  store: Store,
  request: JobRequest,
): Promise<JobRequestProgress & { readonly id: number }> {
  return writing(store, async (tx) => {
    const id = await insertJobRequest(tx, request)
    return { id, ...(await advance(tx, id)) }
  })
}

async function insertJobRequest(tx: Transaction<Database>, request: JobRequest): Promise<number> {
  const row = await tx
    .insertInto('job_request')
    .values({ action: request.action, filter: json(request.filter), priority: request.priority })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** Requests that are not yet done, oldest first. */
export async function findOpenJobRequests(db: Kysely<Database>): Promise<number[]> {
  const rows = await db.selectFrom('job_request').select('id').where('done_at', 'is', null).orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/**
 * Carries out the next part of a request, newest jobs first, in one transaction. Jobs made after the request was
 * accepted are none of its business.
 * @returns how far it came; nothing more is left where another process is at it
 */
export async function advanceJobRequest(store: Store, id: number): Promise<JobRequestProgress> {
  return writing(store, (tx) => advance(tx, id))
}

async function advance(tx: Transaction<Database>, id: number): Promise<JobRequestProgress> {
  const request = await tx
    .selectFrom('job_request')
    .select(['action', 'filter', 'priority', 'reached', 'changed', 'created_at as createdAt'])
    .where('id', '=', id)
    .where('done_at', 'is', null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (request === undefined) return { more: false, changed: 0 }
  // Only insertJobRequest writes this column.
  const filter = request.filter as JobFilter
  const ids = await findCandidates(tx, request.action, filter, request.reached, request.createdAt)
  const jobs = (await lockJobs(tx, ids)).filter((job) => mayMove(request.action, filter, job))
  const changes = request.action === 'CANCEL' ? await cancel(tx, jobs) : await requeue(tx, jobs, request.priority)
  const more = ids.length === chunk
  const moved = changes.filter((change) => change.kind === 'JOB').length
  await tx
    .updateTable('job_request')
    .set({
      reached: ids.at(-1) ?? null,
      changed: sql<number>`changed + ${moved}`,
      ...(more ? {} : { done_at: sql<string>`clock_timestamp()` }),
    })
    .where('id', '=', id)
    .execute()
  if (changes.length > 0) await recordChanges(tx, changes)
  return { more, changed: request.changed + moved }
}

async function findCandidates(
  tx: Transaction<Database>,
  action: JobAction,
  filter: JobFilter,
  reached: number | null,
  acceptedAt: string,
): Promise<number[]> {
  const statuses = action === 'CANCEL' ? cancelableJobStatuses : requeueableJobStatuses
  let query = tx
    .selectFrom('job')
    .select('job.id')
    .where((eb) => eb.and(jobConditions(eb, filter)))
    .where('family', '=', 'queued')
    .where('status', 'in', [...statuses])
    .where('created_at', '<=', acceptedAt)
  if (reached !== null) query = query.where('job.id', '<', reached)
  const rows = await query.orderBy('job.id', 'desc').limit(chunk).execute()
  return rows.map(({ id }) => id)
}

/** What was true when the candidates were read may have changed before they were locked. */
function mayMove(action: JobAction, filter: JobFilter, job: LockedJob): boolean {
  if (filter.statuses && !filter.statuses.includes(job.status)) return false
  if (action === 'CANCEL') return cancelableJobStatuses.includes(job.status)
  return requeueableJobStatuses.includes(job.status) && !job.isSuperseded
}

async function cancel(tx: Transaction<Database>, jobs: readonly LockedJob[]): Promise<NewChange[]> {
  const idsOf = (status: JobStatus) => jobs.filter((job) => job.status === status).map(({ id }) => id)
  const running = await lockRunning(tx, idsOf('RUNNING'))
  const ended = await endExecutions(
    tx,
    running.map(({ id }) => id),
    'CANCELED',
    {},
  )
  const unstarted = await insertCanceledExecutions(tx, idsOf('QUEUED'))
  const changes: NewChange[] = []
  const typeOf = new Map(jobs.map((job) => [job.id, job.jobTypeId]))
  const executionChange = (entityId: number, jobId: number, from: string | null): NewChange => ({
    kind: 'EXECUTION',
    entityId,
    jobId,
    ...jobTypeOf(typeOf, jobId),
    from,
    to: 'CANCELED',
  })
  changes.push(...ended.map(({ id, jobId }) => executionChange(id, jobId, 'RUNNING')))
  changes.push(...unstarted.map(({ id, jobId }) => executionChange(id, jobId, null)))
  for (const from of cancelableJobStatuses)
    changes.push(...(await moveAll(tx, jobs, from, 'CANCELED', { errorId: null, nodeId: null })))
  return changes
}

function jobTypeOf(types: ReadonlyMap<number, number>, jobId: number): { jobTypeId?: number } {
  const jobTypeId = types.get(jobId)
  return jobTypeId === undefined ? {} : { jobTypeId }
}

async function requeue(
  tx: Transaction<Database>,
  jobs: readonly LockedJob[],
  priority: number | null,
): Promise<NewChange[]> {
  const neverQueued = jobs.filter((job) => job.numExes === 0)
  const queuedBefore = jobs.filter((job) => job.numExes > 0)
  const again = { requeue: { maxTries: 'grow' as const, ...(priority === null ? {} : { priority }) } }
  return [
    ...(await moveAll(tx, neverQueued, 'CANCELED', 'PENDING', {})),
    ...(await moveAll(tx, queuedBefore, 'CANCELED', 'QUEUED', again)),
    ...(await moveAll(tx, queuedBefore, 'FAILED', 'QUEUED', again)),
  ]
}

async function moveAll(
  tx: Transaction<Database>,
  jobs: readonly LockedJob[],
  from: JobStatus,
  to: JobStatus,
  how: Parameters<typeof moveJobs>[4],
): Promise<NewChange[]> {
  const own = jobs.filter((job) => job.status === from)
  if (own.length === 0) return []
  await moveJobs(
    tx,
    own.map(({ id }) => id),
    from,
    to,
    how,
  )
  return own.map(({ id, jobTypeId }) => ({ kind: 'JOB', entityId: id, jobId: id, jobTypeId, from, to }))
}
