/** One log line. */
export type LogLine = {
  readonly executionId: number
  /** Its place in the execution's log over all streams, from 1 without gaps. */
  readonly order: number
  /** Scale task or Nomad task that wrote it. */
  readonly task: string
  /** `stdout`, `stderr`, or the name of a file. */
  readonly stream: string
  /** Where its first byte lies in the stream. */
  readonly byteOffset: number
  /** When it was read from the pipe: ISO 8601 in UTC. */
  readonly at: string
  /** Its bytes, a final newline included. */
  readonly bytes: Uint8Array
}

/** A line to be written: its order and offset are the store's to give. */
export type NewLogLine = {
  readonly stream: string
  readonly bytes: Uint8Array
  /** ISO 8601 in UTC. */
  readonly at: string
}

/** A stream of an execution's log, and how much of it there is. */
export type LogStream = {
  readonly id: number
  readonly executionId: number
  readonly task: string
  readonly name: string
  readonly byteCount: number
  readonly lineCount: number
}

/** How many of the bytes are left without the beginning of a UTF-8 character that is cut off at their end. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
