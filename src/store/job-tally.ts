import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { JobFamily } from '#model/status.ts'
import type { Database } from './tables.ts'

/** How many jobs of a family stand in a status. */
export type JobTally = { readonly family: JobFamily; readonly status: string; readonly count: number }

/** Sums the ledger by family and status, in that order; what no job stands in is left out. */
export async function sumJobTally(db: Kysely<Database>): Promise<readonly JobTally[]> {
  return db
    .selectFrom('job_tally')
    .select(['family', 'status', ({ fn }) => fn.sum<number>('n').as('count')])
    .groupBy(['family', 'status'])
    .having(({ fn }) => fn.sum<number>('n'), '<>', 0)
    .orderBy('family')
    .orderBy('status')
    .execute()
}

/** The ledgers and what their rows are added up by. */
const ledgers: readonly (readonly [table: string, keys: readonly string[]])[] = [
  ['job_tally', ['family', 'job_type_id', 'status', 'error_id', 'is_superseded']],
  ['job_tally_value', ['dimension', 'value']],
  ['job_tally_time', ['dimension', 'bucket']],
  ['job_tally_day', ['job_type_id', 'status', 'day']],
]

/**
 * Adds up what writes have appended to the tallies, one row for each key that has gathered at least `crowd` rows. Safe
 * beside writers and beside itself: a row is taken away by one fold only, in the statement that adds its sum.
 * @returns how many rows fewer the tallies have
 */
export async function foldJobTally(db: Kysely<Database>, crowd = 20): Promise<number> {
  let fewer = 0
  for (const [table, keys] of ledgers) fewer += await foldLedger(db, table, keys, crowd)
  return fewer
}

async function foldLedger(
  db: Kysely<Database>,
  table: string,
  keys: readonly string[],
  crowd: number,
): Promise<number> {
  const ledger = sql.table(table)
  const columns = sql.join(keys.map((key) => sql.ref(key)))
  const same = sql.join(
    keys.map((key) => sql`${comparable(`t.${key}`)} = ${comparable(`c.${key}`)}`),
    sql` and `,
  )
  const { rows } = await sql<{ fewer: number }>`
    with crowded as (
      select ${columns} from ${ledger} group by ${columns} having count(*) >= ${crowd}
    ), gone as (
      delete from ${ledger} t using crowded c where ${same} returning t.*
    ), kept as (
      insert into ${ledger} (${columns}, n) select ${columns}, sum(n) from gone group by ${columns} having sum(n) <> 0
      returning 1
    )
    select (select count(*) from gone) - (select count(*) from kept) as fewer`.execute(db)
  return rows[0]?.fewer ?? 0
}

/** The one key that may be null; `is not distinct from` would keep the planner from a hash join. */
function comparable(column: string): RawBuilder<unknown> {
  return column.endsWith('.error_id') ? sql`coalesce(${sql.ref(column)}, 0)` : sql.ref(column)
}
