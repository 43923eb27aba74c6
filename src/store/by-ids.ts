import { type Compilable, type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Database } from './tables.ts'

/**
 * A read of rows by a list of numbers, put into words once and then only filled in: the statement is the same however
 * many are asked for. `build` makes it, with what a column must equal and no parameter of its own.
 */
export function byIds<Row>(
  build: (db: Kysely<Database>, anyOfIds: RawBuilder<number>) => Compilable<Row>,
): (db: Kysely<Database>, ids: readonly number[]) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | null = null
  return async (db, ids) => {
    compiled ??= build(db, sql<number>`any(${[]}::bigint[])`).compile()
    if (compiled.parameters.length !== 1) throw new Error('a read by ids has no other parameters')
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters: [[...ids]] })
    return rows
  }
}
