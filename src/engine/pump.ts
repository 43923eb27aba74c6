import type { Lease } from '#model/execution.ts'
import type { NewLogLine } from '#model/log.ts'
import { trimLog } from '#store/log-trim.ts'
import type { Store } from '#store/store.ts'
import { appendLog } from '#store/work.ts'
import { createLineFramer, type LineFramer, type OutputLine } from './drivers/line.ts'
import { createOutputCap, type OutputCap, type OutputLimit } from './drivers/output-cap.ts'
import { after } from './drivers/timer.ts'
import { persistently } from './persist.ts'

const flushMs = 100
const batchLines = 500
/** Beyond this much unwritten output the command has to wait. */
const pressureBytes = 1024 * 1024
/** All that a job prints up to 32 MiB a stream can be followed live; beyond it, the last 2 MiB are kept as well. */
const limit: OutputLimit = { headBytes: 32 * 1024 ** 2, tailBytes: 2 * 1024 ** 2, tailLines: 50_000 }
/** For output that is trimmed in the store instead. */
const uncapped: OutputCap = { push: (line) => line, finish: () => [], dropped: () => 0 }
const newline = 10

/** Carries what a command prints into the log, in the order in which it arrived. */
export type Pump = {
  /** Takes a chunk; the returned promise, where there is one, holds the command back. */
  readonly push: (stream: 'stdout' | 'stderr', chunk: Buffer, at: Date) => void | Promise<void>
  /** Takes a line of our own, such as why a command could not be started. */
  readonly say: (text: string, at: Date) => void
  /** Writes what is left. @throws DomainError STALE_LEASE where the execution was lost */
  readonly finish: () => Promise<void>
}

/** How a pump treats what does not end: a line, or the output as a whole. */
export type PumpOptions = {
  /**
   * Milliseconds after which the beginning of a line is written although its end has not come. It is then a piece, as
   * those of an over-long line are: it has an order number of its own and no newline, and the rest of the line follows
   * as the next one of its stream. Absent waits for the end.
   */
  readonly partialMs?: number
  /**
   * Keeps the newest so many bytes of each stream (about, and more while it runs), for a task without a foreseeable
   * end. Absent keeps the start and the end.
   */
  readonly keepBytes?: number
}

/** Starts a pump for one task of an execution. `onLost` is called once when the log refuses the lease. */
export function createPump(
  store: Store,
  lease: Lease,
  task: string,
  onLost: () => void,
  { partialMs, keepBytes }: PumpOptions = {},
): Pump {
  const streams = { stdout: openStream('stdout', keepBytes), stderr: openStream('stderr', keepBytes) }
  const waiting: NewLogLine[] = []
  let waitingBytes = 0
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown = null
  let untrimmed = 0

  const keep = (stream: string, lines: readonly OutputLine[]) => {
    for (const line of lines) {
      waiting.push({ stream, bytes: line.bytes, at: line.at.toISOString() })
      waitingBytes += line.bytes.length
    }
    if (waiting.length > 0) timer ??= setTimeout(() => void write(), waiting.length >= batchLines ? 0 : flushMs)
  }
  const write = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    writing = writing.then(writeWaiting)
    return writing
  }
  const writeWaiting = async () => {
    while (waiting.length > 0 && failure === null) {
      const lines = waiting.splice(0, batchLines)
      try {
        await persistently(() => appendLog(store, lease, task, lines))
        const written = lines.reduce((sum, line) => sum + line.bytes.length, 0)
        waitingBytes -= written
        untrimmed += written
        if (keepBytes !== undefined && untrimmed > keepBytes / 4) await trim(keepBytes)
      } catch (error) {
        failure = error
        onLost()
      }
    }
  }
  const trim = async (bytes: number) => {
    untrimmed = 0
    // What is not forgotten now is the next time.
    await trimLog(store.db, lease.executionId, task, bytes).catch(() => {})
  }
  /** Sees to it that an unfinished line does not wait for its end. */
  const expectEnd = (stream: OpenStream, chunk: Buffer) => {
    if (partialMs === undefined || chunk.at(-1) === newline) return stopExpecting(stream)
    stream.cancel ??= after(partialMs, () => {
      stream.cancel = null
      keep(stream.name, lastOf(stream))
    })
  }
  return {
    push(name, chunk, at) {
      const stream = streams[name]
      const kept = stream.framer.push(chunk, at).flatMap((line) => stream.cap.push(line) ?? [])
      keep(name, kept)
      expectEnd(stream, chunk)
      return waitingBytes > pressureBytes && failure === null ? write() : undefined
    },
    say(text, at) {
      keep('stderr', [{ bytes: Buffer.from(`${text}\n`), at }])
    },
    async finish() {
      for (const stream of Object.values(streams)) {
        stopExpecting(stream)
        keep(stream.name, [...lastOf(stream), ...stream.cap.finish()])
      }
      await write()
      if (failure !== null) throw failure
      if (keepBytes !== undefined) await trim(keepBytes)
    },
  }
}

type OpenStream = {
  readonly name: 'stdout' | 'stderr'
  readonly framer: LineFramer
  readonly cap: OutputCap
  /** Ends the wait for the end of a line; null while none is awaited. */
  cancel: (() => void) | null
}

function openStream(name: 'stdout' | 'stderr', keepBytes: number | undefined): OpenStream {
  const cap = keepBytes === undefined ? createOutputCap(limit) : uncapped
  return { name, cap, framer: createLineFramer({ maxLineBytes: 16 * 1024 }), cancel: null }
}

function stopExpecting(stream: OpenStream): void {
  stream.cancel?.()
  stream.cancel = null
}

/** The unfinished line of a stream, where there is one and it is to be kept at once. */
function lastOf({ framer, cap }: OpenStream): OutputLine[] {
  const line = framer.flush()
  const kept = line === null ? null : cap.push(line)
  return kept === null ? [] : [kept]
}
