import { type Kysely, sql, type Transaction } from 'kysely'
import type { Job } from '#model/job.ts'
import type { Json } from '#model/json.ts'
import type { JobStatus } from '#model/status.ts'
import { byIds } from './by-ids.ts'
import { json, now } from './database.ts'
import type { Database } from './tables.ts'

/** The columns of a job under their names in the model. */
export const jobColumns = [
  'job.id',
  'job.family',
  'job.job_type_id as jobTypeId',
  'job.job_type_revision_id as jobTypeRevisionId',
  'job.status',
  'job.priority',
  'job.event_id as eventId',
  'job.recipe_id as recipeId',
  'job.batch_id as batchId',
  'job.node_id as nodeId',
  'job.error_id as errorId',
  'job.is_superseded as isSuperseded',
  'job.superseded_job_id as supersededJobId',
  'job.superseded_at as supersededAt',
  'job.max_tries as maxTries',
  'job.num_exes as numExes',
  'job.input',
  'job.input_file_size as inputFileSize',
  'job.output',
  'job.configuration',
  'job.source_started as sourceStarted',
  'job.source_ended as sourceEnded',
  'job.source_sensor_class as sourceSensorClass',
  'job.source_sensor as sourceSensor',
  'job.source_collection as sourceCollection',
  'job.source_task as sourceTask',
  'job.created_at as createdAt',
  'job.queued_at as queuedAt',
  'job.started_at as startedAt',
  'job.ended_at as endedAt',
  'job.last_status_change as lastStatusChange',
  'job.last_modified as lastModified',
  // The change log stamps both as the last act of the transaction that made the row: nobody ever sees them null.
  sql<number>`job.create_index`.as('createIndex'),
  sql<number>`job.modify_index`.as('modifyIndex'),
] as const

/** Jobs by id, in no order; unknown ids are left out. */
export const findJobs = byIds<Job>((db, anyOfIds) => db.selectFrom('job').select(jobColumns).where('id', '=', anyOfIds))

