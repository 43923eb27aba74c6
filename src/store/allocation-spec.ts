import { type Kysely, sql } from 'kysely'
import type { Allocation } from '#model/allocation.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { findRevisions } from './job-type.ts'
import { specOf } from './service-job.ts'
import type { Database } from './tables.ts'

/**
 * The specification that each allocation runs, by execution id: the revision under which it was placed or last updated
 * in place. The children of a periodic job share its revisions, so what is their own is put in.
 */
export async function findAllocationSpecs(
  db: Kysely<Database>,
  allocations: readonly Allocation[],
): Promise<Map<number, JobSpec>> {
  const revisionIds = [...new Set(allocations.map(({ jobTypeRevisionId }) => jobTypeRevisionId))]
  const revisions = new Map((await findRevisions(db, revisionIds)).map(({ id, manifest }) => [id, specOf(manifest)]))
  const jobIds = [...new Set(allocations.map(({ jobId }) => jobId))]
  const jobs = await db
    .selectFrom('service_job')
    .select(['job_id as id', 'spec'])
    .where('job_id', '=', sql<number>`any(${jobIds}::bigint[])`)
    .execute()
  const current = new Map(jobs.map(({ id, spec }) => [id, specOf(spec)]))
  const specs = new Map<number, JobSpec>()
  for (const { executionId, jobId, jobTypeRevisionId } of allocations) {
    const revision = revisions.get(jobTypeRevisionId)
    const own = current.get(jobId)
    if (revision === undefined || own === undefined) throw new Error(`execution ${executionId} has no specification`)
    const { ID, Name, ParentID, Periodic } = own
    specs.set(executionId, ParentID === '' ? revision : { ...revision, ID, Name, ParentID, Periodic })
  }
  return specs
}
