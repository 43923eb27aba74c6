import { type RawBuilder, sql } from 'kysely'
import type { Counted } from '#model/window.ts'

/** Beside each row of a window, the number of rows in the whole list: both come from one snapshot and one scan. */
export const total: RawBuilder<number> = sql<number>`count(*) over ()`

/** Parts the rows of a window from the total that each carries; a window beyond the end of its list counts 0. */
export function counted<T extends { readonly total: number }>(rows: readonly T[]): Counted<Omit<T, 'total'>> {
  return { count: rows[0]?.total ?? 0, rows: rows.map(({ total: _total, ...row }) => row) }
}
