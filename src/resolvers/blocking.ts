import type { Feed } from '#store/feed.ts'
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
 * again. It answers at the latest when time is up, and at once when the store closes or the client goes away. The
 * waiter is known before its first read, so no change falls between the two; nothing that was read is kept asleep.
 */
export async function waitFor<T>(ctx: Context, wait: Wait, read: () => Promise<Indexed<T>>): Promise<Indexed<T>> {
  if (wait.index <= 0 || wait.timeoutMs <= 0) return read()
  const sleeper = openSleeper(ctx, wait)
  let awake: (() => void) | undefined
  try {
    const isNews = (found: Indexed<T>) => found.index > wait.index
    const first = await read()
    if (isNews(first) || sleeper.isOver()) return first
    awake = ctx.onSleep?.()
    return await sleepUntil(sleeper, isNews, shared(ctx.store.feed, wait.share, read))
  } finally {
    sleeper.close()
    awake?.()
  }
}

/** A function of its own: what was read before must not be held by the sleeping one. */
async function sleepUntil<T>(
  sleeper: Sleeper,
  isNews: (found: Indexed<T>) => boolean,
  read: () => Promise<Indexed<T>>,
): Promise<Indexed<T>> {
  for (;;) {
    await sleeper.sleep()
    const found = await read()
    if (isNews(found) || sleeper.isOver()) return found
  }
}

type Sleeper = {
  /** Resolves at the next touch, or at once where one came since the last sleep, or all is over. */
  readonly sleep: () => Promise<void>
  readonly isOver: () => boolean
  readonly close: () => void
}

function openSleeper({ store: { feed }, signal }: Context, { topics, timeoutMs, jitter = false }: Wait): Sleeper {
  let touched = false
  let timeUp = false
  let resume: (() => void) | null = null
  const wake = () => {
    touched = true
    resume?.()
    resume = null
  }
  const end = () => {
    timeUp = true
    wake()
  }
  const forget = topics.map((topic) => feed.onTouch(topic, wake))
  const timer = setTimeout(end, timeoutMs + (jitter ? (Math.random() * timeoutMs) / 16 : 0))
  signal.addEventListener('abort', end, { once: true })
  const isOver = () => timeUp || signal.aborted || feed.isStopped
  return {
    async sleep() {
      if (!touched && !isOver()) {
        const { promise, resolve } = Promise.withResolvers<void>()
        resume = resolve
        await promise
      }
      touched = false
    },
    isOver,
    close() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      for (const one of forget) one()
    },
  }
}

type Reading = { readonly head: number; readonly answer: Promise<Indexed<unknown>> }

const readings = new WeakMap<Feed, Map<string, Reading>>()

/**
 * One read for all waits of a name that woke together. A reading that began at the present end of the log shows every
 * change that can have woken a waiter by now; an older one may not, and is not joined.
 */
function shared<T>(feed: Feed, name: string | undefined, read: () => Promise<Indexed<T>>): () => Promise<Indexed<T>> {
  if (name === undefined) return read
  const running = readings.get(feed) ?? new Map<string, Reading>()
  readings.set(feed, running)
  return () => {
    const known = running.get(name)
    // Callers of one name read the same thing, as `share` asks.
    if (known !== undefined && known.head === feed.head.index) return known.answer as Promise<Indexed<T>>
    const answer = read().finally(() => {
      if (running.get(name)?.answer === answer) running.delete(name)
    })
    running.set(name, { head: feed.head.index, answer })
    return answer
  }
}
