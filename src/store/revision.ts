import type { Kysely } from 'kysely'
import type { JobTypeRevision } from '#model/job-type.ts'
import type { Counted, Window } from '#model/window.ts'
import { revisionColumns } from './job-type.ts'
import type { Database } from './tables.ts'
import { counted, total } from './window.ts'

/** A window on the revisions of a job type, newest first. */
export async function findRevisionPage(
  db: Kysely<Database>,
  jobTypeId: number,
  window: Window,
): Promise<Counted<JobTypeRevision>> {
  const rows = await db
    .selectFrom('job_type_revision')
    .select(revisionColumns)
    .select(total.as('total'))
    .where('job_type_id', '=', jobTypeId)
    .orderBy('revision_num', 'desc')
    .limit(window.limit)
    .offset(window.offset)
    .execute()
  return counted(rows)
}
