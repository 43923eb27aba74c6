import { type Change, endOf, isAfter, type Position } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import { findLogHead } from '#store/change.ts'
import type { Feed } from '#store/feed.ts'
import type { Context } from './context.ts'

/** A stream of values that stops at once when its consumer does, also while it waits. */
export type Stream<T> = AsyncIterableIterator<T, void, undefined> & { return(): Promise<IteratorResult<T, void>> }

/**
 * Follows the change log: every change after a place that matches, in order, each once, for as long as the consumer
 * asks. It pulls rows by its own position, so a slow consumer costs nothing and a lost wake-up only time.
 * @throws DomainError COMPACTED where the log no longer reaches back so far, FOREIGN_CURSOR for a place in the future
 */
export function follow(ctx: Context, after: Position, matches: (change: Change) => boolean): Stream<Change> {
  return stoppable(ctx.signal, (signal) => followChanges(ctx, after, matches, signal))
}

async function* followChanges(
  ctx: Context,
  after: Position,
  matches: (change: Change) => boolean,
  signal: AbortSignal,
): AsyncGenerator<Change, void, undefined> {
  const { feed } = ctx.store
  await refuseFuture(ctx, after)
  let position = after
  while (!signal.aborted && !feed.isStopped) {
    const grown = nextGrowth(feed, signal)
    const changes = await feed.changesAfter(position)
    if (changes.length === 0) await grown.promise
    grown.forget()
    for (const change of changes) {
      position = { index: change.index, ordinal: change.ordinal }
      if (matches(change)) yield change
    }
  }
}

/** A place beyond the end belongs to a store that was since restored from an older copy. */
async function refuseFuture(ctx: Context, after: Position): Promise<void> {
  const { feed } = ctx.store
  if (!isAfter(after, endOf(feed.head.index))) return
  const head = await findLogHead(ctx.store.db)
  if (after.index > head.index)
    throw new DomainError('FOREIGN_CURSOR', `The cursor lies beyond index ${head.index}; start from a new snapshot.`)
}

type Wait = { readonly promise: Promise<void>; readonly forget: () => void }

function nextGrowth(feed: Feed, signal: AbortSignal): Wait {
  return wait(signal, (woken) => feed.onGrowth(woken))
}

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
