import type { NewChange } from '#model/change.ts'
import { endAllocation, givenUp, insertNodeEvaluation, lockGivenUp } from './allocation-end.ts'
import { recordChanges } from './change.ts'
import { allocationChange } from './plan-apply.ts'
import { lockServiceJobById, serviceJobChange, settleServiceJob } from './service-lock.ts'
import { type Store, writing } from './store.ts'

const batch = 100

/**
 * Gives up on allocations whose lease ran out or whose node fell silent: they are lost, and an evaluation of the
 * trigger `node-update` replaces those that are wanted, one for each job.
 * @returns how many were lost
 */
export async function rescueAllocations(store: Store): Promise<number> {
  let rescued = 0
  for (;;) {
    const jobs = await store.db
      .selectFrom('execution')
      .select('job_id as id')
      .distinct()
      .where('family', '=', 'service')
      .where('ended_at', 'is', null)
      .where(givenUp)
      .orderBy('job_id')
      .limit(batch)
      .execute()
    let moved = 0
    for (const { id } of jobs) moved += await rescueJob(store, id)
    rescued += moved
    if (jobs.length < batch || moved === 0) return rescued
  }
}

async function rescueJob(store: Store, jobId: number): Promise<number> {
  return writing(store, async (tx) => {
    const job = await lockServiceJobById(tx, jobId)
    const lost = job === null ? [] : await lockGivenUp(tx, jobId)
    if (job === null || lost.length === 0) return 0
    const changes: NewChange[] = []
    for (const held of lost) {
      const move = await endAllocation(tx, held, 'lost', null)
      changes.push(allocationChange({ job, step: 0 }, held, { ...move, isListed: true }))
    }
    const wanted = lost.find(({ desiredStatus, nodeId }) => desiredStatus === 'run' && nodeId !== null)
    const evaluations =
      wanted === undefined || wanted.nodeId === null ? [] : await insertNodeEvaluation(tx, job, wanted.nodeId)
    const status = await settleServiceJob(tx, job)
    if (status !== job.status) changes.push(serviceJobChange(job, status, { isRegistered: false, isListed: false }))
    await recordChanges(tx, [...changes, ...evaluations], evaluations.length === 0 ? 1 : 2)
    return lost.length
  })
}
