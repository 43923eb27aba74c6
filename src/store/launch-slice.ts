import { type Kysely, sql } from 'kysely'
import type { Job } from '#model/job.ts'
import type { Slice } from '#model/slice.ts'
import { jobColumns } from './job.ts'
import { inPlaces, wantedSlices } from './slice-place.ts'
import type { Database } from './tables.ts'

/** A slice of the jobs that one periodic job launched; keys are ids of jobs. */
export type LaunchSlice = Slice<number> & { readonly jobId: number }

/** Slices of what many periodic jobs launched, newest first, in one statement; one list for each slice. */
export async function findLaunchSlices(
  db: Kysely<Database>,
  slices: readonly LaunchSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Job[][]> {
  const rows = await db
    .selectFrom(wantedSlices(slices, ({ jobId }) => jobId))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('service_job')
          .select('service_job.job_id')
          .whereRef('service_job.parent_id', '=', 'w.parent_id')
          .whereRef('service_job.job_id', '<', 'w.below')
          .whereRef('service_job.job_id', '>', 'w.above')
          .orderBy('service_job.job_id', fromEnd ? 'asc' : 'desc')
          .limit(limit)
          .as('l'),
      (join) => join.onTrue(),
    )
    .innerJoin('job', 'job.id', 'l.job_id')
    .select(jobColumns)
    .select('w.place')
    .orderBy('w.place')
    .orderBy('job.id', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** How many jobs each periodic job launched; those that launched none are left out. */
export async function countLaunchesOf(
  db: Kysely<Database>,
  jobIds: readonly number[],
): Promise<{ id: number; n: number }[]> {
  const { rows } = await sql<{ id: number; n: number }>`select parent_id as id, count(*) as n from service_job
    where parent_id = any(${[...jobIds]}::bigint[]) group by parent_id`.execute(db)
  return rows
}
