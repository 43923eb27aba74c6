import { isEnded } from '#model/allocation.ts'
import type { LogStream } from '#model/log.ts'
import type { LogOrigin } from '#model/logger.ts'
import { findAllocations } from '#store/allocation.ts'
import { findLogStreams } from '#store/log.ts'
import { findBytes } from '#store/log-byte.ts'
import type { Context } from './context.ts'
import { nextTouch, type Stream, stoppable } from './wait.ts'

const chunkBytes = 65_536
const heartbeatMs = 1_000

/** Which bytes of which stream of a task are wanted. */
export type TaskLogQuery = {
  readonly executionId: number
  readonly task: string
  /** `stdout` or `stderr`. */
  readonly stream: string
  readonly origin: LogOrigin
  /** Bytes to skip from the start, or to take from the end. */
  readonly offset: number
  /** At most so many bytes; absent means all. */
  readonly limit?: number
  /** Goes on with what is written later, until the allocation has ended. */
  readonly follow: boolean
}

/** Bytes of a log that follow those of the chunk before. */
export type LogBytes = {
  /** The place in the log right after the last of them. */
  readonly end: number
  /** At most 64 KiB; none where a second passed in which nothing was written. */
  readonly bytes: Uint8Array
}

/** The log streams of an allocation as they are now, with their sizes. */
export async function listTaskLogs(ctx: Context, executionId: number): Promise<readonly LogStream[]> {
  return findLogStreams(ctx.store.db, [executionId])
}

/** Reads the bytes of a task's log chunk by chunk, at the pace of the consumer; a log that nobody began is empty. */
export function readTaskLog(ctx: Context, query: TaskLogQuery): Stream<LogBytes> {
  return stoppable(ctx.signal, (signal) => chunksOf(ctx, query, signal))
}

async function* chunksOf(
  ctx: Context,
  query: TaskLogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogBytes, void, undefined> {
  const { feed } = ctx.store
  let at = startOf(query, (await findStream(ctx, query))?.byteCount ?? 0)
  const stop = at + (query.limit ?? Number.POSITIVE_INFINITY)
  let isWaiting = false
  while (!signal.aborted && !feed.isStopped) {
    const touched = nextTouch(feed, `log:${query.executionId}`, heartbeatMs, signal)
    try {
      // Asked before the size: what an allocation that had ended then does not show now, it never wrote.
      const isLast = !query.follow || (await hasEnded(ctx, query.executionId))
      const stream = await findStream(ctx, query)
      const end = Math.min(stream?.byteCount ?? 0, stop)
      const before = at
      while (stream !== null && at < end) {
        const bytes = await findBytes(ctx.store.db, stream.id, at, Math.min(at + chunkBytes, end))
        if (bytes.length === 0) break
        at += bytes.length
        yield { end: at, bytes }
      }
      if (isLast || at >= stop) return
      if (isWaiting && at === before) yield { end: at, bytes: new Uint8Array() }
      isWaiting = true
      await touched.promise
    } finally {
      touched.forget()
    }
  }
}

function startOf({ origin, offset }: TaskLogQuery, size: number): number {
  return origin === 'start' ? offset : Math.max(0, size - offset)
}

async function findStream(ctx: Context, { executionId, task, stream }: TaskLogQuery): Promise<LogStream | null> {
  const streams = await listTaskLogs(ctx, executionId)
  return streams.find((one) => one.task === task && one.name === stream) ?? null
}

async function hasEnded(ctx: Context, executionId: number): Promise<boolean> {
  const [allocation] = await findAllocations(ctx.store.db, [executionId])
  return allocation === undefined || isEnded(allocation.clientStatus)
}
