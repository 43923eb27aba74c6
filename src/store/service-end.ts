import type { Transaction } from 'kysely'
import { DomainError, notFound } from '#model/error.ts'
import type { Registration } from '#model/service-job.ts'
import { recordChanges } from './change.ts'
import { now } from './database.ts'
import { evaluationChange, insertEvaluation } from './evaluation.ts'
import type { ServiceJobRow, ServiceKey } from './service-job.ts'
import { lockServiceJob, serviceJobChange, settleServiceJob } from './service-lock.ts'
import { registrationOf } from './service-register.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** What Nomad says of a name that is not registered. */
export const jobNotFound = 'job not found'

/** Every deregistration is evaluated alike, whatever the job was. */
const deregistration = { priority: 50, type: 'service', triggeredBy: 'job-deregister' } as const

/**
 * Ends the registration of a job; its row stays, hidden, with its allocations and evaluations. A name that is not
 * registered is answered alike, with an evaluation of its own. A periodic job has none, and its children go on.
 */
export async function deregisterServiceJob(store: Store, key: ServiceKey): Promise<Registration> {
  return writing(store, async (tx) => {
    const job = await lockServiceJob(tx, key)
    if (job === null) return deregisterUnknown(tx, key)
    await tx
      .updateTable('service_job')
      .set({ deregistered_at: now, next_launch: null, job_modify_index: null })
      .where('job_id', '=', job.id)
      .execute()
    const evaluation = job.isPeriodic
      ? null
      : await insertEvaluation(tx, { ...key, ...deregistration, jobId: job.id, jobModifyIndex: null })
    const status = await settleServiceJob(tx, job)
    const changes = [serviceJobChange(job, status, { isRegistered: true, isListed: true })]
    if (evaluation !== null)
      changes.push(evaluationChange(evaluation, { ...key, jobId: job.id }, { to: 'PENDING', step: 1 }))
    return registrationOf(evaluation, await recordChanges(tx, changes, changes.length))
  })
}

/** Two indexes are taken as for any other job; at the first of them nothing changed. */
async function deregisterUnknown(tx: Transaction<Database>, key: ServiceKey): Promise<Registration> {
  const evaluation = await insertEvaluation(tx, { ...key, ...deregistration, jobId: null, jobModifyIndex: null })
  const change = evaluationChange(evaluation, { ...key, jobId: null }, { to: 'PENDING', step: 1 })
  return registrationOf(evaluation, await recordChanges(tx, [change], 2))
}

/**
 * Makes an evaluation of a job as it is registered. The job itself changes only where its status does.
 * @returns the job's modify index of before in `jobModifyIndex`, as Nomad has it
 * @throws DomainError NOT_FOUND `job not found`, CONFLICT `can't evaluate periodic job`
 */
export async function evaluateServiceJob(store: Store, key: ServiceKey): Promise<Registration> {
  return writing(store, async (tx) => {
    const job = await lockServiceJob(tx, key)
    if (job === null) throw notFound(jobNotFound)
    if (job.isPeriodic) throw new DomainError('CONFLICT', "can't evaluate periodic job", { name: 'PERIODIC_JOB' })
    const evaluation = await insertJobEvaluation(tx, job, 'job-register', job.modifyIndex)
    const status = await settleServiceJob(tx, job)
    const changes = [evaluationChange(evaluation, { ...key, jobId: job.id }, { to: 'PENDING', step: 0 })]
    if (status !== job.status) changes.push(serviceJobChange(job, status, { isRegistered: false, isListed: false }))
    const index = await recordChanges(tx, changes)
    return {
      evaluationId: evaluation.uuid,
      evaluationCreateIndex: index,
      jobModifyIndex: job.modifyIndex,
      index,
    }
  })
}

/** Makes an evaluation of a locked job with the job's own priority and type. */
export async function insertJobEvaluation(
  tx: Transaction<Database>,
  job: ServiceJobRow,
  triggeredBy: 'job-register' | 'job-deregister',
  jobModifyIndex: number | null,
): Promise<{ id: number; uuid: string }> {
  const { region, name, priority, kind: type, id: jobId } = job
  return insertEvaluation(tx, { region, name, jobId, priority, type, triggeredBy, jobModifyIndex })
}
