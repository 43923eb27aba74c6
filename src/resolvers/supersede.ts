import { badInput, DomainError, noRow } from '#model/error.ts'
import type { Job } from '#model/job.ts'
import { recordChanges } from '#store/change.ts'
import { findSuccessors } from '#store/job.ts'
import { writing } from '#store/store.ts'
import { linkSuperseded, lockSupersedable, markSuperseded, type SupersedableJob } from '#store/supersede.ts'
import type { Context } from './context.ts'
import { getJob } from './job.ts'

/**
 * Marks a queued job as replaced by a later one, or by none where `successorId` is null; it is then never queued again.
 * No Scale v6 document has a door for it: recipes that are run again do it. Saying the same again changes nothing.
 * @throws DomainError NOT_FOUND for an unknown job, BAD_USER_INPUT where the successor is not the later one, CONFLICT
 * where either already has another counterpart
 */
export async function supersedeJob(ctx: Context, jobId: number, successorId: number | null): Promise<Job> {
  if (successorId !== null && successorId <= jobId)
    throw badInput('A job is superseded by a later one.', { path: ['successorId'] })
  await writing(ctx.store, async (tx) => {
    const jobs = await lockSupersedable(tx, successorId === null ? [jobId] : [jobId, successorId])
    const job = named(jobs, jobId, 'jobId')
    const successor = successorId === null ? null : named(jobs, successorId, 'successorId')
    const [known] = await findSuccessors(tx, [jobId])
    const isLinked = successor === null || known?.id === successor.id
    if (isLinked && job.isSuperseded) return
    if (successor !== null && !isLinked) {
      if (known !== undefined || successor.supersededJobId !== null)
        throw new DomainError('CONFLICT', 'One of the jobs is already bound to another in this way.')
      await linkSuperseded(tx, successor.id, job.id)
    }
    await markSuperseded(tx, job.id)
    const changed = successor === null || isLinked ? [job] : [job, successor]
    await recordChanges(
      tx,
      changed.map(({ id, jobTypeId }) => ({ kind: 'JOB', entityId: id, jobId: id, jobTypeId })),
    )
  })
  for (const id of successorId === null ? [jobId] : [jobId, successorId]) ctx.loaders.job.clear(id)
  ctx.loaders.successor.clear(jobId)
  return getJob(ctx, jobId)
}

function named(jobs: readonly SupersedableJob[], id: number, key: string): SupersedableJob {
  const job = jobs.find((one) => one.id === id)
  if (job === undefined) throw noRow('job', id, [key])
  return job
}
