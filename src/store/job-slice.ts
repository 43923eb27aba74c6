import { expressionBuilder, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Job, JobFilter } from '#model/job.ts'
import type { JobPlace, JobSliceOrder, Slice } from '#model/slice.ts'
import { type JobFamily, jobFamilies } from '#model/status.ts'
import { jobColumns } from './job.ts'
import { jobConditions } from './job-filter.ts'
import { type Bounds, canMatch, impliedBounds, type JobTime, paceConditions, withTypeIds } from './job-narrow.ts'
import { inListOrder, type Keyset, keyset } from './keyset.ts'
import type { Database } from './tables.ts'

type Walk = { readonly time: JobTime; readonly column: string }

const walks: Readonly<Record<JobSliceOrder['by'], Walk>> = {
  CREATED: { time: 'created', column: 'job.created_at' },
  MODIFIED: { time: 'modified', column: 'job.last_modified' },
  STATUS_CHANGED: { time: 'statusChanged', column: 'job.last_status_change' },
}

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
  const walk = walks[order.by]
  const at = sql.ref(walk.column)
  const ordered = keyset(keysetOf(at, order.descending), slice)
  const branches = (await branchesOf(db, filter, walk)).map(
    (branch) => sql`(select job.id, ${at} as at from job where ${conditionsOf(branch, walk)} and ${ordered.within}
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

/** Jobs of one family, at most of one status and of one pace; `bounds` are those of the time that is walked. */
type Branch = {
  readonly family: JobFamily
  readonly filter: JobFilter
  readonly pace: 'any' | 'prompt' | 'slow'
  readonly bounds: Bounds
}

/** What to read one by one; branches in which nothing can match are left out. */
async function branchesOf(
  db: Kysely<Database>,
  { families = jobFamilies, ...filter }: JobFilter,
  { time }: Walk,
): Promise<Branch[]> {
  const branches: Branch[] = []
  for (const family of new Set(families)) {
    const { statuses, ...rest } = family === 'queued' ? await withTypeIds(db, filter) : filter
    if (rest.jobTypeIds?.length === 0 || !canMatch(family, rest)) continue
    const paces = family === 'queued' ? pacesOf(rest, time) : [{ pace: 'any', bounds: {} } as const]
    for (const pace of paces) {
      if (statuses === undefined) branches.push({ family, filter: rest, ...pace })
      for (const status of new Set(statuses))
        branches.push({ family, filter: { ...rest, statuses: [status] }, ...pace })
    }
  }
  return branches
}

/** Slow jobs are read apart where of all others more can be said. */
function pacesOf(filter: JobFilter, time: JobTime): Pick<Branch, 'pace' | 'bounds'>[] {
  const bounds = impliedBounds(filter, time, 'any')
  const ofPrompt = impliedBounds(filter, time, 'prompt')
  if (ofPrompt.from === bounds.from && ofPrompt.to === bounds.to) return [{ pace: 'any', bounds }]
  return [
    { pace: 'prompt', bounds: ofPrompt },
    { pace: 'slow', bounds },
  ]
}

/** The family is written out, so that the planner can use the indexes that hold one family. */
function conditionsOf({ family, filter, pace, bounds: { from, to } }: Branch, { column }: Walk): RawBuilder<unknown> {
  const eb = expressionBuilder<Database, 'job'>()
  const isWalked = family === 'queued' && pace !== 'slow'
  const conditions = jobConditions(eb, filter, family, isWalked ? column : null)
  if (pace !== 'any') conditions.push(paceConditions[pace])
  if (from !== undefined) conditions.push(sql<SqlBool>`${sql.ref(column)} >= ${from}`)
  if (to !== undefined) conditions.push(sql<SqlBool>`${sql.ref(column)} <= ${to}`)
  return sql`job.family = ${sql.lit(family)} and ${eb.and(conditions)}`
}
