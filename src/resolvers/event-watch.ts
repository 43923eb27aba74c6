import type { EventResult } from '#model/event-reduce.ts'
import type { Context } from './context.ts'
import { listEventResults } from './event.ts'
import { nextTouch, type Stream, stoppable } from './wait.ts'

/** Messages of the log of results that came together. */
export type EventResultsPart = {
  /** The position after the last of them. */
  readonly end: number
  /** In order, at most 10,000. */
  readonly results: readonly EventResult[]
  /** Whether the log may have begun anew since the part before: these are then its first. */
  readonly isReset: boolean
}

/** Asked this often, the log stays open. */
const askMs = 2_000
/** Who asks no sooner may have let the log close, and cannot tell its positions from those of the next. */
const lateMs = 4_000

/**
 * Follows the log of results from a position on: what is there, then what is published, each message once and in order.
 * As long as the stream is read the log stays open. A position beyond the end is one of a log before a reset.
 * @throws DomainError (from the stream) BAD_USER_INPUT for a position below 0
 */
export function watchEventResults(ctx: Context, from: number): Stream<EventResultsPart> {
  return stoppable(ctx.signal, (signal) => tellResults(ctx, from, signal))
}

async function* tellResults(
  ctx: Context,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<EventResultsPart, void, undefined> {
  const { feed } = ctx.store
  let at = from
  let askedAt = performance.now()
  while (!signal.aborted && !feed.isStopped) {
    const touched = nextTouch(feed, 'event-results', askMs, signal)
    try {
      const isLate = performance.now() - askedAt > lateMs
      askedAt = performance.now()
      const { end, results } = await listEventResults(ctx, isLate ? 0 : at)
      const isReset = isLate || end < at
      at = end
      if (results.length > 0 || isReset) yield { end, results, isReset }
      // More may be there already.
      else await touched.promise
    } finally {
      touched.forget()
    }
  }
}
