import type { Worker } from '#model/worker.ts'
import { findHeldAllocations, releaseAllocations } from '#store/allocation-release.ts'
import type { Store } from '#store/store.ts'
import { findHolders } from '#store/worker.ts'
import { allocationMark } from './allocation.ts'
import { findRuns, sweep } from './drivers/tree.ts'
import { isDead } from './rescue.ts'

/**
 * At a start: gives up the allocations of engines of this machine whose process is gone, so that this engine takes
 * them up, and kills what is left of their tasks. Returns how many allocations there were.
 */
export async function takeOverAllocations(store: Store, own: Worker): Promise<number> {
  const holders = await findHolders(store.db, own.nodeId, 'service')
  let takenOver = 0
  for (const worker of holders.filter((one) => one.id !== own.id && isDead(store, one, own))) {
    await sweepAllocations(await findHeldAllocations(store.db, worker.id))
    takenOver += await releaseAllocations(store.db, worker.id)
  }
  return takenOver
}

/** Their marks end in the place of a task, so they are found among those of the processes that live. */
async function sweepAllocations(uuids: readonly string[]): Promise<void> {
  const marks = uuids.map(allocationMark)
  for (const token of (await findRuns()).keys()) {
    if (marks.some((mark) => token.startsWith(mark))) await sweep(token)
  }
}
