/** Nomad's answers: JSON with the headers by which clients tell how fresh it is and where to wait on. */
import { encodeGo } from '#model/go-json.ts'
import { type Reply, text } from '../reply.ts'
import type { ParamDocs, RestRequest } from '../route.ts'
import { integer, string } from '../shape.ts'

/** The header of a write, for OpenAPI. */
export const writeHeaders: ParamDocs = {
  'X-Nomad-Index': {
    doc: 'The change index of what was written; 0 where nothing is to be waited for.',
    schema: integer,
  },
}

/** The headers of a read, for OpenAPI. */
export const readHeaders: ParamDocs = {
  'X-Nomad-Index': { doc: 'The change index of what was read; send it as `index` to wait for news.', schema: integer },
  'X-Nomad-KnownLeader': { doc: 'Always `true`: the database decides, and it answered.', schema: string },
  'X-Nomad-LastContact': { doc: 'Always 0: what was read is not stale.', schema: integer },
}

/** Answers a read. */
export function answerRead(request: RestRequest, index: number, value: unknown): Reply {
  return answerPlain(request, value, freshness(index))
}

/** Answers a read that found nothing: the message alone, with the headers of a read. */
export function answerMissing(index: number, words: string): Reply {
  return text(404, words, freshness(index))
}

/** Answers a write. */
export function answerWrite(request: RestRequest, index: number, value: unknown): Reply {
  return answerPlain(request, value, { 'X-Nomad-Index': String(index) })
}

/** Answers with JSON as Go writes it: without a newline at the end, and indented wherever `?pretty` stands. */
export function answerPlain(
  request: RestRequest,
  value: unknown,
  headers: { readonly [name: string]: string } = {},
): Reply {
  const body = encodeGo(value, request.query.has('pretty'))
  return { status: 200, headers, body, contentType: 'application/json' }
}

function freshness(index: number): { readonly [name: string]: string } {
  return { 'X-Nomad-Index': String(index), 'X-Nomad-KnownLeader': 'true', 'X-Nomad-LastContact': '0' }
}
