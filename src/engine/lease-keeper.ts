import { leaseSeconds } from '#model/execution.ts'
import { renewLeases } from '#store/claim.ts'
import type { Store } from '#store/store.ts'

/** Work under a lease, as far as the lease concerns it. */
export type Leased = {
  /** Kills its commands and reports nothing; SIGKILL follows after `graceMs`. */
  readonly abandon: (reason: string, graceMs?: number) => Promise<void>
}

/** How long a command may take over its end where the leases or the gateway itself cannot wait. */
export const hastyGraceMs = 4_000

const heartbeatMs = (leaseSeconds * 1000) / 3
/** A worker that could not renew its leases for this long kills its own commands before others get them. */
const fenceMs = (leaseSeconds * 1000 * 2) / 3

/**
 * Renews the leases of a worker's running executions until the returned function is called. What the store no longer
 * grants is abandoned, and everything is where the store cannot be reached in time.
 */
export function keepLeases(
  store: Store,
  workerId: string,
  running: ReadonlyMap<number, Leased>,
  report: (message: string, error: unknown) => void,
): () => void {
  let lastRenewal = performance.now()
  const renew = async () => {
    const ids = [...running.keys()]
    try {
      const held = new Set(await renewLeases(store.db, workerId, ids))
      lastRenewal = performance.now()
      for (const id of ids) if (!held.has(id)) void running.get(id)?.abandon('the lease was lost')
    } catch (error) {
      report('Leases could not be renewed', error)
    }
  }
  /** Runs by this machine's clock alone: the database may be what is missing. */
  const fence = () => {
    if (performance.now() - lastRenewal < fenceMs) return
    for (const one of running.values()) void one.abandon('the leases could not be renewed', hastyGraceMs)
  }
  const timers = [setInterval(() => void renew(), heartbeatMs), setInterval(fence, 1_000)]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
