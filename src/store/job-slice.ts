import { type Kysely, sql } from 'kysely'
import type { Job, JobFilter } from '#model/job.ts'
import type { JobPlace, JobSliceOrder, Slice } from '#model/slice.ts'
import type { JobFamily } from '#model/status.ts'
import { jobColumns } from './job.ts'
import { jobConditions } from './job-filter.ts'
import { inListOrder, type Keyset, keyset } from './keyset.ts'
import type { Database } from './tables.ts'

/** Jobs of one family that match, as a slice of the list in that order. Ids rise as jobs are made. */
export async function findJobSlice(
  db: Kysely<Database>,
  family: JobFamily,
  filter: JobFilter,
  order: JobSliceOrder,
  slice: Slice<JobPlace>,
): Promise<Job[]> {
  const { within, order: sorted } = keyset(keysetOf(order), slice)
  const rows = await db
    .selectFrom('job')
    .select(jobColumns)
    // Written out, so that the planner can use the indexes that hold one family.
    .where(family === 'queued' ? sql<boolean>`job.family = 'queued'` : sql<boolean>`job.family = 'service'`)
    .where((eb) => eb.and(jobConditions(eb, filter)))
    .where(within)
    .orderBy(sorted)
    .limit(slice.limit)
    .execute()
  return inListOrder(rows, slice)
}

function keysetOf({ by, descending }: JobSliceOrder): Keyset<JobPlace> {
  const id = sql`job.id`
  if (by === 'CREATED') return { columns: [id], values: (key) => [sql`${key.id}::bigint`], descending }
  return {
    columns: [sql`job.last_modified`, id],
    values: (key) => [sql`${key.lastModified}::timestamptz`, sql`${key.id}::bigint`],
    descending,
  }
}
