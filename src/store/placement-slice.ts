import { type Kysely, sql } from 'kysely'
import type { Execution } from '#model/execution.ts'
import type { Slice } from '#model/slice.ts'
import { executionColumns } from './execution.ts'
import { inPlaces, wantedSlices } from './slice-place.ts'
import type { Database } from './tables.ts'

/** A slice of what one evaluation placed or was the last to update; keys are ids of executions. */
export type PlacementSlice = Slice<number> & { readonly evaluationId: number }

/** Slices of the allocations of many evaluations as executions, newest first, in one statement; one list for each slice. */
export async function findPlacementSlices(
  db: Kysely<Database>,
  slices: readonly PlacementSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Execution[][]> {
  const rows = await db
    .selectFrom(wantedSlices(slices, ({ evaluationId }) => evaluationId))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('allocation')
          .select('allocation.execution_id')
          .whereRef('allocation.evaluation_id', '=', 'w.parent_id')
          .whereRef('allocation.execution_id', '<', 'w.below')
          .whereRef('allocation.execution_id', '>', 'w.above')
          .orderBy('allocation.execution_id', fromEnd ? 'asc' : 'desc')
          .limit(limit)
          .as('a'),
      (join) => join.onTrue(),
    )
    .innerJoin('execution', 'execution.id', 'a.execution_id')
    .select(executionColumns)
    .select('w.place')
    .orderBy('w.place')
    .orderBy('execution.id', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** How many allocations each of the evaluations has; those without one are left out. */
export async function countPlacementsOf(
  db: Kysely<Database>,
  evaluationIds: readonly number[],
): Promise<{ id: number; n: number }[]> {
  const { rows } = await sql<{ id: number; n: number }>`select evaluation_id as id, count(*) as n from allocation
    where evaluation_id = any(${[...evaluationIds]}::bigint[]) group by evaluation_id`.execute(db)
  return rows
}
