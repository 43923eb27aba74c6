import type { Allocation, AllocationUpdate } from '#model/allocation.ts'
import type { Lease } from '#model/execution.ts'
import type { JsonObject } from '#model/json.ts'
import type { Store } from './store.ts'

/** An allocation that a worker has taken, with the specification it runs. */
export type AllocationClaim = {
  readonly allocation: Allocation
  /** The specification of its job as it was when this allocation was placed or last updated in place. */
  readonly spec: JsonObject
  /** Proof of the holding: every update carries it. */
  readonly token: string
}

/**
 * Takes up to `limit` allocations that the scheduler placed on the worker's node and that nobody holds, oldest first.
 * The lease is renewed with `renewLeases` of claim.ts. Takes no change index: the client status stays `pending`.
 */
export async function claimAllocations(
  _store: Store,
  _worker: { readonly id: string; readonly nodeId: number },
  _limit: number,
): Promise<AllocationClaim[]> {
  throw new Error('unfinished')
}

/**
 * Writes what a worker reports of an allocation that it holds, with the counters of its group and the status of its
 * job. complete, failed and lost end it and give up the lease. A report that changes nothing takes no index.
 * @throws DomainError STALE_LEASE where the lease is not (or no longer) held, or the allocation has ended
 */
export async function updateAllocation(_store: Store, _lease: Lease, _update: AllocationUpdate): Promise<void> {
  throw new Error('unfinished')
}

/** Which of the allocations that a worker holds are to be stopped: their desired status is no longer `run`. */
export async function findUnwantedAllocations(_store: Store, _workerId: string): Promise<number[]> {
  throw new Error('unfinished')
}

/**
 * Gives up on allocations whose lease ran out: they are lost, and a node-update evaluation replaces them.
 * @returns how many were lost
 */
export async function rescueAllocations(_store: Store): Promise<number> {
  throw new Error('unfinished')
}
