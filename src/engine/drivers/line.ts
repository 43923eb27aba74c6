/** One line of one output stream. */
export type OutputLine = {
  /**
   * The bytes as the command wrote them, with their newline. Bytes that end in none are either a piece of an
   * over-long line, whose rest follows in the next one, or the unterminated end of the stream.
   */
  readonly bytes: Buffer
  /** When the first of these bytes arrived. */
  readonly at: Date
}

/** Cuts the chunks of one stream into lines; holds at most one unfinished line. */
export type LineFramer = {
  /** Takes the next chunk and gives the lines that it completed, in order. */
  readonly push: (chunk: Buffer, at: Date) => OutputLine[]
  /** Gives the unterminated end of the stream, or null where there is none. */
  readonly flush: () => OutputLine | null
}

const newline = 10

/**
 * Starts a framer. No line is longer than `maxLineBytes` (its newline not counted): longer ones come in pieces, cut between
 * two UTF-8 characters where they are valid, so that memory stays bounded whatever a command prints. Together
 * the lines are exactly the bytes that went in.
 */
export function createLineFramer({ maxLineBytes }: { readonly maxLineBytes: number }): LineFramer {
  let held: OutputLine | null = null
  /** Completes the held line with the start of the chunk, and gives what is left of the chunk. */
  const complete = (open: OutputLine, chunk: Buffer, lines: OutputLine[]): Buffer => {
    const joined = Buffer.concat([open.bytes, chunk.subarray(0, maxLineBytes + 1 - open.bytes.length)])
    const end = lineEnd(joined, 0, maxLineBytes)
    held = end === null ? { bytes: joined, at: open.at } : null
    if (end === null) return chunk.subarray(chunk.length)
    lines.push({ bytes: joined.subarray(0, end), at: open.at })
    // A cut before a character whose first bytes came earlier leaves these to the next line.
    if (end < open.bytes.length) held = { bytes: open.bytes.subarray(end), at: open.at }
    return chunk.subarray(Math.max(0, end - open.bytes.length))
  }
  return {
    push(chunk, at) {
      const lines: OutputLine[] = []
      let rest = chunk
      while (held !== null && rest.length > 0) rest = complete(held, rest, lines)
      let start = 0
      for (let end = lineEnd(rest, 0, maxLineBytes); end !== null; end = lineEnd(rest, start, maxLineBytes)) {
        lines.push({ bytes: rest.subarray(start, end), at })
        start = end
      }
      if (start < rest.length) held = { bytes: rest.subarray(start), at }
      return lines
    },
    flush() {
      const last = held
      held = null
      return last
    },
  }
}

/** Where the line that starts at `start` ends (exclusive), or null while that cannot be told yet. */
function lineEnd(bytes: Buffer, start: number, max: number): number | null {
  const window = bytes.subarray(start, start + max + 1)
  const found = window.indexOf(newline)
  if (found !== -1) return start + found + 1
  return window.length <= max ? null : start + characterStart(window, max)
}

/** The last position ≤ `at` that does not cut a UTF-8 character; `at` itself where the bytes are no UTF-8. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at
  while (start > at - 3 && start > 1 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1
  return ((bytes[start] ?? 0) & 0xc0) === 0x80 ? at : start
}

/**
 * A line as text that any store takes: without its newline (\n or \r\n), invalid UTF-8 as U+FFFD, NUL as the visible
 * U+2400. Everything else, escape sequences included, stays as it was.
 */
export function lineText(bytes: Buffer): string {
  let end = bytes.length
  if (end > 0 && bytes[end - 1] === newline) end -= end > 1 && bytes[end - 2] === 13 ? 2 : 1
  return bytes.toString('utf8', 0, end).replaceAll('\0', '\u2400')
}
