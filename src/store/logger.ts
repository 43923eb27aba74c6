import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Json } from '#model/json.ts'
import { type AllocationLogger, initialLevel, type LoggerLevel, type LoggerSetting, taskNames } from '#model/logger.ts'
import { recordChanges } from './change.ts'
import { findLogSourcesOf, type LogAllocation } from './log-source.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** The default loggers by name: those of the list of logs, and those that were set by themselves. */
export async function findDefaultLoggers(db: Kysely<Database>): Promise<(LoggerSetting & { level: LoggerLevel })[]> {
  const { rows } = await sql<{ logger: string; level: LoggerLevel | null }>`
    select n.logger, d.level from (select id as logger from log_source where has_level union select logger from logger_default) n
    left join logger_default d on d.logger = n.logger
    order by n.logger collate "C"`.execute(db)
  return rows.map(({ logger, level }) => ({ logger, level: level ?? initialLevel }))
}

/** Sets the level of a default logger, which need not be known. */
export async function upsertDefaultLogger(store: Store, logger: string, level: LoggerLevel): Promise<void> {
  await writing(store, async (tx) => {
    await tx
      .insertInto('logger_default')
      .values({ logger, level })
      .onConflict((conflict) => conflict.column('logger').doUpdateSet({ level }))
      .execute()
    await recordChanges(tx, [{ kind: 'LOGGER', entityId: 0, detail: { logger, level } }])
  })
}

/** Sets the level of a logger for one allocation; null goes back to the default. */
export async function upsertLoggerOverride(
  store: Store,
  executionId: number,
  logger: string,
  level: LoggerLevel | null,
): Promise<void> {
  await writing(store, async (tx) => {
    await tx
      .insertInto('logger_override')
      .values({ execution_id: executionId, logger, level })
      .onConflict((conflict) => conflict.columns(['execution_id', 'logger']).doUpdateSet({ level }))
      .execute()
    await recordChanges(tx, [{ kind: 'LOGGER', entityId: executionId, detail: { logger, level } }])
  })
}

/**
 * The loggers of an allocation by name: those of the logs of its tasks, and those that were set for it by themselves.
 * `tasks` are the tasks that it runs.
 */
export async function findAllocationLoggers(
  db: Kysely<Database>,
  allocation: Pick<LogAllocation, 'executionId' | 'jobName' | 'taskGroup'>,
  tasks: readonly string[],
): Promise<AllocationLogger[]> {
  const sources = await findLogSourcesOf(db, allocation.jobName, allocation.taskGroup)
  const own = sources.filter(({ hasLevel, task }) => hasLevel && tasks.includes(task)).map(({ id }) => id)
  const { rows } = await sql<LoggerSetting & { defaultLevel: LoggerLevel | null }>`
    select n.logger, o.level, d.level as "defaultLevel"
    from (select unnest(${own}::text[]) as logger union ${overridden(allocation.executionId)}) n
    left join logger_override o on o.execution_id = ${allocation.executionId} and o.logger = n.logger
    left join logger_default d on d.logger = n.logger
    order by n.logger collate "C"`.execute(db)
  return rows.map((row) => ({ ...row, defaultLevel: row.defaultLevel ?? initialLevel }))
}

function overridden(executionId: number): RawBuilder<unknown> {
  return sql`select logger from logger_override where execution_id = ${executionId}`
}

/**
 * The loggers of an execution of a service job with their levels, by name: what its tasks are told. They change with
 * changes of the kinds LOG_SOURCE and LOGGER (an `entityId` other than 0 means that execution alone). Null where the
 * execution is no allocation.
 */
export async function findLoggerLevels(db: Kysely<Database>, executionId: number): Promise<AllocationLogger[] | null> {
  const { rows } = await sql<{ jobName: string; taskGroup: string; manifest: Json }>`
    select a.job_name as "jobName", a.task_group as "taskGroup", r.manifest
    from allocation a join execution e on e.id = a.execution_id
    join job_type_revision r on r.id = e.job_type_revision_id
    where a.execution_id = ${executionId}`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  return findAllocationLoggers(db, { executionId, ...row }, taskNames(row.manifest, row.taskGroup))
}
