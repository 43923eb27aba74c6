/** How the Cluster API words a refusal: `{"error": "<text>"}`, and what all its routes have in common. */
import { placeText } from '#model/documents/schema.ts'
import { badInput, type DomainError, type ErrorCode } from '#model/error.ts'
import type { Json } from '#model/json.ts'
import { type Body, type BodyFault, decodeUtf8, isFault, jsonBody, readBytes } from '../body.ts'
import { json, type Reply } from '../reply.ts'
import type { ReplyDoc, RestRequest, Surface } from '../route.ts'
import { exactly, listOf, named, string } from '../shape.ts'

type Manner = 'head' | 'notFound' | 'methodNotAllowed' | 'fromError' | 'failure' | 'badBody' | 'readBody'

/** What every route has in common in refusing and reading; spread into the `Surface`. */
export function clusterManners<C>(): Pick<Required<Surface<C>>, Manner> {
  return {
    head: true,
    notFound: () => refuse(404, 'Nothing is served here.'),
    methodNotAllowed: (method, allow) =>
      refuse(405, `Method ${method} is not allowed here.`, {}, { Allow: allow.join(', ') }),
    fromError: errorReply,
    failure: () => refuse(500, 'Internal server error.'),
    badBody: (fault) => refuse(faultStatuses[fault.fault], fault.detail),
    readBody: async (request, _route, limit) => (await readText(request, limit)).body,
  }
}

const statuses: { readonly [code in ErrorCode]: number } = {
  BAD_USER_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  KEY_REUSED: 422,
  FORBIDDEN: 403,
  TOO_LARGE: 413,
  UNAVAILABLE: 503,
  STALE_LEASE: 409,
  COMPACTED: 410,
  FOREIGN_CURSOR: 400,
}

const faultStatuses: { readonly [fault in BodyFault['fault']]: number } = {
  'too-large': 413,
  encoding: 415,
  'media-type': 415,
  malformed: 400,
}

function errorReply(error: DomainError): Reply {
  const details = error.details.faults?.map(({ path, message }) => ({ path: placeText(path, 'settings'), message }))
  const headers: HeaderList = error.code === 'UNAVAILABLE' ? { 'Retry-After': '1' } : {}
  return refuse(statuses[error.code], error.message, details === undefined ? {} : { details }, headers)
}

type HeaderList = { readonly [name: string]: string }

/** A refusal; secrets share these routes' manners, so none of them is ever kept by a cache. */
function refuse(status: number, words: string, more: object = {}, headers: HeaderList = {}): Reply {
  return inUtf8(json(status, { error: words, ...more }, { 'Cache-Control': 'no-store', ...headers }))
}

/** A JSON answer that names its encoding, as this document's clients are used to. */
export function inUtf8(reply: Reply): Reply {
  return { ...reply, contentType: 'application/json; charset=utf-8' }
}

/**
 * Reads a body as JSON whatever type it claims to have: the document names none, and its clients send several.
 * `text` is the body as it came, and empty where there is none.
 */
export async function readText(
  request: Request,
  limit: number,
): Promise<{ readonly body: Body | BodyFault; readonly text: string }> {
  const bytes = await readBytes(request, limit)
  if (isFault(bytes)) return { body: bytes, text: '' }
  if (bytes.byteLength === 0) return { body: { kind: 'none' }, text: '' }
  const text = decodeUtf8(bytes)
  if (text === null) return { body: { fault: 'malformed', detail: 'The request body is not valid UTF-8.' }, text: '' }
  return { body: jsonBody(text), text }
}

/** The JSON that was posted. @throws DomainError BAD_USER_INPUT where there is no body */
export function posted(request: RestRequest): Json {
  if (request.body.kind !== 'json') throw badInput('The request body must be JSON.')
  return request.body.value
}

/** The schemas of refusals. */
export const errorSchemas = {
  ClusterError: exactly({ error: string }),
  ClusterSettingsError: {
    type: 'object',
    properties: { error: string, details: listOf(exactly({ path: string, message: string })) },
    required: ['error'],
  },
} as const

const fault = { schema: named('ClusterError'), type: 'application/json' } as const

/** A parameter or the body is wrong. */
export const badRequest: ReplyDoc = { doc: 'A parameter or the body is wrong.', ...fault }
/** What the path names does not exist. */
export const unknown: ReplyDoc = { doc: 'What the path names does not exist.', ...fault }
/** What OpenAPI says of the refusals that no route names. */
export const refusalDoc = 'Refused: a body that is too large or compressed, a key used twice, or a fault here.'
/** What no route names, since all share it. */
export const refusal: ReplyDoc = { doc: refusalDoc, ...fault }
