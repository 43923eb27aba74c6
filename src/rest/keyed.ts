/** A REST request under an `Idempotency-Key`: its work is done once, and its answer given again. */
import { isObject, parseJson, toJson } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { keyUse, once } from '#resolvers/idempotency.ts'
import { type BodyFault, isFault, readBytes } from './body.ts'
import type { Reply } from './reply.ts'

/** A key as it was sent, the surface it was sent to, and what else makes the request the same as another. */
export type KeySent = {
  readonly face: string
  readonly key: string
  readonly parts: readonly (string | Uint8Array)[]
}

/** Does `work` once for a key, or answers what it came to before. @throws DomainError as `once` does */
export type Keyed<C> = (ctx: C, sent: KeySent, work: (ctx: C) => Promise<Reply>) => Promise<Reply>

/** The bytes of a body, and the request once more with the body unread. */
export async function readCopy(
  request: Request,
  limit: number,
): Promise<{ readonly request: Request; readonly bytes: Uint8Array } | BodyFault> {
  const bytes = await readBytes(request, limit)
  if (isFault(bytes)) return bytes
  const { method, headers } = request
  return { request: new Request(request.url, { method, headers, body: bytes }), bytes }
}

/** What the router is given: replies below 500 are kept, unless their body is a stream or bytes. */
export const onceOverRest: Keyed<Context> = async (ctx, { face, key, parts }, work) => {
  const done = await once(ctx, keyUse(face, key, parts), async (claimed) => {
    const answer = await work(claimed)
    return { answer, kept: answer.status < 500 ? textOf(answer) : null }
  })
  return 'answer' in done ? done.answer : replyOf(done.replayed)
}

function textOf({ status, headers, body, contentType }: Reply): string | null {
  if (body !== undefined && typeof body !== 'string') return null
  return toJson({ status, headers: headers ?? {}, body: body ?? null, contentType: contentType ?? null })
}

function replyOf(text: string): Reply {
  const kept = parseJson(text)
  if (!isObject(kept) || typeof kept.status !== 'number') throw new Error('a kept answer is none')
  const { status, body, contentType, headers } = kept
  const given = Object.entries(isObject(headers) ? headers : {}).map(([name, value]) => [name, String(value)])
  return {
    status,
    headers: { ...Object.fromEntries(given), 'Idempotency-Replayed': 'true' },
    ...(typeof body === 'string' ? { body } : {}),
    ...(typeof contentType === 'string' ? { contentType } : {}),
  }
}
