import type { Kysely } from 'kysely'
import type { JobFilter } from '#model/job.ts'
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

/** Times that one transaction writes may differ by what it takes, so a bound that follows from another is let out. */
const slackMs = 3_600_000

/**
 * The same filter of queued jobs with the bounds that follow from its own: a job is made before it starts, ends and
 * changes, and its last change comes after all of these. A list in the order of one time that is filtered by another
 * then starts where its first row can be.
 */
export function withImpliedBounds(filter: JobFilter): JobFilter {
  const { createdFrom, statusChangedFrom, modifiedFrom, createdTo, statusChangedTo, modifiedTo } = filter
  const { startedFrom, endedFrom, startedTo, endedTo } = filter
  const floor = latest([createdFrom, startedFrom, endedFrom], -slackMs)
  const ceiling = earliest([statusChangedTo, modifiedTo, startedTo, endedTo], slackMs)
  const changedFloor = latest([createdFrom, startedFrom, endedFrom, statusChangedFrom], -slackMs)
  const modifiedCeiling = earliest([modifiedTo], slackMs)
  return {
    ...filter,
    ...(createdTo === undefined && ceiling !== undefined ? { createdTo: ceiling } : {}),
    ...(statusChangedFrom === undefined && floor !== undefined ? { statusChangedFrom: floor } : {}),
    ...(statusChangedTo === undefined && modifiedCeiling !== undefined ? { statusChangedTo: modifiedCeiling } : {}),
    ...(modifiedFrom === undefined && changedFloor !== undefined ? { modifiedFrom: changedFloor } : {}),
  }
}

function latest(times: readonly (string | undefined)[], shift: number): string | undefined {
  const known = times.flatMap((at) => (at === undefined ? [] : [Date.parse(at)]))
  return known.length === 0 ? undefined : shifted(Math.max(...known), shift)
}

function earliest(times: readonly (string | undefined)[], shift: number): string | undefined {
  const known = times.flatMap((at) => (at === undefined ? [] : [Date.parse(at)]))
  return known.length === 0 ? undefined : shifted(Math.min(...known), shift)
}

/** Undefined beyond the years that a time may have. */
function shifted(at: number, by: number): string | undefined {
  const year = new Date(at).getUTCFullYear()
  return year > 1 && year < 9999 ? new Date(at + by).toISOString() : undefined
}
