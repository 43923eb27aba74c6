import type { Socket } from 'node:net'
import { settledWithin } from './timer.ts'

/** The reading of one output stream until its end. */
export type OutputReading = {
  /** Resolves, and never rejects, when the stream has ended or was cut off. */
  readonly done: Promise<void>
  /** Chunks taken so far. */
  readonly taken: () => number
  /** True while the taker of a chunk has not finished. */
  readonly busy: () => boolean
  /** Ends the reading now. */
  readonly cut: () => void
}

/**
 * Hands every chunk of a stream to `take` and reads on only when `take` is done, so that the writer comes to wait for it.
 * Where `take` fails, `fail` is called with its error and the rest is not read.
 */
export function readOutput(
  stream: Socket,
  take: (chunk: Buffer) => void | Promise<void>,
  fail: (error: unknown) => void,
): OutputReading {
  let taken = 0
  let busy = false
  const takeChunk = async (chunk: Buffer) => {
    busy = true
    try {
      await take(chunk)
      taken += 1
    } catch (error) {
      fail(error)
      stream.destroy()
    } finally {
      busy = false
    }
  }
  const read = async () => {
    try {
      for await (const chunk of stream) if (Buffer.isBuffer(chunk)) await takeChunk(chunk)
    } catch {
      // Cut off: nobody wants the rest.
    }
  }
  return { done: read(), taken: () => taken, busy: () => busy, cut: () => stream.destroy() }
}

/**
 * Waits until every stream has ended. The writers are dead by now, so where nothing comes for `idleMs` milliseconds while the
 * takers are ready, somebody outside the tree holds the pipe open: then the rest is cut off.
 */
export async function settle(readings: readonly OutputReading[], idleMs: number): Promise<void> {
  const done = Promise.all(readings.map((reading) => reading.done))
  const total = () => readings.reduce((sum, reading) => sum + reading.taken(), 0)
  for (let before = total(); !(await settledWithin(done, idleMs)); before = total()) {
    if (total() !== before || readings.some((reading) => reading.busy())) continue
    for (const reading of readings) reading.cut()
  }
}
