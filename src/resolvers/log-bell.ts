import { isAfter } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import type { Feed } from '#store/feed.ts'

/** How long a lost hint may cost: so much, and so much more for each log, within a tenth either way. */
const [floorMs, floorMsPerLog] = [1_000, 2]

/** What woke a tail: the executions whose logs grew, or the job itself or the time that is the most to wait. */
export type Ring = { readonly executionIds: ReadonlySet<number>; readonly isAll: boolean }

/** Wakes a tail over the logs of a job. */
export type LogBell = {
  /** Listens to the logs of these executions and of no others. */
  readonly listen: (executionIds: ReadonlySet<number>) => void
  /** What rang since it was last taken, at once or as soon as something does, within 5 s. @throws what reading the change log throws */
  readonly next: () => Promise<Ring>
  readonly close: () => void
}

/**
 * Listens to the logs of executions and to the changes of their job. What rings while nobody waits is kept as a set of
 * executions, so nothing queues behind a slow reader.
 */
export function createLogBell(feed: Feed, jobId: number, signal: AbortSignal): LogBell {
  const topics = new Map<number, () => void>()
  let touched = new Set<number>()
  let [hasGrown, position, wholeFrom] = [true, feed.head, 0]
  let woken = Promise.withResolvers<void>()
  const wake = () => woken.resolve()
  const grown = () => {
    hasGrown = true
    forgetGrowth = feed.onGrowth(grown)
    wake()
  }
  let forgetGrowth = feed.onGrowth(grown)
  signal.addEventListener('abort', wake, { once: true })

  const hasJobChanged = async () => {
    if (!hasGrown) return false
    hasGrown = false
    const head = feed.head
    const changes = await feed.changesAfter(position).catch(unlessCompacted)
    // Only a part is told of what lies further back than memory reaches.
    const isPart = changes !== null && isAfter(head, changes.at(-1) ?? head)
    // Not the end of its index: a batch of the feed may end amid one.
    position = head
    return changes === null || isPart || changes.some((change) => change.jobId === jobId)
  }
  return {
    listen(executionIds) {
      for (const [id, forget] of topics) if (!executionIds.has(id) && topics.delete(id)) forget()
      for (const id of executionIds)
        if (!topics.has(id))
          topics.set(
            id,
            feed.onTouch(`log:${id}`, () => touch(id)),
          )
    },
    async next() {
      for (;;) {
        woken = Promise.withResolvers()
        const left = wholeFrom - performance.now()
        const isOver = signal.aborted || feed.isStopped
        const isAll = isOver || left <= 0 || (await hasJobChanged())
        if (isAll) wholeFrom = performance.now() + (floorMs + floorMsPerLog * topics.size) * (0.9 + Math.random() / 5)
        if (isAll || touched.size > 0) {
          const executionIds = touched
          touched = new Set()
          return { executionIds, isAll }
        }
        const timer = setTimeout(wake, left)
        await woken.promise
        clearTimeout(timer)
      }
    },
    close() {
      forgetGrowth()
      signal.removeEventListener('abort', wake)
      for (const forget of topics.values()) forget()
      wake()
    },
  }

  function touch(id: number) {
    touched.add(id)
    wake()
  }
}

/** A log that no longer reaches back so far hides what changed; that is no failure. */
function unlessCompacted(error: unknown): null {
  if (error instanceof DomainError && error.code === 'COMPACTED') return null
  throw error
}
