import type { Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import { type Claim, type Lease, maxCrashes, type Outcome } from '#model/execution.ts'
import type { JobError } from '#model/job-type.ts'
import type { NewLogLine } from '#model/log.ts'
import { recordChanges } from './change.ts'
import { claimQueuedJobs, findLapsed, lockLapsed } from './claim.ts'
import { endExecutions, findJobIdOfExecution, type LockedExecution, lockLeased } from './execution.ts'
import { type LockedJob, lockJobs, moveJobs } from './job.ts'
import { findJobError } from './job-error.ts'
import type { KeyRing } from './key-ring.ts'
import { appendLines } from './log.ts'
import { type Store, transaction, writing } from './store.ts'
import type { Database } from './tables.ts'

/**
 * Takes up to `limit` queued jobs for a worker and starts an execution of each, in one transaction and one index.
 * A worker that opens secrets itself gives its `keys`: jobs with a secret that they do not open stay queued.
 */
export async function claimWork(
  store: Store,
  worker: { readonly id: string; readonly nodeId: number },
  limit: number,
  keys: KeyRing | null = null,
): Promise<Claim[]> {
  return writing(store, async (tx) => {
    const claims = await claimQueuedJobs(tx, worker, limit, keys)
    if (claims.length > 0) await recordChanges(tx, claims.flatMap(claimChanges))
    return claims
  })
}

function claimChanges({ jobId, jobTypeId, executionId }: Claim): NewChange[] {
  return [
    { kind: 'JOB', entityId: jobId, jobId, jobTypeId, from: 'QUEUED', to: 'RUNNING' },
    { kind: 'EXECUTION', entityId: executionId, jobId, jobTypeId, to: 'RUNNING' },
  ]
}

/**
 * Appends log lines for the holder of a lease, and wakes those who follow the log. Takes no change index.
 * @throws DomainError STALE_LEASE where the execution is no longer held
 */
export async function appendLog(
  store: Store,
  lease: Lease,
  task: string,
  lines: readonly NewLogLine[],
): Promise<number> {
  const last = await transaction(store, (tx) => appendLines(tx, lease, task, lines))
  store.feed.touch(`log:${lease.executionId}`)
  return last
}

/**
 * Ends an execution with what its worker reports, and moves its job: to COMPLETED, to FAILED, or back to QUEUED while
 * the error should be retried and tries are left.
 * @throws DomainError STALE_LEASE where the execution is no longer held: it was canceled, rescued or ended before
 */
export async function finishWork(store: Store, lease: Lease, outcome: Outcome): Promise<void> {
  await writing(store, async (tx) => {
    const held = await lockHeld(tx, lease)
    const error = outcome.kind === 'FAILED' ? await errorOf(tx, outcome) : null
    await endExecutions(tx, [lease.executionId], outcome.kind, {
      exitCode: outcome.exitCode,
      taskResults: outcome.taskResults,
      ...(outcome.kind === 'COMPLETED' ? { output: outcome.output } : {}),
      ...(error === null ? {} : { errorId: error.id }),
    })
    const jobChange =
      outcome.kind === 'COMPLETED'
        ? await move(tx, held.job, 'COMPLETED', { ended: true, output: outcome.output })
        : await failOrRetry(tx, held.job, error)
    await recordChanges(tx, [executionChange(held.execution, outcome.kind), jobChange])
  })
}

/** Locks job and execution of a lease, in this order, and makes sure that it is the job's current one and running. */
export async function lockHeld(
  tx: Transaction<Database>,
  lease: Lease,
): Promise<{ job: LockedJob; execution: LockedExecution }> {
  const stale = () => new DomainError('STALE_LEASE', `Execution ${lease.executionId} is no longer held.`)
  const jobId = await findJobIdOfExecution(tx, lease.executionId)
  if (jobId === null) throw stale()
  const [job] = await lockJobs(tx, [jobId])
  const execution = await lockLeased(tx, lease)
  if (job === undefined || execution === null) throw stale()
  const current = job.status === 'RUNNING' && job.numExes === execution.number
  if (!current || (execution.status !== 'RUNNING' && execution.status !== 'STARTING')) throw stale()
  return { job, execution }
}

async function errorOf(tx: Transaction<Database>, outcome: Extract<Outcome, { kind: 'FAILED' }>): Promise<JobError> {
  const error =
    (await findJobError(tx, outcome.errorName, outcome.errorJobTypeName)) ??
    (await findJobError(tx, 'algorithm-unknown', null))
  if (error === null) throw new Error('the built-in errors are missing')
  return error
}

async function failOrRetry(tx: Transaction<Database>, job: LockedJob, error: JobError | null): Promise<NewChange> {
  const retry = error?.shouldBeRetried === true && job.numExes - job.lostExes < job.maxTries && !job.isSuperseded
  if (retry) return move(tx, job, 'QUEUED', { requeue: {} })
  return move(tx, job, 'FAILED', { ended: true, errorId: error?.id ?? null })
}

async function move(
  tx: Transaction<Database>,
  job: LockedJob,
  to: LockedJob['status'],
  how: Parameters<typeof moveJobs>[4],
): Promise<NewChange> {
  const moved = await moveJobs(tx, [job.id], job.status, to, how)
  if (moved !== 1) throw new Error(`job ${job.id} was locked and yet did not move to ${to}`)
  return { kind: 'JOB', entityId: job.id, jobId: job.id, jobTypeId: job.jobTypeId, from: job.status, to }
}

function executionChange(execution: LockedExecution, to: string): NewChange {
  const { id, jobId, jobTypeId, status } = execution
  return { kind: 'EXECUTION', entityId: id, jobId, jobTypeId, from: status, to }
}

/**
 * Gives up on an execution whose lease ran out: it is LOST, and its job is queued again, outside the count of its
 * tries. A job that lost its worker three times fails instead.
 * @returns false where the lease was renewed or ended in the meantime
 */
export async function rescueWork(store: Store, executionId: number): Promise<boolean> {
  return writing(store, async (tx) => {
    const jobId = await findJobIdOfExecution(tx, executionId)
    const [job] = jobId === null ? [] : await lockJobs(tx, [jobId])
    if (job === undefined || !(await lockLapsed(tx, executionId))) return false
    const poison = job.crashes + 1 >= maxCrashes
    const error = await findJobError(tx, poison ? 'worker-crash' : 'worker-lost', null)
    const errorId = error?.id ?? null
    await endExecutions(tx, [executionId], 'LOST', errorId === null ? {} : { errorId })
    const { jobTypeId } = job
    const lost: NewChange = {
      kind: 'EXECUTION',
      entityId: executionId,
      jobId: job.id,
      jobTypeId,
      from: 'RUNNING',
      to: 'LOST',
    }
    const next =
      poison || job.isSuperseded
        ? await move(tx, job, 'FAILED', { ended: true, errorId, lost: 'crash' })
        : await move(tx, job, 'QUEUED', { requeue: {}, lost: 'crash' })
    await recordChanges(tx, [lost, next])
    return true
  })
}

/**
 * Hands an execution back unspoiled, as a worker does that shuts down: the execution is LOST, the job queued again,
 * and neither a try nor a crash is counted.
 * @throws DomainError STALE_LEASE where it is no longer held
 */
export async function releaseWork(store: Store, lease: Lease): Promise<void> {
  await writing(store, async (tx) => {
    const { job, execution } = await lockHeld(tx, lease)
    const error = await findJobError(tx, 'worker-lost', null)
    await endExecutions(tx, [execution.id], 'LOST', error === null ? {} : { errorId: error.id })
    const next = await move(tx, job, 'QUEUED', { requeue: {}, lost: 'release' })
    await recordChanges(tx, [executionChange(execution, 'LOST'), next])
  })
}

const rescueBatch = 100

/** Gives every execution whose lease ran out back to the queue; returns how many. */
export async function rescueLapsed(store: Store): Promise<number> {
  let rescued = 0
  for (;;) {
    const lapsed = await findLapsed(store.db, rescueBatch)
    let moved = 0
    for (const { executionId } of lapsed) if (await rescueWork(store, executionId)) moved += 1
    rescued += moved
    if (lapsed.length < rescueBatch || moved === 0) return rescued
  }
}
