import { setTimeout as delay } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { findLogHead } from './change.ts'
import { type OnStatement, openPglite, openPostgres } from './database.ts'
import { isRetryable } from './fault.ts'
import { Feed } from './feed.ts'
import type { KeyClaim } from './key-claim.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import { migrate } from './migrate.ts'
import { ListenSignal, localSignal, type Signal } from './signal.ts'
import type { Database } from './tables.ts'

/** What a store reports when something goes wrong behind the scenes. */
export type StoreLog = (message: string, error: unknown) => void

/** Where the data lies and how to reach it. */
export type StoreOptions = {
  /** A Postgres URL, or null for the embedded database. */
  readonly url: string | null
  /** The embedded database's directory; null keeps it in memory. Ignored where `url` is given. */
  readonly directory: string | null
  /** Keys that seal secrets, `name:base64` of 32 bytes each, newest first. */
  readonly keys: readonly string[]
  readonly log: StoreLog
  readonly poolSize?: number
  readonly onStatement?: OnStatement
  /** A dump of an embedded database to start from. */
  readonly dump?: Blob
}

/** An open, migrated store: the database, the feed of its changes, and the keys for its secrets. */
export type Store = {
  readonly kind: 'postgres' | 'pglite'
  /** Identity of this store, made with its schema: a cursor of another store is refused by it. */
  readonly id: string
  readonly db: Kysely<Database>
  readonly feed: Feed
  readonly keys: KeyRing
  /** The idempotency key that the first transaction takes; absent where a request names none. */
  readonly claim?: KeyClaim
  readonly close: () => Promise<void>
}

/** Opens the store, brings its schema up to date and starts following its change log. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const onIdleError = (error: Error) => options.log('An idle database connection was lost', error)
  const open =
    options.url === null
      ? await openPglite(options.directory, { onStatement: options.onStatement, dump: options.dump })
      : openPostgres(options.url, { size: options.poolSize ?? 10, onIdleError, ...hook(options.onStatement) })
  try {
    await migrate(open.db)
    const { storeId } = await findLogHead(open.db)
    const signal: Signal = options.url === null ? localSignal() : new ListenSignal(options.url, options.log)
    const feed = new Feed(open.db, signal, options.log)
    await feed.start()
    const close = async () => {
      await feed.stop()
      await open.close()
    }
    return { kind: open.kind, id: storeId, db: open.db, feed, keys: keyRing(options.keys), close }
  } catch (error) {
    await open.close()
    throw error
  }
}

function hook(onStatement: OnStatement | undefined): { onStatement?: OnStatement } {
  return onStatement === undefined ? {} : { onStatement }
}

/**
 * Runs one writing transaction and wakes the feed once it is committed. A deadlock or serialisation failure runs it
 * again, at most three times, so `work` must not act outside the transaction.
 */
export async function writing<T>(store: Store, work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await transaction(store, work)
      store.feed.wake()
      return result
    } catch (error) {
      if (attempt === 3 || !isRetryable(error)) throw error
      await delay(Math.random() * 20 * attempt)
    }
  }
}

/** Runs one transaction that wakes nobody, and takes the request's idempotency key in it where there is one. */
export async function transaction<T>(store: Store, work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
  const { db, claim } = store
  if (claim === undefined) return db.transaction().execute(work)
  const result = await db.transaction().execute(async (tx) => {
    await claim.take(tx)
    return work(tx)
  })
  claim.commit()
  return result
}

/** Runs one writing statement: by itself, or in a transaction with the request's idempotency key where there is one. */
export async function writingOne<T>(store: Store, work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  return store.claim === undefined ? work(store.db) : transaction(store, work)
}

/** Runs reads on one snapshot: what they see belongs together, and to the change index read among them. */
export async function reading<T>(store: Store, work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
  return store.db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
}
