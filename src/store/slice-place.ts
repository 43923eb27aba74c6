import { sql } from 'kysely'
import type { Slice } from '#model/slice.ts'

/**
 * Slices of many parents as a table `w`, to be joined laterally, so that one statement reads them all. Keys are numbers
 * within the parent, and the newest comes first: what follows a key is `below` it.
 */
export function wantedSlices<T extends Slice<number>>(slices: readonly T[], parentOf: (slice: T) => number) {
  const parents = sql`${slices.map(parentOf)}::bigint[]`
  const below = sql`${slices.map(({ after }) => after ?? highest)}::bigint[]`
  const above = sql`${slices.map(({ before }) => before ?? 0)}::bigint[]`
  return sql<{ parent_id: number; below: number; above: number; place: number }>`
    unnest(${parents}, ${below}, ${above}) with ordinality`.as<'w'>(sql`w(parent_id, below, above, place)`)
}

const highest = Number.MAX_SAFE_INTEGER

/** Rows that carry the place of what was asked, from 1 as `with ordinality` counts, as one list for each of the `asked`. */
export function inPlaces<T extends { readonly place: number }>(
  asked: readonly unknown[],
  rows: readonly T[],
): Omit<T, 'place'>[][] {
  const found = Map.groupBy(rows, ({ place }) => place)
  return asked.map((_, index) => (found.get(index + 1) ?? []).map(({ place: _place, ...row }) => row))
}
