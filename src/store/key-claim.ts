import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { DomainError } from '#model/error.ts'
import type { Database } from './tables.ts'

/** A key as one face got it, with a digest of all that was asked under it. */
export type KeyUse = { readonly face: string; readonly key: string; readonly fingerprint: Buffer }

/** A request's hold on its key: taken in its first transaction, and committed or rolled back with it. */
export type KeyClaim = {
  readonly token: string
  /** Takes the key. @throws DomainError CONFLICT where another request took it; `isLost` then says so */
  readonly take: (tx: Transaction<Database>) => Promise<void>
  /** Told that a transaction with the key in it was committed. */
  readonly commit: () => void
  readonly isCommitted: () => boolean
  readonly isLost: () => boolean
}

/** Makes the hold of one request on its key; nothing is written before `take`. */
export function keyClaim({ face, key, fingerprint }: KeyUse): KeyClaim {
  const token = randomUUID()
  let isCommitted = false
  let isLost = false
  const take = async (tx: Transaction<Database>) => {
    if (isCommitted) return
    // A duplicate waits here until the first commits or rolls back.
    await tx
      .insertInto('idempotency')
      .values({ face, key, fingerprint, token })
      .onConflict((conflict) => conflict.columns(['face', 'key']).doNothing())
      .execute()
    const held = await tx
      .selectFrom('idempotency')
      .select('token')
      .where('face', '=', face)
      .where('key', '=', key)
      .executeTakeFirst()
    if (held?.token === token) return
    isLost = true
    throw new DomainError('CONFLICT', 'Another request with this idempotency key came first.')
  }
  const commit = () => {
    isCommitted = true
  }
  return { token, take, commit, isCommitted: () => isCommitted, isLost: () => isLost }
}
