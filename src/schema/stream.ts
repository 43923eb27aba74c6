import type { Change } from '#model/change.ts'
import { encodeCursor } from '#model/cursor.ts'
import type { Stream } from '#resolvers/wait.ts'
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
export type Told<T> = { readonly event: T } | { readonly error: unknown }

const over: IteratorReturnResult<void> = { done: true, value: undefined }

/**
 * Lets a stream tell its error as its last value, also that of making it: over either transport a client then gets it
 * as an answer. The stream is made when its first value is asked for.
 */
export function telling<T extends object>(make: () => Stream<T> | Promise<Stream<T>>): AsyncIterable<Told<T>> {
  let stream: Stream<T> | null = null
  let isOver = false
  const next = async (): Promise<IteratorResult<Told<T>, void>> => {
    if (isOver) return over
    try {
      stream ??= await make()
      // Whoever left while it was made could not stop it.
      if (isOver) await stream.return()
      const result = await stream.next()
      if (result.done !== true) return { done: false, value: { event: result.value } }
      isOver = true
      return over
    } catch (error) {
      isOver = true
      return { done: false, value: { error } }
    }
  }
  const left = async () => {
    isOver = true
    await stream?.return()
    return over
  }
  const values: AsyncIterableIterator<Told<T>, void> = { next, return: left, [Symbol.asyncIterator]: () => values }
  return values
}

/** The value that was told. @throws the error that was told instead */
export function told<T>(value: Told<T>): T {
  if ('error' in value) throw value.error
  return value.event
}

/**
 * The change that a value of a stream tells; null for any other value. The feed hands the same change to all who follow
 * it closely, so what is derived from it can be kept beside it.
 */
export function changeOf(value: unknown): Change | null {
  const event = watchEventOf(value)
  return event?.kind === 'CHANGE' ? event.change : null
}

/** Whether a value of a stream tells a row of a snapshot: its rows are of one moment, and may be read together. */
export function isOfSnapshot(value: unknown): boolean {
  return watchEventOf(value)?.kind === 'SNAPSHOT'
}

function watchEventOf(value: unknown): WatchEvent<unknown> | null {
  return isTold(value) && 'event' in value && isWatched(value.event) ? value.event : null
}

function isTold(value: unknown): value is Told<object> {
  return typeof value === 'object' && value !== null && ('error' in value || 'event' in value)
}

function isWatched(event: object): event is WatchEvent<unknown> {
  return 'kind' in event && 'position' in event
}

/** The cursor of a watch's event. */
export function cursorOf(holder: Holder, { position }: WatchEvent<unknown>): string {
  return encodeCursor(holder.ctx.store.id, position)
}
