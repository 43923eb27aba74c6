import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Job } from '#model/job.ts'
import type { ChildSlice, JobGroup, JobPlace } from '#model/slice.ts'
import { type ChildCount, childPage, inPlaces } from './child-slice.ts'
import { jobColumns } from './job.ts'
import type { Database } from './tables.ts'

/** An index holds each in the order of its slices. The family is written out, so that the planner can use the indexes that hold one family. */
const members = {
  queuedType: sql`job.family = 'queued' and job.job_type_id`,
  serviceType: sql`job.family = 'service' and job.job_type_id`,
  batch: sql`job.batch_id`,
  recipe: sql`job.recipe_id`,
} as const satisfies Record<JobGroup, RawBuilder<unknown>>

/**
 * Slices of the jobs of many parents, the last changed first, in one statement; keys are times of their last change.
 * Limit and end are the same for all; the answer has one list for each slice, in their order.
 */
export async function findJobGroupSlices(
  db: Kysely<Database>,
  group: JobGroup,
  slices: readonly ChildSlice<JobPlace>[],
  limit: number,
  fromEnd: boolean,
): Promise<Job[][]> {
  const { of, after, before } = columnsOf(slices)
  const direction = fromEnd ? sql`asc` : sql`desc`
  const found = sql<{ id: number; place: number }>`(select page.id, w.place
    from unnest(${of}::bigint[], ${after.at}::text[], ${after.id}::bigint[], ${before.at}::text[], ${before.id}::bigint[])
      with ordinality w(parent_id, after_at, after_id, before_at, before_id, place),
    lateral (select job.id from job where ${members[group]} = w.parent_id
      and (job.last_modified, job.id) < (w.after_at::timestamptz, w.after_id)
      and (job.last_modified, job.id) > (w.before_at::timestamptz, w.before_id)
      order by job.last_modified ${direction}, job.id ${direction} limit ${limit}) page)`.as<'found'>(sql`found`)
  const rows = await db
    .selectFrom(found)
    .innerJoin('job', 'job.id', 'found.id')
    .select(jobColumns)
    .select('found.place')
    .orderBy('found.place')
    .orderBy('job.last_modified', 'desc')
    .orderBy('job.id', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** The slices by columns; where a slice has no key the end of the list stands for it. */
function columnsOf(slices: readonly ChildSlice<JobPlace>[]) {
  const keys = (keyOf: (slice: ChildSlice<JobPlace>) => JobPlace | null, end: JobPlace) => ({
    at: slices.map((slice) => (keyOf(slice) ?? end).at),
    id: slices.map((slice) => (keyOf(slice) ?? end).id),
  })
  return {
    of: slices.map(({ parentId }) => parentId),
    after: keys(({ after }) => after, { at: 'infinity', id: 0 }),
    before: keys(({ before }) => before, { at: '-infinity', id: 0 }),
  }
}

/** How many jobs each parent has, from the tallies; parents without one are left out. */
export async function countJobGroups(
  db: Kysely<Database>,
  group: JobGroup,
  parentIds: readonly number[],
): Promise<ChildCount[]> {
  const ids = [...parentIds]
  const { rows } =
    group === 'batch' || group === 'recipe'
      ? await sql<ChildCount>`select value::bigint as id, sum(n)::bigint as n
          from job_tally_value where dimension = ${group} and value = any(${ids.map(String)}::text[]) group by value`.execute(
          db,
        )
      : await sql<ChildCount>`select job_type_id as id, sum(n)::bigint as n from job_tally
          where job_type_id = any(${ids}::bigint[]) group by job_type_id`.execute(db)
  return rows
}

/** Slices of what many periodic jobs launched, newest first, in one statement; keys are ids of jobs. One list for each slice. */
export async function findLaunchSlices(
  db: Kysely<Database>,
  slices: readonly ChildSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Job[][]> {
  const rows = await db
    .selectFrom(childPage('launch', slices, limit, fromEnd))
    .innerJoin('job', 'job.id', 'page.row_id')
    .select(jobColumns)
    .select('page.place')
    .orderBy('page.place')
    .orderBy('page.key', 'desc')
    .execute()
  return inPlaces(slices, rows)
}
