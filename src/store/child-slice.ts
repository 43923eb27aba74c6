import { type Kysely, sql } from 'kysely'
import type { ChildSlice } from '#model/slice.ts'
import type { Database } from './tables.ts'

/** Where the children of each kind lie: their table, and its columns of the parent, of the key of their order, and of the row that is shown. */
const kinds = {
  evaluation: { table: 'evaluation', parent: 'job_id', key: 'id', row: 'id' },
  execution: { table: 'execution', parent: 'job_id', key: 'number', row: 'id' },
  /** The jobs that a periodic job launched. */
  launch: { table: 'service_job', parent: 'parent_id', key: 'job_id', row: 'job_id' },
  /** The executions that an evaluation placed or was the last to update. */
  placement: { table: 'allocation', parent: 'evaluation_id', key: 'execution_id', row: 'execution_id' },
  recipe: { table: 'recipe', parent: 'recipe_type_id', key: 'id', row: 'id' },
  revision: { table: 'job_type_revision', parent: 'job_type_id', key: 'revision_num', row: 'id' },
} as const

/** Rows that belong to a parent and are ordered by a number, the highest first. */
export type ChildKind = keyof typeof kinds

/** How many children a parent has. */
export type ChildCount = { readonly id: number; readonly n: number }

const highest = Number.MAX_SAFE_INTEGER

/**
 * Slices of the children of many parents as a table `page`, to be joined with the rows that are shown: `row_id` is such a
 * row's id, `place` the slice's, from 1. Limit and end are the same for all; an index on parent and key reads each.
 */
export function childPage(kind: ChildKind, slices: readonly ChildSlice[], limit: number, fromEnd: boolean) {
  const { table, parent, key, row } = kinds[kind]
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql<{ row_id: number; key: number; place: number }>`(
    select child.row_id, child.key, w.place
    from unnest(${slices.map(({ parentId }) => parentId)}::bigint[],
      ${slices.map(({ after }) => after ?? highest)}::bigint[],
      ${slices.map(({ before }) => before ?? 0)}::bigint[]) with ordinality w(parent_id, below, above, place)
    cross join lateral (
      select ${column(row)} as row_id, ${column(key)} as key from ${sql.table(table)}
      where ${column(parent)} = w.parent_id and ${column(key)} < w.below and ${column(key)} > w.above
      order by ${column(key)} ${fromEnd ? sql`asc` : sql`desc`} limit ${limit}) child)`.as<'page'>(sql`page`)
}

/** How many children each of the parents has; those without one are left out. */
export async function countChildren(
  db: Kysely<Database>,
  kind: ChildKind,
  parentIds: readonly number[],
): Promise<ChildCount[]> {
  const { table, parent } = kinds[kind]
  const { rows } = await sql<ChildCount>`select ${sql.ref(parent)} as id, count(*) as n from ${sql.table(table)}
    where ${sql.ref(parent)} = any(${[...parentIds]}::bigint[]) group by ${sql.ref(parent)}`.execute(db)
  return rows
}

/** Rows that carry the place of what was asked, from 1 as `with ordinality` counts, as one list for each of the `asked`. */
export function inPlaces<T extends { readonly place: number }>(
  asked: readonly unknown[],
  rows: readonly T[],
): Omit<T, 'place'>[][] {
  const found = Map.groupBy(rows, ({ place }) => place)
  return asked.map((_, index) => (found.get(index + 1) ?? []).map(({ place: _place, ...row }) => row))
}
