/** What a handler answers, and how that becomes a fetch `Response`. */
import { toJson } from '#model/json.ts'

type HeaderList = { readonly [name: string]: string }

/** An answer of any surface. No body (undefined) sends none; `contentType` describes the body. */
export type Reply = {
  readonly status: number
  readonly headers?: HeaderList
  /** A stream is sent as it comes, without `Content-Length`; whoever stops reading cancels it. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array<ArrayBuffer>>
  readonly contentType?: string
}

/** A JSON answer, minified; 64-bit integers are written digit for digit. */
export function json(status: number, value: unknown, headers: HeaderList = {}): Reply {
  return { status, headers, body: toJson(value), contentType: 'application/json' }
}

/** A plain-text answer, UTF-8, without a final newline of its own. */
export function text(status: number, body: string, headers: HeaderList = {}): Reply {
  return { status, headers, body, contentType: 'text/plain; charset=utf-8' }
}

/** An answer without a body. */
export function empty(status: number, headers: HeaderList = {}): Reply {
  return { status, headers }
}

const bodiless = new Set([204, 205, 304])

/**
 * Builds the response. `Content-Length` is always told where a body may be, so that a HEAD (`head`) answers with the
 * length of the body that it leaves out.
 * @throws TypeError where a header holds what HTTP cannot carry, such as a line break
 */
export function toResponse(reply: Reply, head = false): Response {
  const headers = new Headers(reply.headers)
  if (bodiless.has(reply.status)) return new Response(null, { status: reply.status, headers })
  if (reply.body instanceof ReadableStream) {
    if (reply.contentType !== undefined) headers.set('content-type', reply.contentType)
    if (head) reply.body.cancel()
    return new Response(head ? null : reply.body, { status: reply.status, headers })
  }
  const body = typeof reply.body === 'string' ? new TextEncoder().encode(reply.body) : (reply.body ?? new Uint8Array())
  if (reply.contentType !== undefined) headers.set('content-type', reply.contentType)
  headers.set('content-length', String(body.byteLength))
  const sent = head || body.byteLength === 0 ? null : new Uint8Array(body)
  return new Response(sent, { status: reply.status, headers })
}