/** Which jobs superseded the given ones: rows of {supersededJobId, id}. */
export async function findSuccessors(
  db: Kysely<Database>,
  ids: readonly number[],
): Promise<{ id: number; supersededJobId: number | null }[]> {
  return db
    .selectFrom('job')
    .select(['id', 'superseded_job_id as supersededJobId'])
    .where('superseded_job_id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** A queued job about to be made. */
export type NewQueuedJob = {
  readonly jobTypeId: number
  readonly jobTypeRevisionId: number
  readonly status: 'PENDING' | 'QUEUED'
  readonly priority: number
  readonly eventId: number
  readonly recipeId: number | null
  readonly batchId: number | null
  readonly maxTries: number
  readonly input: Json
  /** MiB, rounded up. */
  readonly inputFileSize: number
  readonly configuration: Json | null
  readonly source: JobSource
}

/** What is known of the source data of a job, taken from its input files. */
export type JobSource = {
  readonly started: string | null
  readonly ended: string | null
  readonly sensorClass: string | null
  readonly sensor: string | null
  readonly collection: string | null
  readonly task: string | null
}

/** Makes a queued job and returns its id. */
export async function insertQueuedJob(tx: Transaction<Database>, job: NewQueuedJob): Promise<number> {
  const queued = job.status === 'QUEUED'
  const row = await tx
    .insertInto('job')
    .values({
      id: sql<number>`nextval('queued_job_id')`,
      family: 'queued',
      job_type_id: job.jobTypeId,
      job_type_revision_id: job.jobTypeRevisionId,
      status: job.status,
      priority: job.priority,
      event_id: job.eventId,
      recipe_id: job.recipeId,
      batch_id: job.batchId,
      max_tries: job.maxTries,
      num_exes: queued ? 1 : 0,
      input: json(job.input),
      input_file_size: job.inputFileSize,
      configuration: job.configuration === null ? null : json(job.configuration),
      source_started: job.source.started,
      source_ended: job.source.ended,
      source_sensor_class: job.source.sensorClass,
      source_sensor: job.source.sensor,
      source_collection: job.source.collection,
      source_task: job.source.task,
      created_at: sql<string>`now()`,
      queued_at: queued ? sql<string>`now()` : null,
      last_status_change: sql<string>`now()`,
      last_modified: sql<string>`now()`,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** Records the trigger of a job and returns its id. */
export async function insertEvent(tx: Transaction<Database>, type: string): Promise<number> {
  const row = await tx.insertInto('event').values({ type }).returning('id').executeTakeFirstOrThrow()
  return row.id
}

/** Links a job to its input files, in their order. */
export async function insertJobInputFiles(
  tx: Transaction<Database>,
  jobId: number,
  files: readonly { readonly inputName: string; readonly position: number; readonly fileId: number }[],
): Promise<void> {
  if (files.length === 0) return
  const rows = files.map((file) => ({
    job_id: jobId,
    input_name: file.inputName,
    position: file.position,
    file_id: file.fileId,
  }))
  await tx.insertInto('job_input_file').values(rows).execute()
}

/** What of a job decides whether it may be moved. */
export type LockedJob = {
  readonly id: number
  readonly jobTypeId: number
  readonly status: JobStatus
  readonly numExes: number
  readonly maxTries: number
  /** How many of its executions since the last re-queue were lost, and how many of those to a dead worker. */
  readonly lostExes: number
  readonly crashes: number
  readonly isSuperseded: boolean
}

/** Locks jobs in id order, so that two bulk requests never wait for each other, and returns them as they now stand. */
export async function lockJobs(tx: Transaction<Database>, ids: readonly number[]): Promise<LockedJob[]> {
  return tx
    .selectFrom('job')
    .select([
      'id',
      'job_type_id as jobTypeId',
      'status',
      'num_exes as numExes',
      'max_tries as maxTries',
      'lost_exes as lostExes',
      'crashes',
      'is_superseded as isSuperseded',
    ])
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** What a status move sets beside the status; an absent key stays as it is. */
export type JobMove = {
  readonly errorId?: number | null
  readonly nodeId?: number | null
  readonly output?: Json
  readonly ended?: boolean
  /** Queues the job again: the next execution number, a fresh queue time, and neither start nor end. */
  readonly requeue?: { readonly maxTries?: 'grow'; readonly priority?: number }
  /** Its execution was lost: `crash` where the worker died, `release` where it handed the work back. */
  readonly lost?: 'crash' | 'release'
}

/**
 * Moves locked jobs from one status to another.
 * @returns how many moved; the transition table of the database refuses what the model does not list
 */
export async function moveJobs(
  tx: Transaction<Database>,
  ids: readonly number[],
  from: JobStatus,
  to: JobStatus,
  move: JobMove,
): Promise<number> {
  const result = await tx
    .updateTable('job')
    .set({
      status: to,
      last_status_change: now,
      last_modified: now,
      ...(move.errorId === undefined ? {} : { error_id: move.errorId }),
      ...(move.nodeId === undefined ? {} : { node_id: move.nodeId }),
      ...(move.output === undefined ? {} : { output: json(move.output) }),
      ...(move.ended === true ? { ended_at: now } : {}),
      ...(move.lost === undefined ? {} : { lost_exes: sql<number>`lost_exes + 1` }),
      ...(move.lost === 'crash' ? { crashes: sql<number>`crashes + 1` } : {}),
      ...(move.requeue === undefined ? {} : requeueColumns(move.requeue)),
    })
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .where('status', '=', from)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

function requeueColumns(requeue: { readonly maxTries?: 'grow'; readonly priority?: number }) {
  return {
    num_exes: sql<number>`num_exes + 1`,
    queued_at: now,
    started_at: null,
    ended_at: null,
    error_id: null,
    node_id: null,
    ...(requeue.maxTries === 'grow'
      ? {
          max_tries: sql<number>`num_exes + (select t.max_tries from job_type t where t.id = job.job_type_id)`,
          crashes: 0,
          lost_exes: 0,
        }
      : {}),
    ...(requeue.priority === undefined ? {} : { priority: requeue.priority }),
  }
}
