import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Slice } from '#model/slice.ts'

/** What a key is made of: the columns that order a list, the last of them unique. */
export type Keyset<K> = {
  readonly columns: readonly RawBuilder<unknown>[]
  /** A key's values, one for each column. */
  readonly values: (key: K) => readonly RawBuilder<unknown>[]
  readonly descending: boolean
}

/**
 * The condition and the order that read a slice. Rows are compared as rows, `(a, b) < ($1, $2)`, which one index
 * answers at any depth; the `or` form and OFFSET read everything before it.
 */
export function keyset<K>(
  { columns, values, descending }: Keyset<K>,
  slice: Slice<K>,
): { readonly within: RawBuilder<SqlBool>; readonly order: RawBuilder<unknown> } {
  const row = sql`(${sql.join([...columns])})`
  const beyond = (key: K, falls: boolean) =>
    sql<SqlBool>`${row} ${falls ? sql`<` : sql`>`} (${sql.join([...values(key)])})`
  const bounds: RawBuilder<SqlBool>[] = [sql<SqlBool>`true`]
  if (slice.after !== null) bounds.push(beyond(slice.after, descending))
  if (slice.before !== null) bounds.push(beyond(slice.before, !descending))
  const direction = descending === slice.fromEnd ? sql`asc` : sql`desc`
  return {
    within: sql<SqlBool>`${sql.join(bounds, sql` and `)}`,
    order: sql.join(columns.map((column) => sql`${column} ${direction}`)),
  }
}

/** Rows as they were read, put back into the order of the list. */
export function inListOrder<T, K>(rows: T[], slice: Slice<K>): T[] {
  return slice.fromEnd ? rows.reverse() : rows
}
