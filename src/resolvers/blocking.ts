import type { Context } from './context.ts'

/** A value and the change index that it stands for, as `X-Nomad-Index` and `waitIndex` tell it. */
export type Indexed<T> = { readonly index: number; readonly value: T }

/** What a long poll waits for. */
export type Wait = {
  /** The topics (model/topic.ts) of which any may change the answer. */
  readonly topics: readonly string[]
  /** Answer when the index is above this; 0 answers at once. */
  readonly index: number | bigint
  /** At most this long, in milliseconds. */
  readonly timeoutMs: number
  /** Adds a random part of up to a sixteenth, as Nomad does, so that clients do not come back all at once. */
  readonly jitter?: boolean
  /** Waits of the same name that wake together read once; they must read the same thing. */
  readonly share?: string
}

/**
 * Reads, and where the answer's index is not above the one asked for, sleeps until a topic is touched and reads
 * again. It answers at the latest when time is up, and at once when the store closes or the client goes away.
 */
export async function waitFor<T>(_ctx: Context, _wait: Wait, _read: () => Promise<Indexed<T>>): Promise<Indexed<T>> {
  throw new Error('unfinished')
}
