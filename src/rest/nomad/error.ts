/** How Nomad words a refusal: the bare message as plain text, and what all its routes have in common. */
import type { DomainError, ErrorCode } from '#model/error.ts'
import { isFault, readBytes } from '../body.ts'
import { type Reply, text } from '../reply.ts'
import type { ReplyDoc, Surface } from '../route.ts'
import { string } from '../shape.ts'

type Manner = 'head' | 'notFound' | 'methodNotAllowed' | 'fromError' | 'failure' | 'badBody' | 'readBody'

/**
 * What every route has in common in refusing and reading; spread into the `Surface`. Nomad answers 500 to whatever its
 * servers refuse; here a caller's mistake has a status of its own, with Nomad's words.
 */
export function nomadManners<C>(): Pick<Required<Surface<C>>, Manner> {
  return {
    head: false,
    notFound: () => text(404, '404 page not found\n'),
    methodNotAllowed: (_method, allow) => text(405, 'Invalid method', { Allow: allow.join(', ') }),
    fromError: errorReply,
    failure: () => text(500, 'internal error'),
    badBody: ({ fault, detail }) => text(fault === 'too-large' ? 413 : fault === 'malformed' ? 400 : 415, detail),
    // Go replaces what is no UTF-8, and takes a byte order mark for a character that has no business there.
    readBody: async (request, _route, limit) => {
      const bytes = await readBytes(request, limit)
      return isFault(bytes)
        ? bytes
        : { kind: 'text', text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) }
    },
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

function errorReply(error: DomainError): Reply {
  return text(statuses[error.code], error.message, error.code === 'UNAVAILABLE' ? { 'Retry-After': '1' } : {})
}

const message = { schema: string, type: 'text/plain' } as const

/** A parameter or the body is wrong. */
export const badRequest: ReplyDoc = { doc: 'A parameter or the body is wrong; the message as text.', ...message }
/** Nothing of that name is there. */
export const unknown: ReplyDoc = { doc: 'There is none of that name; the message as text.', ...message }
/** The job is of a kind with which this cannot be done. */
export const conflict: ReplyDoc = { doc: 'That cannot be done with such a job; the message as text.', ...message }
/** What no route names, since all share it. */
export const refusal: ReplyDoc = {
  doc: 'Refused: a body that is too large or compressed, a key used twice, or a fault here; the message as text.',
  ...message,
}
