import { endOf } from '#model/change.ts'
import type { Feed } from '#store/feed.ts'

/** What woke a tail: the executions whose logs grew, or the job itself or the time that is the most to wait. */
export type Ring = { readonly executionIds: ReadonlySet<number>; readonly isAll: boolean }

/** Wakes a tail over the logs of a job. */
export type LogBell = {
  /** Listens to the logs of these executions and of no others. */
  readonly listen: (executionIds: ReadonlySet<number>) => void
  /** What rang since it was last taken, at once or as soon as something does, within a second. */
  readonly next: () => Promise<Ring>
  readonly close: () => void
}

/**
 * Listens to the logs of executions and to the changes of their job. What rings while nobody waits is kept as a set of
 * executions, so nothing queues behind a slow reader.
 */
export function createLogBell(feed: Feed, jobId: number, floorMs: number, signal: AbortSignal): LogBell {
  const topics = new Map<number, () => void>()
  let touched = new Set<number>()
  let [hasGrown, position, wholeAt] = [true, feed.head, 0]
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
    // A log that no longer reaches back so far hides what changed.
    const changes = await feed.changesAfter(position).catch(() => null)
    position = endOf(head.index)
    return changes === null || changes.some((change) => change.jobId === jobId)
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
        const left = wholeAt + floorMs - performance.now()
        const isOver = signal.aborted || feed.isStopped
        const isAll = isOver || left <= 0 || (await hasJobChanged())
        if (isAll) wholeAt = performance.now()
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
