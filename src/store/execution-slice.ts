import { type Kysely, sql } from 'kysely'
import type { Execution } from '#model/execution.ts'
import type { Slice } from '#model/slice.ts'
import { executionColumns } from './execution.ts'
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
  const jobs = sql`${slices.map(({ jobId }) => jobId)}::bigint[]`
  // The newest comes first, so what follows a key is below it.
  const below = sql`${slices.map(({ after }) => after ?? highest)}::bigint[]`
  const above = sql`${slices.map(({ before }) => before ?? 0)}::bigint[]`
  const wanted = sql<{ job_id: number; below: number; above: number; place: number }>`
    unnest(${jobs}, ${below}, ${above}) with ordinality`.as<'w'>(sql`w(job_id, below, above, place)`)
  const rows = await db
    .selectFrom(wanted)
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('execution')
          .select(executionColumns)
          .whereRef('execution.job_id', '=', 'w.job_id')
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
  const found = Map.groupBy(rows, ({ place }) => place)
  return slices.map((_, place) => (found.get(place + 1) ?? []).map(({ place: _place, ...execution }) => execution))
}

const highest = 2_147_483_648

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
