import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Execution, Lease } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import type { ExecutionStatus } from '#model/status.ts'
import { byIds } from './by-ids.ts'
import { json, now } from './database.ts'
import type { Database } from './tables.ts'

/** The columns of an execution under their names in the model. */
export const executionColumns = [
  'execution.id',
  'execution.family',
  'execution.job_id as jobId',
  'execution.number',
  'execution.job_type_id as jobTypeId',
  'execution.job_type_revision_id as jobTypeRevisionId',
  'execution.status',
  'execution.node_id as nodeId',
  'execution.worker_id as workerId',
  'execution.error_id as errorId',
  'execution.exit_code as exitCode',
  'execution.timeout_seconds as timeoutSeconds',
  'execution.input_file_size as inputFileSize',
  'execution.configuration',
  'execution.resources',
  'execution.task_results as taskResults',
  'execution.output',
  'execution.created_at as createdAt',
  'execution.queued_at as queuedAt',
  'execution.started_at as startedAt',
  'execution.ended_at as endedAt',
  'execution.last_modified as lastModified',
  // Stamped by the change log as the last act of the transaction that made the row.
  sql<number>`execution.create_index`.as('createIndex'),
  sql<number>`execution.modify_index`.as('modifyIndex'),
] as const

/** Executions by id, in no order; unknown ids are left out. */
export const findExecutions = byIds<Execution>((db, anyOfIds) =>
  db.selectFrom('execution').select(executionColumns).where('id', '=', anyOfIds),
)

/** The newest execution of each of the jobs, in no order; jobs without one are left out. */
export const findLatestExecutions = byIds<Execution>((db, anyOfIds) =>
  db
    .selectFrom('execution')
    .select(executionColumns)
    .distinctOn('job_id')
    .where('job_id', '=', anyOfIds)
    .orderBy('job_id')
    .orderBy('number', 'desc'),
)

/** One execution of a job by its number within the job, or null. */
export async function findExecution(db: Kysely<Database>, jobId: number, number: number): Promise<Execution | null> {
  const row = await db
    .selectFrom('execution')
    .select(executionColumns)
    .where('job_id', '=', jobId)
    .where('number', '=', number)
    .executeTakeFirst()
  return row ?? null
}

/** What of an execution decides whether its worker may still write. */
export type LockedExecution = {
  readonly id: number
  readonly jobId: number
  readonly jobTypeId: number
  readonly number: number
  readonly status: ExecutionStatus
}

/** Locks the execution that a lease names, or returns null where the lease's token is not (or no longer) its own. */
export async function lockLeased(tx: Transaction<Database>, lease: Lease): Promise<LockedExecution | null> {
  const row = await tx
    .selectFrom('execution')
    .select(['id', 'job_id as jobId', 'job_type_id as jobTypeId', 'number', 'status'])
    .where('id', '=', lease.executionId)
    .where('token', '=', lease.token)
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/** The job of an execution, read without a lock so that the job can be locked first; null where there is none. */
export async function findJobIdOfExecution(db: Kysely<Database>, executionId: number): Promise<number | null> {
  const row = await db
    .selectFrom('execution')
    .select('job_id as jobId')
    .where('id', '=', executionId)
    .executeTakeFirst()
  return row?.jobId ?? null
}

/** How an execution ended. */
export type ExecutionEnd = {
  readonly errorId?: number
  readonly exitCode?: number | null
  readonly taskResults?: Json
  readonly output?: Json
}

/** Ends running executions and gives up their leases; returns the ids that it ended. */
export async function endExecutions(
  tx: Transaction<Database>,
  ids: readonly number[],
  status: 'COMPLETED' | 'FAILED' | 'CANCELED' | 'LOST',
  end: ExecutionEnd,
): Promise<{ id: number; jobId: number }[]> {
  return tx
    .updateTable('execution')
    .set({
      status,
      ended_at: now,
      last_modified: now,
      lease_until: null,
      ...(status === 'LOST' ? { token: sql<string>`gen_random_uuid()` } : {}),
      ...(end.errorId === undefined ? {} : { error_id: end.errorId }),
      ...(end.exitCode === undefined ? {} : { exit_code: end.exitCode }),
      ...(end.taskResults === undefined ? {} : { task_results: json(end.taskResults) }),
      ...(end.output === undefined ? {} : { output: json(end.output) }),
    })
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .where('status', 'in', ['QUEUED', 'STARTING', 'RUNNING'])
    .returning(['id', 'job_id as jobId'])
    .execute()
}

/** The running executions of jobs, locked in id order. */
export async function lockRunning(
  tx: Transaction<Database>,
  jobIds: readonly number[],
): Promise<{ id: number; jobId: number; status: ExecutionStatus }[]> {
  return tx
    .selectFrom('execution')
    .select(['id', 'job_id as jobId', 'status'])
    .where('job_id', '=', sql<number>`any(${[...jobIds]}::bigint[])`)
    .where('status', 'in', ['QUEUED', 'STARTING', 'RUNNING'])
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** The timeout that a manifest names, in seconds, within what the column holds; 0 means none. */
export function timeoutOf(manifest: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`coalesce(least(greatest((${manifest} -> 'job' ->> 'timeout')::numeric, 0), 2147483647), 0)::integer`
}

/** Records that queued jobs were canceled before they ran: an execution without a node, ended as it began. */
export async function insertCanceledExecutions(
  tx: Transaction<Database>,
  jobIds: readonly number[],
): Promise<{ id: number; jobId: number }[]> {
  const { rows } = await sql<{ id: number; jobId: number }>`
    insert into execution (id, family, job_id, number, job_type_id, job_type_revision_id, status, timeout_seconds,
      input_file_size, created_at, queued_at, ended_at, last_modified)
    select nextval('queued_execution_id'), 'queued', j.id, j.num_exes, j.job_type_id, j.job_type_revision_id, 'CANCELED',
      ${timeoutOf(sql`r.manifest`)}, coalesce(j.input_file_size, 0), now(), j.queued_at, now(), now()
    from job j join job_type_revision r on r.id = j.job_type_revision_id
    where j.id = any(${[...jobIds]}::bigint[])
    order by j.id
    returning id, job_id as "jobId"`.execute(tx)
  return rows
}
