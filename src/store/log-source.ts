import { type Kysely, sql } from 'kysely'
import type { ClientStatus } from '#model/allocation.ts'
import type { Json } from '#model/json.ts'
import type { LogSource } from '#model/logger.ts'
import { homeRegion } from '#model/service-job.ts'
import { recordChanges } from './change.ts'
import { inPlaces } from './child-slice.ts'
import { json } from './database.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** The columns of a log source under their names in the model. */
export const logSourceColumns = [
  'log_source.id',
  'log_source.task_group as taskGroup',
  'log_source.job',
  'log_source.task',
  'log_source.file_name as fileName',
  'log_source.has_level as hasLevel',
] as const

/** The list of logs, in the order in which it was set. */
export async function findLogSources(db: Kysely<Database>): Promise<LogSource[]> {
  return db.selectFrom('log_source').select(logSourceColumns).orderBy('position').execute()
}

/** One log of the list by its id, or null. */
export async function findLogSource(db: Kysely<Database>, id: string): Promise<LogSource | null> {
  const row = await db.selectFrom('log_source').select(logSourceColumns).where('id', '=', id).executeTakeFirst()
  return row ?? null
}

/** The logs of a job's task group, in the order of the list. */
export async function findLogSourcesOf(db: Kysely<Database>, job: string, taskGroup: string): Promise<LogSource[]> {
  return db
    .selectFrom('log_source')
    .select(logSourceColumns)
    .where('job', '=', job)
    .where('task_group', '=', taskGroup)
    .orderBy('position')
    .execute()
}

/** Replaces the list of logs as a whole; what was set for the loggers of ids that vanish goes with them. */
export async function replaceLogSources(store: Store, sources: readonly LogSource[]): Promise<void> {
  const rows = sources.map((source, position) => ({ ...source, position }))
  await writing(store, async (tx) => {
    // Two lists at once would meet in the middle; readers are not held up.
    await sql`lock table log_source in exclusive mode`.execute(tx)
    const gone = await tx.deleteFrom('log_source').returning('id').execute()
    // One parameter however long the list.
    await sql`insert into log_source (id, position, task_group, job, task, file_name, has_level)
      select id, position, "taskGroup", job, task, "fileName", "hasLevel"
      from json_to_recordset(${json(rows)}::json) as s (id text, position integer, "taskGroup" text, job text,
        task text, "fileName" text, "hasLevel" boolean)`.execute(tx)
    const kept = new Set(sources.map(({ id }) => id))
    const vanished = gone.map(({ id }) => id).filter((id) => !kept.has(id))
    const isVanished = sql<boolean>`logger = any(${vanished}::text[])`
    await tx.deleteFrom('logger_default').where(isVanished).execute()
    await tx.deleteFrom('logger_override').where(isVanished).execute()
    await recordChanges(tx, [{ kind: 'LOG_SOURCE', entityId: 0, detail: { count: sources.length } }])
  })
}

/** What of an allocation decides which logs it has. */
export type LogAllocation = {
  readonly executionId: number
  readonly uuid: string
  readonly jobName: string
  readonly taskGroup: string
  readonly clientStatus: ClientStatus
  /** As the worker reports them; null before its first report. */
  readonly taskStates: Json | null
  readonly jobTypeRevisionId: number
  readonly createdAt: string
}

const logAllocation = sql<LogAllocation>`
  select a.execution_id as "executionId", a.uuid, a.job_name as "jobName", a.task_group as "taskGroup",
    a.client_status as "clientStatus", a.task_states as "taskStates", e.job_type_revision_id as "jobTypeRevisionId",
    e.created_at as "createdAt"
  from allocation a join execution e on e.id = a.execution_id`

/** The allocation of a uuid, or null. */
export async function findLogAllocation(db: Kysely<Database>, uuid: string): Promise<LogAllocation | null> {
  const { rows } = await sql<LogAllocation>`${logAllocation} where a.uuid = ${uuid}::uuid`.execute(db)
  return rows[0] ?? null
}

/** A task group of a job, by their names. */
export type LogGroup = { readonly job: string; readonly taskGroup: string }

/**
 * Placed allocations of jobs' task groups, for each group newest first and at most `limit`; those for which no node was
 * found have no log. The answers have the order of the groups.
 */
export async function findLogAllocations(
  db: Kysely<Database>,
  groups: readonly LogGroup[],
  limit: number,
): Promise<LogAllocation[][]> {
  const { rows } = await sql<LogAllocation & { readonly place: number }>`
    select g.place, found.* from unnest(${groups.map(({ job }) => job)}::text[],
      ${groups.map(({ taskGroup }) => taskGroup)}::text[]) with ordinality as g (job, task_group, place)
    cross join lateral (${logAllocation}
      where a.region = ${homeRegion} and a.job_name = g.job and a.task_group = g.task_group
        and a.desired_status <> 'failed'
      order by a.execution_id desc limit ${limit}) found
    order by g.place, found."executionId" desc`.execute(db)
  return inPlaces(groups, rows)
}
