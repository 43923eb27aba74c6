import { type Kysely, sql } from 'kysely'
import type { JobTypeRevision } from '#model/job-type.ts'
import type { Slice } from '#model/slice.ts'
import { revisionColumns } from './job-type.ts'
import { inPlaces, wantedSlices } from './slice-place.ts'
import type { Database } from './tables.ts'

/** A slice of one job type's revisions; keys are numbers of revisions. */
export type RevisionSlice = Slice<number> & { readonly jobTypeId: number }

/**
 * Slices of the revisions of many job types, newest number first, in one statement. Limit and end are the same for
 * all; the answer has one list for each slice, in their order.
 */
export async function findRevisionSlices(
  db: Kysely<Database>,
  slices: readonly RevisionSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<JobTypeRevision[][]> {
  const rows = await db
    .selectFrom(wantedSlices(slices, ({ jobTypeId }) => jobTypeId))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('job_type_revision as revision')
          .select(revisionColumns)
          .whereRef('revision.job_type_id', '=', 'w.parent_id')
          .whereRef('revision.revision_num', '<', 'w.below')
          .whereRef('revision.revision_num', '>', 'w.above')
          .orderBy('revision.revision_num', fromEnd ? 'asc' : 'desc')
          .limit(limit)
          .as('r'),
      (join) => join.onTrue(),
    )
    .selectAll('r')
    .select('w.place')
    .orderBy('w.place')
    .orderBy('r.revisionNum', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** How many revisions each of the job types has; unknown ones are left out. */
export async function countRevisionsOf(
  db: Kysely<Database>,
  jobTypeIds: readonly number[],
): Promise<{ id: number; n: number }[]> {
  return db
    .selectFrom('job_type_revision')
    .select(['job_type_id as id', sql<number>`count(*)`.as('n')])
    .where('job_type_id', '=', sql<number>`any(${[...jobTypeIds]}::bigint[])`)
    .groupBy('job_type_id')
    .execute()
}
