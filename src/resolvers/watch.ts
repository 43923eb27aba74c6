import { type Change, endOf, isAfter, origin, type Position } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import { thousandTopic } from '#model/topic.ts'
import { findLogHead } from '#store/change.ts'
import type { Snapshot } from '#store/snapshot.ts'
import type { Context } from './context.ts'
import { openTail, type Stream, stoppable } from './wait.ts'

/**
 * What a watcher is told. `position` is where to resume: everything up to it has been told. Amid a snapshot nothing
 * has been told completely, so the position there is the origin, as in a gap: resuming from it gives a fresh snapshot.
 */
export type WatchEvent<T> =
  | { readonly kind: 'SNAPSHOT'; readonly position: Position; readonly row: T; readonly at: string }
  | { readonly kind: 'CHANGE'; readonly position: Position; readonly change: Change }
  | { readonly kind: 'BOOKMARK'; readonly position: Position }
  /** What came before `next` is no longer kept: a fresh first state of that place follows. */
  | { readonly kind: 'GAP'; readonly position: Position; readonly next: Position }

/** Where a watch starts. */
export type WatchStart = {
  /** Resume after this place; null or the origin start anew. */
  readonly after: Position | null
  /** Whether a watch that starts anew tells the present state first. */
  readonly snapshot: boolean
  /** How long and how many skipped changes pass before a bookmark; absent means 10 s and 1,000. */
  readonly pace?: { readonly bookmarkMs: number; readonly bookmarkChanges: number }
  /** The most rows that a first state may have; absent means 10,000. More is no first state but an export. */
  readonly mostRows?: number
}

const usualPace = { bookmarkMs: 10_000, bookmarkChanges: 1_000 }
const usualMost = 10_000

/** What a watch is about. */
export type WatchSource<T> = {
  readonly matches: (change: Change) => boolean
  /** Topics of which each change that matches touches one, so that others need not be looked at; null means look at all. */
  readonly topics: readonly string[] | null
  /** The first state: at most `limit` rows. */
  readonly read: (limit: number) => Promise<Snapshot<T>>
  /** When a row came to stand where it stands. */
  readonly at: (row: T) => string
  /** Throws NOT_FOUND where something named does not exist. */
  readonly check: () => Promise<void>
}

/**
 * Tells a first state and then every change of status after it, each once and in order. Where changes are no longer
 * kept, at the start or because the consumer was slow, it tells a gap and begins again with a first state.
 * @throws DomainError (from the stream) what the source's check throws, TOO_LARGE for a first state of more than 10,000
 * rows, FOREIGN_CURSOR for a place of another store or in the future
 */
export function watchRows<T>(ctx: Context, start: WatchStart, source: WatchSource<T>): Stream<WatchEvent<T>> {
  return stoppable(ctx.signal, (signal) => tellRows({ ...ctx, signal }, start, source))
}

async function* tellRows<T>(
  ctx: Context,
  start: WatchStart,
  source: WatchSource<T>,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  await source.check()
  let after = start.after !== null && isAfter(start.after, origin) ? start.after : null
  let isGap = false
  for (;;) {
    if (after === null) {
      const { position, events } = await readFirst(ctx, start, source, isGap)
      for (const event of events) yield event
      after = position
    }
    try {
      const changes = await openChanges(ctx, after, source, start.pace ?? usualPace)
      try {
        for (let event = await changes.next(); event !== null; event = await changes.next()) yield event
        return
      } finally {
        changes.close()
      }
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'COMPACTED') throw error
    }
    after = null
    isGap = true
  }
}

/** The first state and the bookmark that ends it, with the place that they show; after a gap the gap comes first. */
async function readFirst<T>(
  ctx: Context,
  { snapshot, mostRows = usualMost }: WatchStart,
  { read, at }: WatchSource<T>,
  isGap: boolean,
): Promise<{ readonly position: Position; readonly events: Iterable<WatchEvent<T>> }> {
  const { rows, position } = snapshot
    ? await read(mostRows + 1)
    : { position: endOf((await findLogHead(ctx.store.db)).index), rows: [] }
  if (rows.length > mostRows)
    throw new DomainError(
      'TOO_LARGE',
      `More than ${mostRows} match at present. Name ids or job types, or ask for no snapshot.`,
    )
  const tell = function* (): Generator<WatchEvent<T>, void, undefined> {
    if (isGap) yield { kind: 'GAP', position: origin, next: position }
    for (const [place, row] of rows.entries())
      yield { kind: 'SNAPSHOT', row, at: at(row), position: place === rows.length - 1 ? position : origin }
    // Ends the first state, and gives a quiet watcher something to resume from.
    yield { kind: 'BOOKMARK', position }
  }
  return { position, events: tell() }
}

/** Changes of status after a place, and how far the log was read while others passed by. */
type Changes = {
  /** The next event; null once the tail is over. @throws what reading the tail throws */
  readonly next: () => Promise<Exclude<WatchEvent<never>, { readonly kind: 'SNAPSHOT' | 'GAP' }> | null>
  readonly close: () => void
}

async function openChanges(
  ctx: Context,
  after: Position,
  { matches, topics }: Pick<WatchSource<unknown>, 'matches' | 'topics'>,
  { bookmarkMs, bookmarkChanges }: { readonly bookmarkMs: number; readonly bookmarkChanges: number },
): Promise<Changes> {
  const tail = await openTail(ctx, after, topics)
  let unread: readonly Change[] = []
  let place = 0
  let skipped = 0
  let position = after
  let toldAt = performance.now()
  let timer: NodeJS.Timeout | null = null
  // Whoever sleeps through changes cannot count them.
  let isThousand = false
  const forget =
    topics === null
      ? null
      : ctx.store.feed.onTouch(thousandTopic, () => {
          isThousand = true
          ctx.store.feed.inTurn(tail.wake)
        })
  const tell = <E>(event: E): E => {
    skipped = 0
    isThousand = false
    toldAt = performance.now()
    return event
  }
  const next: Changes['next'] = async () => {
    for (;;) {
      while (place < unread.length) {
        const change = unread[place]
        place += 1
        if (change === undefined) continue
        position = { index: change.index, ordinal: change.ordinal }
        if (change.to !== null && change.from !== change.to && matches(change))
          return tell({ kind: 'CHANGE', position, change })
        skipped += 1
        if (skipped >= bookmarkChanges) return tell({ kind: 'BOOKMARK', position })
      }
      const reached = tail.reached()
      const hasPassed = isAfter(reached, position) || skipped > 0
      const leftMs = toldAt + bookmarkMs - performance.now()
      if (hasPassed && (isThousand || leftMs <= 0)) {
        position = reached
        return tell({ kind: 'BOOKMARK', position })
      }
      // One that is late already looks again: a timer for each change would cost more than the change.
      if (hasPassed || topics !== null)
        timer ??= setTimeout(
          () => {
            timer = null
            tail.wake()
          },
          leftMs > 0 ? leftMs : bookmarkMs,
        )
      if (tail.isOver()) return null
      unread = await tail.next()
      place = 0
    }
  }
  const close = () => {
    if (timer !== null) clearTimeout(timer)
    forget?.()
    tail.close()
  }
  return { next, close }
}

/** Where the change log stands: its highest index, the oldest that is still kept, and the place after the highest. */
export async function getChangeHead(ctx: Context): Promise<{ index: number; oldest: number; position: Position }> {
  const { index, oldest } = await findLogHead(ctx.store.db)
  return { index, oldest, position: endOf(index) }
}
