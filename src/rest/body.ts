/** Request bodies: bounded before they are held, refused when compressed, and read strictly. */
import { isObject, type Json, parseJson, unstorable } from '#model/json.ts'

/** The largest body that a route takes unless it says otherwise: 1 MiB. */
export const defaultBodyLimit = 1_048_576

/** What a request carried, once read; `none` also where the route reads no body. */
export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'form'; readonly fields: URLSearchParams }
  | { readonly kind: 'text'; readonly text: string }

/** Why a body was refused; `detail` is safe to print. The statuses are 413, 415, 415 and 400. */
export type BodyFault = {
  readonly fault: 'too-large' | 'encoding' | 'media-type' | 'malformed'
  readonly detail: string
}

/** Tells a refusal from bytes or a body. */
export function isFault(value: object): value is BodyFault {
  return 'fault' in value
}

/**
 * Reads a whole body, at most `limit` bytes: what is announced is checked before anything is read, and what arrives is
 * counted. A compressed body is refused, for its true size is unknown.
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | BodyFault> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') {
    return { fault: 'encoding', detail: 'A compressed request body is not accepted.' }
  }
  const tooLarge: BodyFault = { fault: 'too-large', detail: `The request body is larger than ${limit} bytes.` }
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.byteLength
    if (size > limit) {
      await reader.cancel()
      return tooLarge
    }
    chunks.push(next.value)
  }
  return new Uint8Array(Buffer.concat(chunks, size))
}

/**
 * Reads a body of one of the media types `accepts`: JSON, a urlencoded form, or the text fields of a multipart form
 * (files in one are refused). An empty body is `none`, whatever it claims to be.
 */
export async function readBody(request: Request, accepts: readonly string[], limit: number): Promise<Body | BodyFault> {
  const bytes = await readBytes(request, limit)
  if (isFault(bytes)) return bytes
  if (bytes.byteLength === 0) return { kind: 'none' }
  const declared = request.headers.get('content-type') ?? ''
  const type = mediaType(declared)
  if (!accepts.includes(type)) return { fault: 'media-type', detail: declared.slice(0, 200) }
  if (type === 'multipart/form-data') return readMultipart(bytes, declared)
  const content = decodeUtf8(bytes)
  if (content === null) return { fault: 'malformed', detail: 'The request body is not valid UTF-8.' }
  return type === 'application/x-www-form-urlencoded' ? storableForm(new URLSearchParams(content)) : jsonBody(content)
}

/** Reads one JSON text into a body; refuses what the store could not keep. */
export function jsonBody(content: string): Body | BodyFault {
  let value: Json
  try {
    value = parseJson(content)
  } catch (error) {
    // Deep nesting may exhaust the stack instead of being a syntax error; either way it is the caller's text.
    return { fault: 'malformed', detail: `JSON parse error - ${error instanceof Error ? error.message : 'unreadable'}` }
  }
  const reason = unstorable(value)
  return reason === null ? { kind: 'json', value } : { fault: 'malformed', detail: `The request body ${reason}.` }
}

/** A body that must be a JSON object or a form, as most documents want it; any other JSON is refused. */
export function wantObject(body: Body | BodyFault): Body | BodyFault {
  if (isFault(body) || body.kind !== 'json' || isObject(body.value)) return body
  return { fault: 'malformed', detail: 'The request body must be a JSON object.' }
}

/** Decodes strictly, keeping a byte order mark; null where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The media type of a Content-Type value: lower case, without its parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}

async function readMultipart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Body | BodyFault> {
  try {
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
    const fields = new URLSearchParams()
    for (const [name, value] of form) {
      if (typeof value !== 'string') return { fault: 'malformed', detail: 'A form with a file is not accepted.' }
      fields.append(name, value)
    }
    return storableForm(fields)
  } catch {
    return { fault: 'malformed', detail: 'The multipart form cannot be read.' }
  }
}

function storableForm(fields: URLSearchParams): Body | BodyFault {
  const reason = unstorable([...fields])
  return reason === null ? { kind: 'form', fields } : { fault: 'malformed', detail: `The request body ${reason}.` }
}
