import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { type KeyRing, seal, unseal } from './key-ring.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** A table of sealed values: its name, its primary key, and the place that each value is sealed for. */
type Shelf = {
  readonly table: RawBuilder<unknown>
  readonly id: RawBuilder<unknown>
  readonly place: RawBuilder<string>
}

const shelves: readonly Shelf[] = [
  {
    table: sql`job_type_secret`,
    id: sql`job_type_id, setting`,
    place: sql`'setting|' || job_type_id || '|' || setting`,
  },
  { table: sql`secret`, id: sql`id`, place: sql`'secret|' || id || '|' || version` },
]

/** A value begins with the length of its key's name, and then the name. */
const keyName = sql<Uint8Array>`substring(sealed from 2 for get_byte(sealed, 0))`

/** A key that values are sealed under and that is not there, or is another than the one that sealed them. */
export type MissingKey = { readonly name: string; readonly reason: 'unknown' | 'different' }

/** Values tried for each name: one that was tampered with must not speak for all. */
const samples = 3

/** The keys that sealed values need and `keys` lacks, in order of name. One statement, whatever is stored. */
export async function findMissingKeys(db: Kysely<Database>, keys: KeyRing): Promise<readonly MissingKey[]> {
  const all = shelves.map(
    ({ table, place }) => sql`select ${keyName} as name, ${place} as place, sealed from ${table} where sealed <> ''`,
  )
  const { rows } = await sql<{ name: Uint8Array; place: string; sealed: Uint8Array }>`
    select name, place, sealed
    from (select name, place, sealed, row_number() over (partition by name order by place) as number
      from (${sql.join(all, sql` union all `)}) as value) as numbered
    where number <= ${samples}
    order by name`.execute(db)
  const byName = Map.groupBy(rows, ({ name }) => Buffer.from(name).toString())
  return [...byName].flatMap(([name, sealed]): MissingKey[] => {
    if (!keys.keys.some((key) => key.name === name)) return [{ name, reason: 'unknown' }]
    return sealed.some((row) => opens(keys, row)) ? [] : [{ name, reason: 'different' }]
  })
}

function opens(keys: KeyRing, { place, sealed }: { readonly place: string; readonly sealed: Uint8Array }): boolean {
  try {
    unseal(keys, place, sealed)
    return true
  } catch {
    return false
  }
}

/**
 * Seals anew, under the newest key, every value that another key sealed; edits that run beside it stand. It works in
 * transactions of `chunk` values by id, so whatever cuts it short, the next run does the rest.
 * @returns how many values it sealed; `onChunk` hears the same after each transaction
 * @throws DomainError UNAVAILABLE where a key is missing
 */
export async function resealSecrets(
  store: Store,
  options: { readonly chunk?: number; readonly onChunk?: (sealed: number) => void } = {},
): Promise<number> {
  let done = 0
  for (const shelf of shelves)
    for (;;) {
      const count = await writing(store, (tx) => resealChunk(tx, store.keys, shelf, options.chunk ?? 100))
      if (count === 0) break
      done += count
      options.onChunk?.(done)
    }
  return done
}

/** The rows are locked before they are read, so that nobody can set a value between its opening and its sealing. */
async function resealChunk(tx: Transaction<Database>, keys: KeyRing, shelf: Shelf, limit: number): Promise<number> {
  const { table, id, place } = shelf
  const newest = keys.keys[0]?.name
  if (newest === undefined) return 0
  const { rows } = await sql<{ place: string; sealed: Uint8Array }>`
    select ${place} as place, sealed from ${table}
    where sealed <> '' and ${keyName} <> ${Buffer.from(newest)}
    order by ${id} limit ${limit} for update`.execute(tx)
  if (rows.length === 0) return 0
  const values = rows.map((row) => {
    const sealed = seal(keys, row.place, unseal(keys, row.place, row.sealed))
    return sql`(${row.place}::text, ${sealed}::bytea)`
  })
  await sql`
    update ${table} set sealed = fresh.sealed
    from (values ${sql.join(values)}) as fresh (place, sealed)
    where ${place} = fresh.place`.execute(tx)
  return rows.length
}
