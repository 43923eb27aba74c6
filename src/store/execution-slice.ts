import type { Kysely } from 'kysely'
import type { Execution } from '#model/execution.ts'
import type { ChildSlice } from '#model/slice.ts'
import { childPage, inPlaces } from './child-slice.ts'
import { executionColumns } from './execution.ts'
import type { Database } from './tables.ts'

/**
 * Slices of the executions of many jobs, keyed by number, or of what many evaluations placed, keyed by the execution's
 * id; the highest key first, in one statement. The answer has one list for each slice, in their order.
 */
export async function findExecutionSlices(
  db: Kysely<Database>,
  kind: 'execution' | 'placement',
  slices: readonly ChildSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Execution[][]> {
  const rows = await db
    .selectFrom(childPage(kind, slices, limit, fromEnd))
    .innerJoin('execution', 'execution.id', 'page.row_id')
    .select(executionColumns)
    .select('page.place')
    .orderBy('page.place')
    .orderBy('page.key', 'desc')
    .execute()
  return inPlaces(slices, rows)
}
