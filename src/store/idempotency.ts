import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { now } from './database.ts'
import type { KeyUse } from './key-claim.ts'
import { seal, unseal } from './key-ring.ts'
import type { Store } from './store.ts'

/** What is known of a key: an answer that is null was not kept, or not yet while `isDone` is false. */
export type KeptUse = {
  readonly isSame: boolean
  readonly isDone: boolean
  readonly answer: string | null
}

/** The longest answer that is kept, in UTF-16 units. */
const longestAnswer = 1_048_576
const keptHours = 24
const chunk = 1_000

/** The digest of everything that makes a request the same as another. */
export function fingerprintOf(parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts)
    hash.update(`${typeof part === 'string' ? Buffer.byteLength(part) : part.length}:`).update(part)
  return hash.digest()
}

/** What is known of a key, or null while nothing was done under it. */
export async function findKeptUse(store: Store, use: KeyUse): Promise<KeptUse | null> {
  const row = await store.db
    .selectFrom('idempotency')
    .select(['fingerprint', 'done_at as doneAt', 'answer'])
    .where('face', '=', use.face)
    .where('key', '=', use.key)
    .executeTakeFirst()
  if (row === undefined) return null
  const isSame = use.fingerprint.equals(row.fingerprint)
  const answer = row.answer === null || !isSame ? null : opened(store, use, row.answer)
  return { isSame, isDone: row.doneAt !== null, answer }
}

/** An answer whose secret key is gone is like one that was never kept: the work is done all the same. */
function opened(store: Store, use: KeyUse, sealed: Uint8Array): string | null {
  try {
    return unseal(store.keys, placeOf(use), sealed)
  } catch {
    return null
  }
}

/**
 * Keeps the answer of a key that the holder of `token` did its work under. Null, a long answer, and any answer where
 * no secret key is configured leave the fact alone: an answer may show what must not lie in the clear.
 */
export async function keepAnswer(store: Store, use: KeyUse, token: string, answer: string | null): Promise<void> {
  const isKept = answer !== null && answer.length <= longestAnswer && store.keys.keys.length > 0
  await store.db
    .updateTable('idempotency')
    .set({ done_at: now, answer: isKept ? seal(store.keys, placeOf(use), answer) : null })
    .where('face', '=', use.face)
    .where('key', '=', use.key)
    .where('token', '=', token)
    .execute()
}

function placeOf({ face, key }: KeyUse): string {
  return `idempotency|${face}|${key}`
}

/** Forgets keys that are `hours` old or older, at most 1,000; returns how many. */
export async function forgetKeys(store: Store, hours = keptHours): Promise<number> {
  const result = await sql`delete from idempotency where (face, key) in (
    select face, key from idempotency where created_at <= now() - make_interval(hours => ${hours})
    order by created_at limit ${chunk} for update skip locked)`.execute(store.db)
  return Number(result.numAffectedRows ?? 0)
}
