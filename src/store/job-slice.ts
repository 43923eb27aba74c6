import { expressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Job, JobFilter } from '#model/job.ts'
import type { JobPlace, JobSliceOrder, Slice } from '#model/slice.ts'
import { type JobFamily, jobFamilies } from '#model/status.ts'
import { jobColumns } from './job.ts'
import { jobConditions } from './job-filter.ts'
import { withImpliedBounds, withTypeIds } from './job-narrow.ts'
import { inListOrder, type Keyset, keyset } from './keyset.ts'
import type { Database } from './tables.ts'

const times = {
  CREATED: sql`job.created_at`,
  MODIFIED: sql`job.last_modified`,
  STATUS_CHANGED: sql`job.last_status_change`,
} as const

/**
 * Jobs of either family that match, as a slice of the list in that order. Each family and each status is read through
 * the index that holds its rows in order, up to the limit, and the few that come so are put together.
 */
export async function findJobSlice(
  db: Kysely<Database>,
  filter: JobFilter,
  order: JobSliceOrder,
  slice: Slice<JobPlace>,
): Promise<Job[]> {
  const at = times[order.by]
  const ordered = keyset(keysetOf(at, order.descending), slice)
  const branches = (await branchesOf(db, filter)).map(
    (branch) => sql`(select job.id, ${at} as at from job where ${conditionsOf(branch)} and ${ordered.within}
      order by ${ordered.order} limit ${slice.limit})`,
  )
  if (branches.length === 0) return []
  const falls = order.descending !== slice.fromEnd
  const page = sql<{ id: number; at: string }>`(select id, at from (${sql.join(branches, sql` union all `)}) found
    order by (at, id) ${falls ? sql`desc` : sql`asc`} limit ${slice.limit})`.as<'page'>(sql`page`)
  const rows = await db
    .selectFrom(page)
    .innerJoin('job', 'job.id', 'page.id')
    .select(jobColumns)
    .orderBy(sql`(page.at, page.id)`, falls ? 'desc' : 'asc')
    .execute()
  return inListOrder(rows, slice)
}

function keysetOf(at: RawBuilder<unknown>, descending: boolean): Keyset<JobPlace> {
  return {
    columns: [at, sql`job.id`],
    values: (key) => [sql`${key.at}::timestamptz`, sql`${key.id}::bigint`],
    descending,
  }
}

type Branch = { readonly family: JobFamily; readonly filter: JobFilter }

/** What to read one by one; branches in which nothing can match are left out. */
async function branchesOf(db: Kysely<Database>, { families = jobFamilies, ...filter }: JobFilter): Promise<Branch[]> {
  const branches: Branch[] = []
  for (const family of new Set(families)) {
    const { statuses, ...rest } = family === 'queued' ? withImpliedBounds(await withTypeIds(db, filter)) : filter
    if (rest.jobTypeIds?.length === 0) continue
    if (statuses === undefined) branches.push({ family, filter: rest })
    for (const status of new Set(statuses)) branches.push({ family, filter: { ...rest, statuses: [status] } })
  }
  return branches
}

/** The family is written out, so that the planner can use the indexes that hold one family. */
function conditionsOf({ family, filter }: Branch): RawBuilder<unknown> {
  const eb = expressionBuilder<Database, 'job'>()
  return sql`job.family = ${sql.lit(family)} and ${eb.and(jobConditions(eb, filter, family))}`
}
