/** Nomad's parameters, and its blocking queries on top of the one way to wait. */
import { parseDuration } from '#model/duration.ts'
import { badInput } from '#model/error.ts'
import { homeRegion } from '#model/service-job.ts'
import { type Indexed, waitFor } from '#resolvers/blocking.ts'
import type { Context } from '#resolvers/context.ts'
import type { ParamDocs, RestRequest } from '../route.ts'
import { integer, string } from '../shape.ts'

const usualWaitMs = 300_000
const longestWaitMs = 600_000

/** What every route takes. */
export const commonQuery: ParamDocs = {
  region: { doc: 'The region meant; there is only `global`.', schema: string },
  pretty: { doc: 'Where it stands, whatever its value, the answer is indented.', schema: string },
}

/** What every read takes. */
export const readQuery: ParamDocs = {
  ...commonQuery,
  index: {
    doc: 'Answer when the index of what is read is above this one, or when time is up. Absent or 0 answers at once.',
    schema: { ...integer, minimum: 0 },
  },
  wait: {
    doc: 'How long to wait at most, as a Go duration such as `90s`; absent or 0 means 5 minutes, the most is 10.',
    schema: string,
  },
  stale: { doc: 'Accepted and of no effect: no read is stale.', schema: string },
}

/** How long a read may wait, and for what. */
export type Patience = { readonly index: bigint; readonly timeoutMs: number }

/**
 * Reads `wait` and `index`; of a repeated one the first counts, and an empty one is none.
 * @throws DomainError BAD_USER_INPUT `Invalid wait time` or `Invalid index`
 */
export function patienceOf(query: URLSearchParams): Patience {
  const timeoutMs = waitMsOf(query)
  const index = query.get('index') || '0'
  if (!/^\d+$/.test(index) || BigInt(index) >= 2n ** 64n) throw badInput('Invalid index')
  return { index: BigInt(index), timeoutMs }
}

/**
 * Reads `wait`, a Go duration, into milliseconds: 5 minutes where it is absent, empty, 0 or less, at most 10.
 * @throws DomainError BAD_USER_INPUT `Invalid wait time`
 */
export function waitMsOf(query: URLSearchParams): number {
  const duration = parseDuration(query.get('wait') || '0')
  if (duration === null) throw badInput('Invalid wait time')
  return duration <= 0n ? usualWaitMs : Math.max(1, Math.min(longestWaitMs, Number(duration / 1_000_000n)))
}

/**
 * The region that is meant: the query's word counts before the body's, and none means ours.
 * @throws DomainError BAD_USER_INPUT `No path to region` for any other than ours
 */
export function regionOf(query: URLSearchParams, inBody: string | null = null): string {
  const region = query.get('region') || inBody || homeRegion
  if (region !== homeRegion) throw badInput('No path to region')
  return region
}

/** What a blocking query reads. */
export type Awaited<T> = {
  readonly topics: readonly string[]
  /** Names what is read; waits of one name read once when they wake together. */
  readonly share: string
  readonly read: () => Promise<Indexed<T>>
}

/**
 * Reads, and where `?index=` asks for news, waits for them as Nomad does: until the index is above the one given, or
 * else the unchanged answer when time is up.
 * @throws DomainError BAD_USER_INPUT as `patienceOf` and `regionOf` say
 */
export async function readWaiting<T>(
  ctx: Context,
  request: RestRequest,
  prepare: (region: string) => Awaited<T>,
): Promise<Indexed<T>> {
  const { index, timeoutMs } = patienceOf(request.query)
  const { topics, share, read } = prepare(regionOf(request.query))
  if (index === 0n) return read()
  return waitFor(ctx, { topics, index, timeoutMs, jitter: true, share: `nomad ${share}` }, read)
}
