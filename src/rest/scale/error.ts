/** How Scale v6 words a refusal: `{"detail": "<one sentence>"}`, or the bare sentence where text was asked for. */
import { STATUS_CODES } from 'node:http'
import type { DomainError, ErrorCode } from '#model/error.ts'
import { type BodyFault, readBody, wantObject } from '../body.ts'
import { json, type Reply, text } from '../reply.ts'
import type { Media, RestRequest, Surface } from '../route.ts'

/** Media types of a POST or PATCH body, unless the route takes JSON alone. */
export const scaleBodyTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']

/** The one body type of cancel and requeue. */
export const scaleJsonOnly = ['application/json']

/** The fault name of a page that does not exist, the one 404 with words of its own. */
export const invalidPage = 'INVALID_PAGE'

type Manner = 'head' | 'notFound' | 'methodNotAllowed' | 'fromError' | 'failure' | 'badBody' | 'readBody' | 'negotiate'

/** What every Scale route has in common in refusing, reading and negotiating; spread into the `Surface`. */
export function scaleManners<C>(): Pick<Required<Surface<C>>, Manner> {
  return {
    head: true,
    notFound: () => detail(404, 'Not found.'),
    methodNotAllowed: (method, allow) =>
      detail(405, `Method "${method}" not allowed.`, 'json', { Allow: allow.join(', ') }),
    fromError: errorReply,
    failure: (request) => detail(500, 'Internal server error.', request.format),
    badBody: (fault, request) => bodyReply(fault, request.format),
    readBody: async (request, route, limit) => wantObject(await readBody(request, route.accepts ?? [], limit)),
    negotiate: (request, route) => negotiate(request, route.produces ?? [jsonMedia]),
  }
}

const jsonMedia: Media = { format: 'json', type: 'application/json' }

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

function errorReply(error: DomainError, request: RestRequest): Reply {
  const isPlain = error.code === 'NOT_FOUND' && error.details.name !== invalidPage
  const headers: Headers = error.code === 'UNAVAILABLE' ? { 'Retry-After': '1' } : {}
  return detail(statuses[error.code], isPlain ? 'Not found.' : error.message, request.format, headers)
}

function bodyReply(fault: BodyFault, format: string): Reply {
  if (fault.fault === 'too-large') return detail(413, fault.detail, format)
  if (fault.fault === 'malformed') return detail(400, fault.detail, format)
  if (fault.fault === 'encoding') return detail(415, fault.detail, format)
  return detail(415, `Unsupported media type "${fault.detail}" in request.`, format)
}

type Headers = { readonly [name: string]: string }

function detail(status: number, words: string, format = 'json', headers: Headers = {}): Reply {
  if (format === 'txt') return text(status, words, headers)
  if (format !== 'html') return json(status, { detail: words }, headers)
  return { status, headers, body: `${status} ${STATUS_CODES[status] ?? ''}`, contentType: 'text/html; charset=utf-8' }
}

/** The form asked for by `?format=`, else the best that Accept allows: the more exact range first, then our own order. */
function negotiate(request: RestRequest, media: readonly Media[]): string | Reply {
  const wanted = request.query.getAll('format').at(-1) ?? ''
  if (wanted !== '') return media.some((one) => one.format === wanted) ? wanted : detail(404, 'Not found.')
  const ranges = acceptRanges(request.headers.get('accept') ?? '')
  for (const range of ranges) {
    const match = media.find((one) => range === '*/*' || range === one.type || range === `${one.type.split('/')[0]}/*`)
    if (match !== undefined) return match.format
  }
  return detail(406, 'Could not satisfy the request Accept header.')
}

/** The media ranges of an Accept header, exact ones first; weights and other parameters do not count. None means any. */
function acceptRanges(accept: string): string[] {
  const ranges = accept.split(',').map((range) => (range.split(';')[0] ?? '').trim().toLowerCase())
  const named = ranges.filter((range) => range !== '')
  if (named.length === 0) return ['*/*']
  const rank = (range: string) => (range === '*/*' ? 2 : range.endsWith('/*') ? 1 : 0)
  return named.sort((one, other) => rank(one) - rank(other))
}
