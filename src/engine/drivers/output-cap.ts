import type { OutputLine } from './line.ts'

/** How much of one stream is kept. */
export type OutputLimit = {
  /** Bytes from the start that are always kept. */
  readonly headBytes: number
  /** Bytes from the end that are kept beyond the head. */
  readonly tailBytes: number
  /** Lines from the end that are kept at most: a million empty lines cost more memory than their bytes say. */
  readonly tailLines: number
}

/** Lets the start and the end of one stream through and drops its middle. */
export type OutputCap = {
  /** Takes the next line; gives it back where it is to be kept at once, and null where the end decides. */
  readonly push: (line: OutputLine) => OutputLine | null
  /** The lines that were held back, in order, led by one marker line where some were dropped. */
  readonly finish: () => OutputLine[]
  /** Bytes dropped so far, exact; only `finish` makes them final. */
  readonly dropped: () => number
}

/** The product's limit: first 2 MiB and last 8 MiB of each stream. */
export const defaultLimit: OutputLimit = { headBytes: 2 * 1024 ** 2, tailBytes: 8 * 1024 ** 2, tailLines: 50_000 }

/** Stands where a dropped line stood, so that its bytes can be freed before the list is shortened. */
const released: OutputLine = { bytes: Buffer.alloc(0), at: new Date(0) }

/**
 * Starts a cap. Lines up to the head's size pass at once, so they can be followed live; after that they are held in
 * memory, the oldest being dropped, until the stream ends. An error is nearly always at the end, so the end is what must survive.
 * A line is kept or dropped whole.
 */
export function createOutputCap(limit: OutputLimit = defaultLimit): OutputCap {
  let headLeft = limit.headBytes
  let headOpen = true
  let tail: OutputLine[] = []
  let first = 0
  let tailSize = 0
  let dropped = 0
  let droppedAt: Date | null = null

  const dropOldest = () => {
    const oldest = tail[first]
    if (oldest === undefined) return
    tail[first] = released
    first += 1
    tailSize -= oldest.bytes.length
    dropped += oldest.bytes.length
    droppedAt ??= oldest.at
  }
  const compact = () => {
    if (first < 1024 || first * 2 < tail.length) return
    tail = tail.slice(first)
    first = 0
  }
  return {
    push(line) {
      headOpen &&= line.bytes.length <= headLeft
      if (headOpen) {
        headLeft -= line.bytes.length
        return line
      }
      tail.push(line)
      tailSize += line.bytes.length
      while (tailSize > limit.tailBytes || tail.length - first > limit.tailLines) dropOldest()
      compact()
      return null
    },
    finish() {
      const kept = tail.slice(first)
      if (droppedAt === null) return kept
      return [{ bytes: Buffer.from(`[jobgraph: ${dropped} bytes dropped]\n`), at: droppedAt }, ...kept]
    },
    dropped: () => dropped,
  }
}
