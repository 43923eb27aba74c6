import { type Kysely, sql } from 'kysely'

/**
 * One row for each idempotency key that did its work: what was asked, and, sealed, what was answered. An answer that
 * is not there was lost with its process, was too long to keep, or is still on its way (`done_at` is null).
 */
const statements = [
  `create table idempotency (
    face text not null,
    key text not null,
    fingerprint bytea not null,
    token uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    done_at timestamptz,
    answer bytea,
    primary key (face, key)
  )`,
  'create index idempotency_created on idempotency (created_at)',
]

/** Lets a request that is sent twice do its work once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
