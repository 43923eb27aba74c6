import { type Change, endOf, isAfter, type Position } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import { findLogHead } from '#store/change.ts'
import type { Feed } from '#store/feed.ts'
import type { Context } from './context.ts'

/** A stream of values that stops at once when its consumer does, also while it waits. */
export type Stream<T> = AsyncIterableIterator<T, void, undefined> & { return(): Promise<IteratorResult<T, void>> }

/** A place in the change log that moves on as it is read. */
export type Tail = {
  /**
   * The next changes, in order; waits where there are none yet. Empty where `wake` was called or the tail is over.
   * @throws DomainError COMPACTED where the log no longer reaches back so far
   */
  readonly next: () => Promise<readonly Change[]>
  /** The place up to which there is nothing to read: that of the last change given, or later where others passed by. */
  readonly reached: () => Position
  /** Lets `next` return without a change, now or the next time that it would wait. */
  readonly wake: () => void
  /** Whether the reader left or the feed stopped. */
  readonly isOver: () => boolean
  readonly close: () => void
}

/**
 * Follows the change log after a place: each change once, those that touch one of `topics` (model/topic.ts) or, where
 * it is null, all; others may come among them. It pulls by its own position, so a slow reader costs nothing and a lost
 * wake-up only time. Thousands wait at once, so a wait takes neither a timer nor a signal of its own, and whoever names
 * topics sleeps through all other changes.
 * @throws DomainError FOREIGN_CURSOR for a place in the future
 */
export async function openTail(ctx: Context, after: Position, topics: readonly string[] | null = null): Promise<Tail> {
  const { feed } = ctx.store
  await refuseFuture(ctx, after)
  let position = after
  let hasLeft = ctx.signal.aborted
  let isRung = false
  /** Whether something after the position may have to be read. */
  let isUnread = true
  let stopWaiting: (() => void) | null = null
  const wake = () => {
    isRung = true
    stopWaiting?.()
  }
  const left = () => {
    hasLeft = true
    stopWaiting?.()
  }
  const touched = () => {
    isUnread = true
    if (stopWaiting !== null) feed.inTurn(stopWaiting)
  }
  ctx.signal.addEventListener('abort', left, { once: true })
  const forgets = topics?.map((topic) => feed.onTouch(topic, touched)) ?? []
  const isOver = () => hasLeft || feed.isStopped
  const next = async (): Promise<readonly Change[]> => {
    while (!isOver()) {
      const recent = isUnread ? feed.recentAfter(position) : []
      if (recent !== null && recent.length > 0) return moved(recent)
      if (recent !== null && topics !== null) isUnread = false
      if (isRung) break
      const { promise, resolve } = Promise.withResolvers<void>()
      stopWaiting = resolve
      const forget = topics === null || recent === null ? feed.onGrowth(resolve) : () => {}
      const older = recent === null ? await feed.changesAfter(position) : []
      if (older.length === 0) await promise
      forget()
      stopWaiting = null
      if (older.length > 0) return moved(older)
    }
    isRung = false
    return []
  }
  const moved = (changes: readonly Change[]) => {
    position = changes.at(-1) ?? position
    return changes
  }
  const reached = () => {
    if (!isUnread && isAfter(feed.head, position)) position = feed.head
    return position
  }
  const close = () => {
    left()
    ctx.signal.removeEventListener('abort', left)
    for (const forget of forgets) forget()
  }
  return { next, reached, wake, isOver, close }
}

/** A place beyond the end belongs to a store that was since restored from an older copy. */
async function refuseFuture(ctx: Context, after: Position): Promise<void> {
  const { feed } = ctx.store
  if (!isAfter(after, endOf(feed.head.index))) return
  const head = await findLogHead(ctx.store.db)
  if (after.index > head.index)
    throw new DomainError('FOREIGN_CURSOR', `The cursor lies beyond index ${head.index}; start from a new snapshot.`, {
      path: ['after'],
    })
}

type Wait = { readonly promise: Promise<void>; readonly forget: () => void }

/** Waits for the next touch of a topic, at most `floorMs`: a lost hint costs that much and no more. */
export function nextTouch(feed: Feed, topic: string, floorMs: number, signal: AbortSignal): Wait {
  return wait(signal, (woken) => {
    const forget = feed.onTouch(topic, woken)
    const timer = setTimeout(woken, floorMs)
    return () => {
      clearTimeout(timer)
      forget()
    }
  })
}

function wait(signal: AbortSignal, register: (woken: () => void) => () => void): Wait {
  const { promise, resolve } = Promise.withResolvers<void>()
  const unregister = register(resolve)
  const aborted = () => resolve()
  signal.addEventListener('abort', aborted, { once: true })
  if (signal.aborted) resolve()
  const forget = () => {
    unregister()
    signal.removeEventListener('abort', aborted)
    resolve()
  }
  return { promise, forget }
}

/**
 * Wraps a generator so that `return()` ends it even while it waits: a bare generator would first wait for its next
 * value, and a client that left would be kept until then.
 */
export function stoppable<T>(
  outer: AbortSignal,
  make: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): Stream<T> {
  const own = new AbortController()
  const generator = make(AbortSignal.any([outer, own.signal]))
  const stream: Stream<T> = {
    next: () => generator.next(),
    return: () => {
      own.abort()
      return generator.return()
    },
    throw: (error: unknown) => {
      own.abort()
      return generator.throw(error)
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
