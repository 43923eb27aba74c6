/** How Nomad sends logs: JSON objects back to back, each with bytes in base64; or the bytes alone. */
import { encodeGo } from '#model/go-json.ts'
import type { LogBytes } from '#resolvers/task-log.ts'
import type { Stream } from '#resolvers/wait.ts'

/** Frames of a file; an empty one is a heartbeat. `Offset` is the place after the bytes. */
export function toFrames(chunks: Stream<LogBytes>, file: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return toBody(chunks, ({ bytes, end }) => {
    if (bytes.length === 0) return encoder.encode('{}')
    return encoder.encode(encodeGo({ Data: Buffer.from(bytes).toString('base64'), File: file, Offset: end }))
  })
}

/** The bytes as they were written; a silence sends nothing. */
export function toText(chunks: Stream<LogBytes>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return toBody(chunks, ({ bytes }) => new Uint8Array(bytes))
}

function toBody(
  chunks: Stream<LogBytes>,
  encode: (chunk: LogBytes) => Uint8Array<ArrayBuffer>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done === true) controller.close()
        else controller.enqueue(encode(next.value))
      },
      async cancel() {
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}
