import { type Kysely, sql } from 'kysely'
import type { Execution } from '#model/execution.ts'
import type { Slice } from '#model/slice.ts'
import { executionColumns } from './execution.ts'
import { inPlaces, wantedSlices } from './slice-place.ts'
import type { Database } from './tables.ts'

/** A slice of one job's executions; keys are numbers of executions. */
export type ExecutionSlice = Slice<number> & { readonly jobId: number }

/**
 * Slices of the executions of many jobs, newest number first, in one statement. Limit and end are the same for all;
 * the answer has one list for each slice, in their order.
 */
export async function findExecutionSlices(
  db: Kysely<Database>,
  slices: readonly ExecutionSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Execution[][]> {
  const rows = await db
    .selectFrom(wantedSlices(slices, ({ jobId }) => jobId))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('execution')
          .select(executionColumns)
          .whereRef('execution.job_id', '=', 'w.parent_id')
          .whereRef('execution.number', '<', 'w.below')
          .whereRef('execution.number', '>', 'w.above')
          .orderBy('execution.number', fromEnd ? 'asc' : 'desc')
          .limit(limit)
          .as('e'),
      (join) => join.onTrue(),
    )
    .selectAll('e')
    .select('w.place')
    .orderBy('w.place')
    .orderBy('e.number', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** How many executions each of the jobs has; jobs without one are left out. */
export async function countExecutionsOf(
  db: Kysely<Database>,
  jobIds: readonly number[],
): Promise<{ id: number; n: number }[]> {
  return db
    .selectFrom('execution')
    .select(['job_id as id', sql<number>`count(*)`.as('n')])
    .where('job_id', '=', sql<number>`any(${[...jobIds]}::bigint[])`)
    .groupBy('job_id')
    .execute()
}
