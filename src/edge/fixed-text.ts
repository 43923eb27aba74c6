/** Texts that never change while the process lives: the GraphiQL page, the schema, the OpenAPI documents. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { entityTag, holds } from './entity-tag.ts'

type Bytes = Uint8Array<ArrayBuffer>

const codings = {
  br: (bytes: Bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes: Bytes) => promisify(gzip)(bytes),
} as const

type Coding = keyof typeof codings

/**
 * Serves a text to GET and HEAD, with a tag that spares its second download. Each coding has a tag of
 * its own, for its bytes are others. It is compressed at the first request that
 * takes it so.
 */
export function fixedText(
  text: string,
  headers: Readonly<Record<string, string>>,
): (request: Request) => Promise<Response> {
  const plainTag = entityTag(text)
  const plain = new TextEncoder().encode(text)
  const made = new Map<Coding, Promise<Bytes>>()
  const compressed = (coding: Coding) => {
    const known = made.get(coding)
    if (known !== undefined) return known
    const making = codings[coding](plain).then((bytes) => new Uint8Array(bytes))
    made.set(coding, making)
    return making
  }
  return async (request) => {
    const coding = codingOf(request)
    const tag = coding === null ? plainTag : `${plainTag.slice(0, -1)}-${coding}"`
    const shared = { ...headers, Vary: [headers.Vary, 'Accept-Encoding'].filter(Boolean).join(', '), ETag: tag }
    if (holds(request, tag)) return new Response(null, { status: 304, headers: shared })
    const bytes = coding === null ? plain : await compressed(coding)
    const own = { ...(coding === null ? {} : { 'Content-Encoding': coding }), 'Content-Length': String(bytes.length) }
    return new Response(request.method === 'HEAD' ? null : bytes, { headers: { ...shared, ...own } })
  }
}

function codingOf(request: Request): Coding | null {
  const accepted = request.headers.get('accept-encoding') ?? ''
  return /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null
}
