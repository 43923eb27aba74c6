import { type Kysely, sql } from 'kysely'
import { endOf, origin, type Position } from '#model/change.ts'
import type { JobChange } from '#model/history.ts'
import type { ChildSlice } from '#model/slice.ts'
import { type ChildCount, inPlaces } from './child-slice.ts'
import type { Database } from './tables.ts'

const end = endOf(Number.MAX_SAFE_INTEGER)

/**
 * Slices of the kept changes of many jobs, newest first, in one statement; keys are places in the change log. Limit and
 * end are the same for all; the answer has one list for each slice, in their order.
 */
export async function findHistorySlices(
  db: Kysely<Database>,
  slices: readonly ChildSlice<Position>[],
  limit: number,
  fromEnd: boolean,
): Promise<JobChange[][]> {
  const direction = fromEnd ? sql`asc` : sql`desc`
  const below = slices.map(({ after }) => after ?? end)
  const above = slices.map(({ before }) => before ?? origin)
  const { rows } = await sql<JobChange & { readonly place: number }>`
    select c.*, w.place
    from unnest(${slices.map(({ parentId }) => parentId)}::bigint[],
      ${below.map(({ index }) => index)}::bigint[], ${below.map(({ ordinal }) => ordinal)}::integer[],
      ${above.map(({ index }) => index)}::bigint[], ${above.map(({ ordinal }) => ordinal)}::integer[])
      with ordinality as w(job_id, below_idx, below_ordinal, above_idx, above_ordinal, place)
    cross join lateral (
      select change.idx as index, change.ordinal, change.kind, change.entity_id as "entityId",
        change.job_id as "jobId", change.from_status as "from", change.to_status as "to", change.at
      from change
      where change.job_id = w.job_id and (change.idx, change.ordinal) < (w.below_idx, w.below_ordinal)
        and (change.idx, change.ordinal) > (w.above_idx, w.above_ordinal)
      order by change.idx ${direction}, change.ordinal ${direction}
      limit ${limit}
    ) c
    order by w.place, c.index desc, c.ordinal desc`.execute(db)
  return inPlaces(slices, rows)
}

/** How many kept changes each of the jobs has; jobs without one are left out. */
export async function countHistoryOf(db: Kysely<Database>, jobIds: readonly number[]): Promise<ChildCount[]> {
  const { rows } = await sql<ChildCount>`
    select job_id as id, count(*) as n from change where job_id = any(${[...jobIds]}::bigint[]) group by 1`.execute(db)
  return rows
}
