import type { Change } from '#model/change.ts'
import { encodeCursor } from '#model/cursor.ts'
import { type Context, refreshed } from '#resolvers/context.ts'
import { type Stream, stoppable } from '#resolvers/wait.ts'
import type { WatchEvent } from '#resolvers/watch.ts'
import { builder, type Holder } from './builder.ts'

/** What kind of thing an event of a stream tells. */
export const StreamEventKindEnum = builder.enumType('StreamEventKind', {
  description: 'What an event of a stream tells.',
  values: {
    SNAPSHOT: { description: 'How one thing stands at present. A stream that starts anew begins with these.' },
    CHANGE: { description: 'One change of a status, as it was committed.' },
    BOOKMARK: {
      description:
        'Nothing new: the snapshot is complete, or other changes were passed over. Its cursor is a nearer place to resume from.',
    },
    GAP: {
      description:
        'Changes that came before are no longer kept, so they cannot be told. A fresh snapshot follows, if one was asked for, then a bookmark and what comes after `index`: forget what you held.',
    },
  },
})

/** What is common to the descriptions of all cursors in streams. */
export const cursorDescription =
  'Where to resume: give it as `after` and only what came since is told. Amid a snapshot and in a gap it starts the snapshot again.'

/** A value of a stream, or the error that ends it: an error that a client may see must travel as an answer. */
export type Told<T> = { readonly event: T; readonly ctx: Context } | { readonly error: unknown }

/**
 * Lets a stream tell its error as its last value, also that of making it: over either transport a client then gets it
 * as an answer. The holder gets a fresh context before each value, so that rows are read as they are at that moment;
 * the rows of a snapshot share one, for they are of one moment.
 */
export function telling<T extends object>(
  holder: Holder,
  make: () => Stream<T> | Promise<Stream<T>>,
): AsyncIterable<Told<T>> {
  return stoppable(holder.ctx.signal, (signal) => tell(holder, make, signal))
}

async function* tell<T extends object>(
  holder: Holder,
  make: () => Stream<T> | Promise<Stream<T>>,
  signal: AbortSignal,
): AsyncGenerator<Told<T>, void, undefined> {
  try {
    const stream = await make()
    // A consumer that leaves while the stream waits must not have to wait with it.
    const left = () => void stream.return()
    signal.addEventListener('abort', left, { once: true })
    if (signal.aborted) left()
    try {
      for await (const event of stream) {
        const isOfSnapshot = 'kind' in event && event.kind === 'SNAPSHOT'
        if (!isOfSnapshot) holder.ctx = refreshed(holder.ctx)
        yield { event, ctx: holder.ctx }
      }
    } finally {
      signal.removeEventListener('abort', left)
    }
  } catch (error) {
    yield { error }
  }
}

/** The value that was told. @throws the error that was told instead */
export function told<T>(value: Told<T>): T {
  if ('error' in value) throw value.error
  return value.event
}

/**
 * The change that a value of a stream tells, and the context that it was told in; null for any other value. The feed
 * hands the same change to all who follow it closely, so what is derived from it can be kept beside it.
 */
export function sharedOf(value: unknown): { readonly change: Change; readonly ctx: Context } | null {
  if (!isTold(value) || 'error' in value) return null
  const { event, ctx } = value
  return isWatched(event) && event.kind === 'CHANGE' ? { change: event.change, ctx } : null
}

function isTold(value: unknown): value is Told<object> {
  return typeof value === 'object' && value !== null && ('error' in value || ('event' in value && 'ctx' in value))
}

function isWatched(event: object): event is WatchEvent<unknown> {
  return 'kind' in event && 'position' in event
}

/** The cursor of a watch's event. */
export function cursorOf(holder: Holder, { position }: WatchEvent<unknown>): string {
  return encodeCursor(holder.ctx.store.id, position)
}
