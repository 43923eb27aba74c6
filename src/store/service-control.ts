import { sql, type Transaction } from 'kysely'
import { badInput, notFound } from '#model/error.ts'
import { recordChanges } from './change.ts'
import { evaluationChange } from './evaluation.ts'
import { insertJobEvaluation, jobNotFound } from './service-end.ts'
import type { ServiceJobRow, ServiceKey } from './service-job.ts'
import { lockServiceJob, serviceJobChange, settleServiceJob, touchRegistration } from './service-lock.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/**
 * Starts a job that does not run: its counts go to their initial values, and a batch job runs anew. One that runs, or
 * is about to, is left alone and takes no index.
 * @param nextLaunch when a periodic job is due next; null for any other
 * @returns the job's row id
 * @throws DomainError NOT_FOUND
 */
export async function startServiceJob(store: Store, key: ServiceKey, nextLaunch: string | null): Promise<number> {
  return writing(store, async (tx) => {
    const job = await lockKnown(tx, key)
    if (isGoing(job)) return job.id
    await tx
      .updateTable('service_job')
      .set({ is_stopped: false, first_run: job.numExes + 1, next_launch: job.isPeriodic ? nextLaunch : null })
      .where('job_id', '=', job.id)
      .execute()
    await tx.updateTable('task_group').set({ count: sql<number>`count_init` }).where('job_id', '=', job.id).execute()
    return finish(tx, job, 'job-register')
  })
}

/**
 * Stops a job: nothing of it is wanted any more, while its definition and its counts stay. One that is dead, or is
 * being stopped, is left alone and takes no index.
 * @returns the job's row id
 * @throws DomainError NOT_FOUND
 */
export async function stopServiceJob(store: Store, key: ServiceKey): Promise<number> {
  return writing(store, async (tx) => {
    const job = await lockKnown(tx, key)
    return isGoing(job) ? stop(tx, job) : job.id
  })
}

async function stop(tx: Transaction<Database>, job: ServiceJobRow): Promise<number> {
  await tx
    .updateTable('service_job')
    .set({ is_stopped: true, next_launch: null })
    .where('job_id', '=', job.id)
    .execute()
  return finish(tx, job, 'job-deregister')
}

/** A change of one task group's count: `delta` is added to it, and 0 stops the whole job or the group alone. */
export type CountDelta = { readonly taskGroup: string; readonly delta: number; readonly zeroStops: 'job' | 'group' }

/**
 * Adds to the count of a task group, in the database, so that concurrent calls add up. An added instance revives a job
 * that was stopped.
 * @returns the job's row id
 * @throws DomainError NOT_FOUND for an unknown job or group, BAD_USER_INPUT where the count would leave its bounds
 */
export async function changeServiceCount(
  store: Store,
  key: ServiceKey,
  { taskGroup, delta, zeroStops }: CountDelta,
): Promise<number> {
  return writing(store, async (tx) => {
    const job = await lockKnown(tx, key)
    const before = await tx
      .selectFrom('task_group')
      .select(['count', 'count_max as countMax'])
      .where('job_id', '=', job.id)
      .where('name', '=', taskGroup)
      .executeTakeFirst()
    if (before === undefined) throw notFound(`Job '${key.name}' has no task group '${taskGroup}'`)
    if (delta === 0 && zeroStops === 'job') return isGoing(job) ? stop(tx, job) : job.id
    if (delta === 0 && before.count === 0) return job.id
    const { numUpdatedRows } = await tx
      .updateTable('task_group')
      .set({ count: delta === 0 ? 0 : sql<number>`(count::bigint + ${delta}::bigint)::integer` })
      .where('job_id', '=', job.id)
      .where('name', '=', taskGroup)
      .where(sql<boolean>`count::bigint + ${delta}::bigint between 0 and count_max`)
      .executeTakeFirst()
    if (numUpdatedRows === 0n)
      throw badInput(
        `Task group '${taskGroup}' of job '${key.name}' has count ${before.count}: adding ${delta} leaves 0 to ${before.countMax}`,
        { path: ['count'] },
      )
    if (delta > 0 && job.isStopped)
      await tx.updateTable('service_job').set({ is_stopped: false }).where('job_id', '=', job.id).execute()
    return finish(tx, job, 'job-register')
  })
}

/** Evaluates what was written, and tells of it: two indexes, or one for a periodic job, which is not evaluated. */
async function finish(
  tx: Transaction<Database>,
  job: ServiceJobRow,
  trigger: 'job-register' | 'job-deregister',
): Promise<number> {
  await touchRegistration(tx, job.id)
  const evaluation = job.isPeriodic ? null : await insertJobEvaluation(tx, job, trigger, null)
  const status = await settleServiceJob(tx, job)
  const isListed = trigger === 'job-register' && !job.isPeriodic
  const changes = [serviceJobChange(job, status, { isRegistered: true, isListed })]
  if (evaluation !== null)
    changes.push(evaluationChange(evaluation, { ...job, jobId: job.id }, { to: 'PENDING', step: 1 }))
  await recordChanges(tx, changes, changes.length)
  return job.id
}

async function lockKnown(tx: Transaction<Database>, key: ServiceKey): Promise<ServiceJobRow> {
  const job = await lockServiceJob(tx, key)
  if (job === null) throw notFound(jobNotFound)
  return job
}

/** Whether a job runs or is about to, and nobody stopped it. */
function isGoing({ isStopped, status }: ServiceJobRow): boolean {
  return !isStopped && (status === 'PENDING' || status === 'BLOCKED' || status === 'QUEUED' || status === 'RUNNING')
}
