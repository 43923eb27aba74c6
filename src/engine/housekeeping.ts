import { compactChanges, usualRetention } from '#store/compact.ts'
import { forgetKeys } from '#store/idempotency.ts'
import { advanceJobRequest, findOpenJobRequests } from '#store/job-request.ts'
import { foldJobTally } from '#store/job-tally.ts'
import type { Store } from '#store/store.ts'
import { rescueLapsed } from '#store/work.ts'

const everyMs = 1_000
const compactEveryMs = 60_000

/** Work that nobody waits for: bulk requests that outlived their answer or their process, and the log's compaction. */
export type Housekeeping = { readonly stop: () => Promise<void> }

/** Starts the housekeeping of a gateway. Several gateways may do it at once; rows are locked in turn. */
export function startHousekeeping(store: Store, report: (message: string, error: unknown) => void): Housekeeping {
  let stopping = false
  let turn: Promise<void> = Promise.resolve()
  /** A chore that fails keeps none of the others from its turn. */
  const attempt = (chore: () => Promise<unknown>) =>
    chore().catch((error: unknown) => report('Housekeeping failed; trying again', error))
  const finishRequest = async (id: number) => {
    for (let more = true; more && !stopping; ) more = (await advanceJobRequest(store, id)).more
  }
  const finishRequests = async () => {
    for (const id of await findOpenJobRequests(store.db)) await attempt(() => finishRequest(id))
  }
  const compact = async () => {
    if (performance.now() < nextCompaction) return
    nextCompaction = performance.now() + compactEveryMs
    await compactChanges(store, usualRetention)
    while (!stopping && (await forgetKeys(store)) > 0) {}
  }
  const inTurn = async (chores: readonly (() => Promise<unknown>)[]) => {
    for (const chore of chores) await attempt(chore)
  }
  let nextCompaction = performance.now() + compactEveryMs
  let busy = false
  const act = () => {
    if (busy) return
    busy = true
    turn = inTurn([finishRequests, () => rescueLapsed(store), () => foldJobTally(store.db), compact]).finally(() => {
      busy = false
    })
  }
  const timer = setInterval(act, everyMs)
  act()
  return {
    stop: async () => {
      stopping = true
      clearInterval(timer)
      await turn
    },
  }
}
