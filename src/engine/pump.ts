import { DomainError } from '#model/error.ts'
import type { Lease } from '#model/execution.ts'
import type { NewLogLine } from '#model/log.ts'
import type { Store } from '#store/store.ts'
import { appendLog } from '#store/work.ts'
import { createLineFramer, type OutputLine } from './drivers/line.ts'
import { createOutputCap, type OutputLimit } from './drivers/output-cap.ts'

const flushMs = 100
const batchLines = 500
/** Beyond this much unwritten output the command has to wait. */
const pressureBytes = 1024 * 1024
/** All that a job prints up to 32 MiB a stream can be followed live; beyond it, the last 2 MiB are kept as well. */
const limit: OutputLimit = { headBytes: 32 * 1024 ** 2, tailBytes: 2 * 1024 ** 2, tailLines: 50_000 }

/** Carries what a command prints into the log, in the order in which it arrived. */
export type Pump = {
  /** Takes a chunk; the returned promise, where there is one, holds the command back. */
  readonly push: (stream: 'stdout' | 'stderr', chunk: Buffer, at: Date) => void | Promise<void>
  /** Takes a line of our own, such as why a command could not be started. */
  readonly say: (text: string, at: Date) => void
  /** Writes what is left. @throws DomainError STALE_LEASE where the execution was lost */
  readonly finish: () => Promise<void>
}

/** Starts a pump for one task of an execution. `onLost` is called once when the log refuses the lease. */
export function createPump(store: Store, lease: Lease, task: string, onLost: () => void): Pump {
  const streams = { stdout: openStream('stdout'), stderr: openStream('stderr') }
  const waiting: NewLogLine[] = []
  let waitingBytes = 0
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown = null

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
        await appendWithRetry(store, lease, task, lines)
        waitingBytes -= lines.reduce((sum, line) => sum + line.bytes.length, 0)
      } catch (error) {
        failure = error
        onLost()
      }
    }
  }
  return {
    push(stream, chunk, at) {
      const { framer, cap } = streams[stream]
      const kept = framer.push(chunk, at).flatMap((line) => cap.push(line) ?? [])
      keep(stream, kept)
      return waitingBytes > pressureBytes && failure === null ? write() : undefined
    },
    say(text, at) {
      keep('stderr', [{ bytes: Buffer.from(`${text}\n`), at }])
    },
    async finish() {
      for (const { name, framer, cap } of Object.values(streams)) {
        const tail = framer.flush()
        const last = tail === null ? [] : [cap.push(tail)]
        keep(name, [...last.filter((line) => line !== null), ...cap.finish()])
      }
      await write()
      if (failure !== null) throw failure
    },
  }
}

function openStream(name: 'stdout' | 'stderr') {
  return { name, framer: createLineFramer({ maxLineBytes: 16 * 1024 }), cap: createOutputCap(limit) }
}

/** A database that is away for a moment must not cost a line; a lost lease ends the matter at once. */
async function appendWithRetry(store: Store, lease: Lease, task: string, lines: readonly NewLogLine[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await appendLog(store, lease, task, lines)
      return
    } catch (error) {
      if (error instanceof DomainError || attempt === 40) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}
