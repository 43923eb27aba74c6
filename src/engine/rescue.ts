import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from '#model/worker.ts'
import { expireLeases, findHeldBy, findLeased } from '#store/claim.ts'
import type { Store } from '#store/store.ts'
import { rescueLapsed } from '#store/work.ts'
import { findHolders } from '#store/worker.ts'
import { removeScratch } from './drivers/scratch.ts'
import { sweep } from './drivers/tree.ts'
import { runToken } from './run.ts'

/**
 * At a start: ends the leases of workers of this machine whose process is gone, so that their jobs need not wait for
 * the leases to run out, and kills what is left of their commands. Returns how many jobs were rescued.
 */
export async function rescueOrphans(store: Store, own: Worker): Promise<number> {
  const holders = await findHolders(store.db, own.nodeId, 'queued')
  const dead = holders.filter((worker) => worker.id !== own.id && isDead(store, worker, own))
  for (const worker of dead) {
    for (const lease of await findHeldBy(store.db, worker.id)) await sweep(runToken(lease))
    await expireLeases(store.db, worker.id)
  }
  return rescueLapsed(store)
}

/**
 * What an embedded worker is called: process ids mean something only among processes that share a process namespace,
 * and two containers may well share a host name.
 */
export async function identity(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => 'pid')
  return `embedded in ${namespace}`
}

/**
 * Whether the process of another worker of this machine is gone. An embedded database has one process, so every other
 * worker that used it is.
 */
export function isDead(store: Store, worker: Worker, own: Worker): boolean {
  if (worker.pid === null) return false
  if (store.kind === 'pglite') return true
  return worker.name === own.name && worker.pid !== own.pid && !isAlive(worker.pid)
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
