import type { Kysely } from 'kysely'
import type { JobTypeRevision } from '#model/job-type.ts'
import type { ChildSlice } from '#model/slice.ts'
import { childPage, inPlaces } from './child-slice.ts'
import { revisionColumns } from './job-type.ts'
import type { Database } from './tables.ts'

/**
 * Slices of the revisions of many job types, newest number first, in one statement; keys are numbers of revisions.
 * The answer has one list for each slice, in their order.
 */
export async function findRevisionSlices(
  db: Kysely<Database>,
  slices: readonly ChildSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<JobTypeRevision[][]> {
  const rows = await db
    .selectFrom(childPage('revision', slices, limit, fromEnd))
    .innerJoin('job_type_revision as revision', 'revision.id', 'page.row_id')
    .select(revisionColumns)
    .select('page.place')
    .orderBy('page.place')
    .orderBy('page.key', 'desc')
    .execute()
  return inPlaces(slices, rows)
}
