import type { AllocationUpdate } from '#model/allocation.ts'
import type { Lease } from '#model/execution.ts'
import { updateAllocation } from '#store/allocation-work.ts'
import type { Store } from '#store/store.ts'
import { isStale, persistently } from './persist.ts'

/** Tells the store how an allocation fares. */
export type AllocationReport = {
  /** Says that there is news: it is written soon, together with what happens meanwhile. */
  readonly dirty: () => void
  /** Writes an update now, after whatever is being written, and nothing more after it. */
  readonly close: (last: AllocationUpdate | null) => Promise<void>
}

/** What happens within this time takes one index: starting up is one change, not three. */
const batchMs = 100

/**
 * Starts reporting. `current` gives the update as things stand, or null where there is none to be written. `onStale`
 * is called where the store refuses the lease, `report` hears of what could not be written.
 */
export function openReport(
  store: Store,
  lease: Lease,
  current: () => AllocationUpdate | null,
  onStale: () => void,
  report: (error: unknown) => void,
): AllocationReport {
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  let writing: Promise<void> = Promise.resolve()
  const write = async (update: AllocationUpdate | null) => {
    if (update === null) return
    try {
      await persistently(() => updateAllocation(store, lease, update))
    } catch (error) {
      if (isStale(error)) onStale()
      else {
        report(error)
        // The news is not old because the store was away.
        dirty()
      }
    }
  }
  const flush = () => {
    timer = null
    writing = writing.then(() => write(isClosed ? null : current()))
  }
  const dirty = () => {
    if (!isClosed) timer ??= setTimeout(flush, batchMs)
  }
  return {
    dirty,
    async close(last) {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      writing = writing.then(() => write(last))
      await writing
    },
  }
}
