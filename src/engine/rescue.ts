import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from '#model/worker.ts'
import { expireLeases, findHeldBy, findLapsed, findLeased } from '#store/claim.ts'
import type { Store } from '#store/store.ts'
import { rescueWork } from '#store/work.ts'
import { findHolders } from '#store/worker.ts'
import { removeScratch } from './drivers/scratch.ts'
import { sweep } from './drivers/tree.ts'
import { runToken } from './run.ts'

const batch = 100

/** Gives every execution whose lease ran out back to the queue; returns how many. */
export async function rescueLapsed(store: Store): Promise<number> {
  let rescued = 0
  for (;;) {
    const lapsed = await findLapsed(store.db, batch)
    let moved = 0
    for (const { executionId } of lapsed) if (await rescueWork(store, executionId)) moved += 1
    rescued += moved
    if (lapsed.length < batch || moved === 0) return rescued
  }
}

/**
 * At a start: ends the leases of workers of this machine whose process is gone, so that their jobs need not wait for
 * the leases to run out, and kills what is left of their commands. Returns how many jobs were rescued.
 */
export async function rescueOrphans(
  store: Store,
  own: { readonly workerId: string; readonly nodeId: number },
): Promise<number> {
  const holders = await findHolders(store.db, own.nodeId)
  const dead = holders.filter((worker) => worker.id !== own.workerId && isDead(store, worker))
  for (const worker of dead) {
    for (const executionId of await findHeldBy(store.db, worker.id)) await sweep(runToken(store.id, executionId))
    await expireLeases(store.db, worker.id)
  }
  return rescueLapsed(store)
}

/** An embedded database has one process, so every other worker of this machine that used it is gone. */
function isDead(store: Store, worker: Worker): boolean {
  if (worker.pid === null) return false
  return store.kind === 'pglite' || worker.pid === process.pid || !isAlive(worker.pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Removes the scratch directories of executions that nobody runs any more. */
export async function removeOldScratch(store: Store, scratchDirectory: string): Promise<void> {
  const entries = await readdir(scratchDirectory).catch(() => [])
  if (entries.length === 0) return
  const leased = new Set(await findLeased(store.db))
  for (const entry of entries) {
    const executionId = Number(entry.split('-')[0])
    if (!leased.has(executionId)) await removeScratch(join(scratchDirectory, entry))
  }
}
