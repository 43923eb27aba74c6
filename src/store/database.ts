import { existsSync, mkdirSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import {
  type DatabaseConnection,
  Kysely,
  PGliteDialect,
  PGliteDriver,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type RawBuilder,
  sql,
} from 'kysely'
import pg from 'pg'
import { toJson } from '#model/json.ts'
import { decoders } from './decode.ts'
import type { Database } from './tables.ts'

/** Called with the text of each statement as it is sent; the tests count with it. */
export type OnStatement = (sql: string) => void

/** A database that is open, before migration. */
export type OpenDatabase = {
  readonly kind: 'postgres' | 'pglite'
  readonly db: Kysely<Database>
  readonly close: () => Promise<void>
}

const session =
  '-c timezone=UTC -c datestyle=ISO -c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=10000'

/**
 * Opens Postgres 15 or later through a pool of `size` connections. Statements are named, so that each connection
 * parses them once; `onIdleError` hears of idle connections that the server closed (without a listener the process
 * would end).
 */
export function openPostgres(
  url: string,
  options: { size: number; onIdleError: (error: Error) => void; onStatement?: OnStatement },
): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.size,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'jobgraph',
    options: session,
    types: {
      getTypeParser: (id: number, format?: 'text' | 'binary') => decoders[id] ?? pg.types.getTypeParser(id, format),
    },
  })
  pool.on('error', options.onIdleError)
  // A connection that breaks while it is in use tells its statements, and then says so once more to listeners. The
  // pool listens to idle ones alone, and without a listener the process would end.
  pool.on('connect', (client) => client.on('error', () => {}))
  const dialect = new PostgresDialect({ pool: namedStatements(pool, options.onStatement) })
  const db = new Kysely<Database>({ dialect })
  return { kind: 'postgres', db, close: () => db.destroy() }
}

/** Only this many statement texts are named per process: filters combine, and a server keeps each name's plan. */
const maxNamed = 500

function namedStatements(pool: pg.Pool, onStatement: OnStatement | undefined): PostgresPool {
  const names = new Map<string, string>()
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text)
    if (known !== undefined || names.size >= maxNamed) return known
    const name = `s${names.size}`
    names.set(text, name)
    return name
  }
  const connect = async (): Promise<PostgresPoolClient> => {
    const client = await pool.connect()
    const query = (text: string, values: readonly unknown[]) => {
      onStatement?.(text)
      const name = values.length > 0 ? nameOf(text) : undefined
      return client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) })
    }
    // pg types a result's command as a string, Kysely as one of the commands it knows: the objects are the same.
    return { release: (discard?: boolean | Error) => client.release(discard), query } as unknown as PostgresPoolClient
  }
  return { options: pool.options, end: () => pool.end(), connect }
}

/**
 * Opens the embedded database in a directory (made where missing), or in memory for null. It has one connection,
 * which whole transactions take in turn. A `dump` fills a new one.
 */
export async function openPglite(
  directory: string | null,
  options: { onStatement?: OnStatement | undefined; dump?: Blob | undefined } = {},
): Promise<OpenDatabase> {
  const { onStatement, dump } = options
  if (directory !== null && !existsSync(directory)) mkdirSync(directory, { recursive: true })
  const pglite = await PGlite.create({
    ...(directory === null ? {} : { dataDir: directory }),
    ...(dump === undefined ? {} : { loadDataDir: dump }),
    parsers: { ...decoders },
  })
  await pglite.exec("set timezone = 'UTC'; set datestyle = 'ISO'")
  const db = new Kysely<Database>({ dialect: new SerialDialect(pglite, onStatement) })
  return { kind: 'pglite', db, close: () => db.destroy() }
}

/**
 * Kysely's PGlite dialect hands its one connection to everybody at once, so a statement of one request could run
 * inside another's transaction. This one hands it out in turn.
 */
class SerialDialect extends PGliteDialect {
  readonly #pglite: PGlite
  readonly #onStatement: OnStatement | undefined

  constructor(pglite: PGlite, onStatement: OnStatement | undefined) {
    super({ pglite })
    this.#pglite = pglite
    this.#onStatement = onStatement
  }

  override createDriver(): PGliteDriver {
    return new SerialDriver(this.#pglite, this.#onStatement)
  }
}

class SerialDriver extends PGliteDriver {
  readonly #onStatement: OnStatement | undefined
  #free: Promise<void> = Promise.resolve()
  #release: () => void = () => {}

  constructor(pglite: PGlite, onStatement: OnStatement | undefined) {
    super({ pglite })
    this.#onStatement = onStatement
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const turn = this.#free
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#free = promise
    await turn
    this.#release = resolve
    const connection = await super.acquireConnection()
    return this.#onStatement === undefined ? connection : counting(connection, this.#onStatement)
  }

  override async releaseConnection(): Promise<void> {
    this.#release()
  }
}

function counting(connection: DatabaseConnection, onStatement: OnStatement): DatabaseConnection {
  return new Proxy(connection, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (key === 'executeQuery')
        return (query: Parameters<DatabaseConnection['executeQuery']>[0]) => {
          onStatement(query.sql)
          return target.executeQuery(query)
        }
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** A value for a `json` column: text on the wire, so that key order, duplicates and 64-bit integers survive. */
export function json(value: unknown): string {
  return toJson(value)
}

/** The database's own clock: leases and timestamps never come from a gateway's. */
export const now: RawBuilder<string> = sql<string>`clock_timestamp()`
