import { sql, type Transaction } from 'kysely'
import {
  type Allocation,
  type AllocationUpdate,
  executionStatusOf,
  isEnded,
  trimTaskStates,
} from '#model/allocation.ts'
import type { NewChange } from '#model/change.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { DomainError } from '#model/error.ts'
import type { Lease } from '#model/execution.ts'
import { toJson } from '#model/json.ts'
import { findAllocations } from './allocation.ts'
import { endAllocation, type HeldAllocation, insertNodeEvaluation, lockHeldAllocation } from './allocation-end.ts'
import { findAllocationSpecs } from './allocation-spec.ts'
import { recordChanges } from './change.ts'
import { leaseEnd } from './claim.ts'
import { json, now } from './database.ts'
import { findJobIdOfExecution } from './execution.ts'
import { allocationChange } from './plan-apply.ts'
import { lockServiceJobById, serviceJobChange, settleServiceJob } from './service-lock.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** An allocation that a worker has taken, with the specification it runs. */
export type AllocationClaim = {
  readonly allocation: Allocation
  /** The specification of its job as it was when this allocation was placed or last updated in place. */
  readonly spec: JobSpec
  /** Proof of the holding: every update carries it. */
  readonly token: string
}

/**
 * Takes up to `limit` allocations that the scheduler placed on the worker's node and that nobody holds, oldest first:
 * new ones, and those that an earlier worker gave up, which may be unwanted by now and are then to be ended.
 * The lease is renewed with `renewLeases` of claim.ts. Takes no change index: the client status stays `pending`.
 */
export async function claimAllocations(
  store: Store,
  worker: { readonly id: string; readonly nodeId: number },
  limit: number,
): Promise<AllocationClaim[]> {
  const { rows } = await sql<{ id: number; token: string }>`
    update execution set worker_id = ${worker.id}, lease_until = ${leaseEnd}, token = gen_random_uuid()
    where id in (
      select e.id from execution e join allocation a on a.execution_id = e.id
      where e.family = 'service' and e.ended_at is null and e.worker_id is null and e.node_id = ${worker.nodeId}
      order by e.id limit ${limit} for update of e skip locked)
    returning id, token`.execute(store.db)
  if (rows.length === 0) return []
  const allocations = await findAllocations(
    store.db,
    rows.map(({ id }) => id),
  )
  const specs = await findAllocationSpecs(store.db, allocations)
  const tokens = new Map(rows.map(({ id, token }) => [id, token]))
  return allocations
    .sort((a, b) => a.executionId - b.executionId)
    .flatMap((allocation) => {
      const token = tokens.get(allocation.executionId)
      const spec = specs.get(allocation.executionId)
      return token === undefined || spec === undefined ? [] : [{ allocation, spec, token }]
    })
}

/**
 * Writes what a worker reports of an allocation that it holds, with the counters of its group and the status of its
 * job. complete, failed and lost end it and give up the lease. A report that changes nothing takes no index.
 * @throws DomainError STALE_LEASE where the lease is not (or no longer) held, or the allocation has ended
 */
export async function updateAllocation(store: Store, lease: Lease, update: AllocationUpdate): Promise<void> {
  await writing(store, async (tx) => {
    const jobId = await findJobIdOfExecution(tx, lease.executionId)
    const job = jobId === null ? null : await lockServiceJobById(tx, jobId)
    const held = job === null ? null : await lockHeldAllocation(tx, lease)
    if (job === null || held === null)
      throw new DomainError('STALE_LEASE', `Execution ${lease.executionId} is no longer held.`)
    const states = update.taskStates === undefined ? held.taskStates : trimTaskStates(update.taskStates)
    const description = update.clientDescription ?? held.clientDescription
    const isMoved = update.clientStatus !== held.clientStatus
    if (!isMoved && description === held.clientDescription && toJson(states) === toJson(held.taskStates)) return
    await tx
      .updateTable('allocation')
      .set({ client_description: description, task_states: states === null ? null : json(states) })
      .where('execution_id', '=', held.executionId)
      .execute()
    const moved = await move(tx, held, update)
    const changes: NewChange[] = [allocationChange({ job, step: 0 }, held, { ...moved, isListed: isMoved })]
    const isToReplace = update.clientStatus === 'lost' && held.desiredStatus === 'run'
    if (isToReplace && held.nodeId !== null) changes.push(...(await insertNodeEvaluation(tx, job, held.nodeId)))
    const status = await settleServiceJob(tx, job)
    if (status !== job.status) changes.push(serviceJobChange(job, status, { isRegistered: false, isListed: false }))
    await recordChanges(tx, changes, isToReplace ? 2 : 1)
  })
}

/** Moves the execution to where its client status says; @returns the move, empty where it stays. */
async function move(
  tx: Transaction<Database>,
  held: HeldAllocation,
  { clientStatus, exitCode }: AllocationUpdate,
): Promise<{ from?: string; to?: string }> {
  if (isEnded(clientStatus)) return endAllocation(tx, held, clientStatus, exitCode ?? null)
  const to = executionStatusOf(clientStatus, held.desiredStatus)
  await tx
    .updateTable('allocation')
    .set({ client_status: clientStatus })
    .where('execution_id', '=', held.executionId)
    .execute()
  await tx
    .updateTable('execution')
    .set({
      status: to,
      last_modified: now,
      ...(clientStatus === 'running' ? { started_at: sql<string>`coalesce(started_at, clock_timestamp())` } : {}),
    })
    .where('id', '=', held.executionId)
    .execute()
  return to === held.status ? {} : { from: held.status, to }
}

/** Which of the allocations that a worker holds are to be ended: they are no longer wanted. */
export async function findUnwantedAllocations(store: Store, workerId: string): Promise<number[]> {
  const rows = await store.db
    .selectFrom('execution')
    .innerJoin('allocation', 'allocation.execution_id', 'execution.id')
    .select('execution.id')
    .where('execution.worker_id', '=', workerId)
    .where('execution.lease_until', 'is not', null)
    .where('allocation.desired_status', '<>', 'run')
    .execute()
  return rows.map(({ id }) => id)
}
