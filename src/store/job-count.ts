import { expressionBuilder, type Kysely, sql } from 'kysely'
import type { JobFilter } from '#model/job.ts'
import { type JobFamily, jobFamilies } from '#model/status.ts'
import { jobConditions } from './job-filter.ts'
import { canMatch, withTypeIds } from './job-narrow.ts'
import type { Database } from './tables.ts'

/** The kinds of a filter that the tally can tell apart; `job_tally` has a column for each or for what it joins to. */
const tallied: ReadonlySet<string> = new Set([
  'statuses',
  'jobTypeIds',
  'jobTypeNames',
  'errorCategories',
  'errorIds',
  'isSuperseded',
])

/** The kinds that are counted value by value, and the dimension of `job_tally_value` that holds them. */
const dimensions: ReadonlyMap<string, string> = new Map([
  ['batchIds', 'batch'],
  ['recipeIds', 'recipe'],
  ['sourceSensorClasses', 'source_sensor_class'],
  ['sourceSensors', 'source_sensor'],
  ['sourceCollections', 'source_collection'],
  ['sourceTasks', 'source_task'],
])

/**
 * How many queued jobs match a filter, exactly. The common filters are answered from the tallies, which every write of
 * a job keeps in its own transaction, and so cost next to nothing however many jobs there are; any other filter counts
 * rows.
 */
export async function countJobs(db: Kysely<Database>, filter: JobFilter): Promise<number> {
  const kinds = Object.keys(filter)
  if (kinds.every((kind) => tallied.has(kind))) return countTally(db, filter)
  const [only] = kinds
  if (kinds.length === 1 && only !== undefined && dimensions.has(only)) return countValues(db, filter, only)
  const span = spanOf(filter)
  return span === null ? countRows(db, filter) : countSpan(db, span)
}

/** How many jobs of the families that a filter names match it, exactly; of both where it names none. */
export async function countJobsOfAll(db: Kysely<Database>, filter: JobFilter): Promise<number> {
  const { families = jobFamilies, ...rest } = filter
  let sum = 0
  for (const family of new Set(families))
    if (canMatch(family, rest)) sum += await (family === 'queued' ? countQueued(db, rest) : countServices(db, rest))
  return sum
}

/** That no queued job is deregistered was seen to, so the tallies need not know of it. */
async function countQueued(db: Kysely<Database>, { isDeregistered: _, ...rest }: JobFilter): Promise<number> {
  return countJobs(db, await withTypeIds(db, rest))
}

/** Batches, sources and times are tallied of queued jobs alone. */
async function countServices(db: Kysely<Database>, filter: JobFilter): Promise<number> {
  const isTallied = Object.keys(filter).every((kind) => tallied.has(kind))
  return isTallied ? countTally(db, filter, 'service') : countRows(db, filter, 'service')
}

/** Whether a filter is answered from the tallies, or next to it. */
export function isCountedCheaply(filter: JobFilter): boolean {
  const kinds = Object.keys(filter)
  if (kinds.every((kind) => tallied.has(kind))) return true
  return (kinds.length === 1 && dimensions.has(kinds[0] ?? '')) || spanOf(filter) !== null
}

/** Adds up the tally; only for filters of the kinds that it can tell apart. */
async function countTally(db: Kysely<Database>, filter: JobFilter, family: JobFamily = 'queued'): Promise<number> {
  // Named `job`, the tally answers the very conditions that jobs do: its columns bear the same names.
  const eb = expressionBuilder<Database, 'job'>()
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(job.n), 0)::bigint as n from job_tally as job
    where job.family = ${family} and ${eb.and(jobConditions(eb, filter, family))}`.execute(db)
  return rows[0]?.n ?? 0
}

async function countValues(db: Kysely<Database>, filter: JobFilter, kind: string): Promise<number> {
  const given: unknown = Reflect.get(filter, kind)
  const values = Array.isArray(given) ? given.map(String) : []
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(n), 0)::bigint as n from job_tally_value
    where dimension = ${dimensions.get(kind)} and value = any(${values}::text[])`.execute(db)
  return rows[0]?.n ?? 0
}

/** One stretch of one time, closed at both ends where it has them. */
type Span = { readonly column: string; readonly from: string | null; readonly to: string | null }

/** The stretch that a filter means, where it means nothing else and one time alone. */
function spanOf(filter: JobFilter): Span | null {
  const { modifiedFrom = null, modifiedTo = null, sourceStartedFrom = null, sourceEndedTo = null } = filter
  const given = Object.keys(filter).sort().join(' ')
  if (given === 'sourceStartedFrom') return { column: 'source_started', from: sourceStartedFrom, to: null }
  if (given === 'sourceEndedTo') return { column: 'source_ended', from: null, to: sourceEndedTo }
  const isModified =
    given !== '' && Object.keys(filter).every((kind) => kind === 'modifiedFrom' || kind === 'modifiedTo')
  return isModified ? { column: 'last_modified', from: modifiedFrom, to: modifiedTo } : null
}

/** Whole buckets come from the tally; only the rows of the two buckets that are cut are counted one by one. */
async function countSpan(db: Kysely<Database>, { column, from, to }: Span): Promise<number> {
  const lower = sql`coalesce(${from}::timestamptz, '-infinity')`
  const upper = sql`coalesce(${to}::timestamptz, 'infinity')`
  const at = sql.ref(`job.${column}`)
  const { rows } = await sql<{ n: number }>`
    with edge as (select ${lower} as low, ${upper} as high,
      case when ${from}::timestamptz is null then '-infinity' else tally_bucket(${from}) + interval '10 minutes' end as first,
      case when ${to}::timestamptz is null then 'infinity' else tally_bucket(${to}) end as last)
    select (select coalesce(sum(t.n), 0) from job_tally_time t, edge
        where t.dimension = ${column} and t.bucket >= edge.first and t.bucket < edge.last)
      + (select count(*) from job, edge where job.family = 'queued' and isfinite(edge.low)
        and ${at} >= edge.low and ${at} < edge.first and ${at} <= edge.high)
      + (select count(*) from job, edge where job.family = 'queued' and isfinite(edge.high)
        and ${at} >= greatest(edge.last, edge.low, edge.first) and ${at} <= edge.high) as n`.execute(db)
  return Number(rows[0]?.n ?? 0)
}

/** Counts the matching jobs one by one. */
export async function countRows(
  db: Kysely<Database>,
  filter: JobFilter,
  family: JobFamily = 'queued',
): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select(sql<number>`count(*)`.as('n'))
    .where(sql<boolean>`job.family = ${sql.lit(family)}`)
    .where((eb) => eb.and(jobConditions(eb, filter, family)))
    .executeTakeFirstOrThrow()
  return row.n
}
