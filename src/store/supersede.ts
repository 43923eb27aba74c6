import { sql, type Transaction } from 'kysely'
import type { JobStatus } from '#model/status.ts'
import { now } from './database.ts'
import type { Database } from './tables.ts'

/** What of a queued job decides whether it may be superseded. */
export type SupersedableJob = {
  readonly id: number
  readonly jobTypeId: number
  readonly status: JobStatus
  readonly isSuperseded: boolean
  /** The job that it replaced itself. */
  readonly supersededJobId: number | null
}

/** Locks queued jobs in id order; unknown ids are left out. */
export async function lockSupersedable(tx: Transaction<Database>, ids: readonly number[]): Promise<SupersedableJob[]> {
  return tx
    .selectFrom('job')
    .select([
      'id',
      'job_type_id as jobTypeId',
      'status',
      'is_superseded as isSuperseded',
      'superseded_job_id as supersededJobId',
    ])
    .where('family', '=', 'queued')
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** Marks a locked job as superseded; the time of the first marking stays. */
export async function markSuperseded(tx: Transaction<Database>, id: number): Promise<void> {
  await tx
    .updateTable('job')
    .set((eb) => ({
      is_superseded: true,
      superseded_at: eb.fn.coalesce('superseded_at', now),
      last_modified: now,
    }))
    .where('id', '=', id)
    .execute()
}

/** Says of a locked job which one it replaces; a job has at most one successor, which the database sees to. */
export async function linkSuperseded(tx: Transaction<Database>, successorId: number, jobId: number): Promise<void> {
  await tx
    .updateTable('job')
    .set({ superseded_job_id: jobId, last_modified: now })
    .where('id', '=', successorId)
    .execute()
}
