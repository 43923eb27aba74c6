import { type Kysely, type SqlBool, sql } from 'kysely'
import type { JobFilter } from '#model/job.ts'
import type { JobFamily } from '#model/status.ts'
import { nameMatches } from './job-filter.ts'
import type { Database } from './tables.ts'

/**
 * A filter of queued jobs that names job types by id instead of by name, prefix or text. Types are few: found first,
 * they let the planner know how many jobs there will be, and the tallies count them.
 */
export async function withTypeIds(db: Kysely<Database>, filter: JobFilter): Promise<JobFilter> {
  const { jobTypeNames, names, namePrefix, text, ...rest } = filter
  if (jobTypeNames === undefined && names === undefined && namePrefix === undefined && text === undefined) return filter
  const types = await db
    .selectFrom('job_type')
    .select('id')
    .where('family', '=', 'queued')
    .where((eb) =>
      eb.and([
        ...nameMatches('job_type', filter),
        ...(jobTypeNames ? nameMatches('job_type', { names: jobTypeNames }) : []),
      ]),
    )
    .execute()
  const asked = rest.jobTypeIds
  const ids = types.map(({ id }) => id)
  return { ...rest, jobTypeIds: asked === undefined ? ids : ids.filter((id) => asked.includes(id)) }
}

/**
 * Whether any job of the family can match: only services are deregistered, and no service has an error of the catalogue
 * or is superseded by another.
 */
export function canMatch(family: JobFamily, filter: JobFilter): boolean {
  const { isDeregistered, isSuperseded, errorIds, errorCategories } = filter
  if (family === 'queued') return isDeregistered !== true
  return isSuperseded !== true && errorIds === undefined && errorCategories === undefined
}

/**
 * The times of a job by which lists can be filtered, each with its place among them: a time of a lower rank is never
 * later than one of a higher rank.
 */
const ranks = { created: 0, started: 1, ended: 1, statusChanged: 2, modified: 3 } as const
const times = ['created', 'started', 'ended', 'statusChanged', 'modified'] as const

/** One of the times by which queued jobs can be filtered. */
export type JobTime = (typeof times)[number]

/** Within how long after its making a prompt job changes for the last time. */
const promptMs = 6 * 3_600_000

/** The words of the indexes that hold the slow jobs, which are all others. */
const lifetime = sql`job.last_modified - job.created_at`
const promptLife = sql`interval ${sql.lit('6 hours')}`

/** What holds of a job of that pace. */
export const paceConditions = {
  prompt: sql<SqlBool>`${lifetime} <= ${promptLife}`,
  slow: sql<SqlBool>`${lifetime} > ${promptLife}`,
} as const

/** Times that one transaction writes may differ by what it takes, so a bound that follows from another is let out. */
const slackMs = 3_600_000

/** A stretch of time, closed at both ends; undefined is no end. */
export type Bounds = { readonly from?: string | undefined; readonly to?: string | undefined }

/**
 * The bounds of one time of a queued job that follow from a filter's bounds of its other times: a job is made before it
 * starts, ends and changes, and its last change comes after all of these. Of a prompt job's times none is far from
 * another. A list in the order of one time that is filtered by another then starts where its first row can be.
 */
export function impliedBounds(filter: JobFilter, of: JobTime, pace: 'any' | 'prompt'): Bounds {
  const life = pace === 'prompt' ? promptMs : null
  const floors: number[] = []
  const ceilings: number[] = []
  for (const time of times) {
    const distance = ranks[of] - ranks[time]
    const from = filter[`${time}From`]
    const to = filter[`${time}To`]
    const [after, before] = distance > 0 ? [0, life] : [life, 0]
    if (distance !== 0 && from !== undefined && after !== null) floors.push(Date.parse(from) - after - slackMs)
    if (distance !== 0 && to !== undefined && before !== null) ceilings.push(Date.parse(to) + before + slackMs)
  }
  return { from: instant(Math.max(...floors)), to: instant(Math.min(...ceilings)) }
}

/** Undefined beyond the years that a time may have. */
function instant(at: number): string | undefined {
  if (!Number.isFinite(at)) return undefined
  const year = new Date(at).getUTCFullYear()
  return year > 1 && year < 9999 ? new Date(at).toISOString() : undefined
}
