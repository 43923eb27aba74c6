import { type Kysely, sql } from 'kysely'
import { type Allocation, taskStatesOf } from '#model/allocation.ts'
import { isObject, type Json } from '#model/json.ts'
import type { ServiceKey } from './service-job.ts'
import type { Database } from './tables.ts'
import { uuidRange } from './uuid.ts'

/** Allocations with the columns that the model asks for; add conditions on `allocation` or `execution`. */
export function selectAllocations(db: Kysely<Database>) {
  return db
    .selectFrom('allocation')
    .innerJoin('execution', 'execution.id', 'allocation.execution_id')
    .innerJoin('evaluation', 'evaluation.id', 'allocation.evaluation_id')
    .select([
      'allocation.execution_id as executionId',
      'allocation.uuid',
      'execution.job_id as jobId',
      'execution.job_type_id as jobTypeId',
      'execution.job_type_revision_id as jobTypeRevisionId',
      'execution.number',
      'execution.status',
      'allocation.region',
      'allocation.job_name as jobName',
      'allocation.name',
      'allocation.task_group as taskGroup',
      'allocation.slot',
      'evaluation.uuid as evaluationUuid',
      'allocation.evaluation_id as evaluationId',
      'execution.node_id as nodeId',
      'execution.worker_id as workerId',
      'allocation.desired_status as desiredStatus',
      'allocation.desired_description as desiredDescription',
      'allocation.client_status as clientStatus',
      'allocation.client_description as clientDescription',
      'allocation.task_states as taskStates',
      'allocation.metrics',
      // Nanoseconds exceed what the decoder of int8 takes.
      sql<string>`allocation.create_time_ns::text`.as('createTimeNs'),
      'execution.created_at as createdAt',
      'execution.started_at as startedAt',
      'execution.ended_at as endedAt',
      'execution.last_modified as lastModified',
      sql<number>`execution.create_index`.as('createIndex'),
      sql<number>`execution.modify_index`.as('modifyIndex'),
    ])
}

/** An allocation as its rows tell it. */
export type AllocationRow = Omit<Allocation, 'taskStates' | 'metrics' | 'createTimeNs'> & {
  readonly taskStates: Json | null
  readonly metrics: Json | null
  readonly createTimeNs: string
}

/** The allocation that a row tells of. */
export function toAllocation(row: AllocationRow): Allocation {
  return {
    ...row,
    taskStates: taskStatesOf(row.taskStates),
    metrics: isObject(row.metrics) ? row.metrics : null,
    createTimeNs: BigInt(row.createTimeNs),
  }
}

/** The allocations of a job name, of all its incarnations, by uuid bytes. */
export async function findJobAllocations(db: Kysely<Database>, { region, name }: ServiceKey): Promise<Allocation[]> {
  const rows = await selectAllocations(db)
    .where('allocation.region', '=', region)
    .where('allocation.job_name', '=', name)
    .orderBy('allocation.uuid')
    .execute()
  return rows.map(toAllocation)
}

/** The allocations that an evaluation placed or was the last to update, by uuid bytes. */
export async function findEvaluationAllocations(db: Kysely<Database>, evaluationUuid: string): Promise<Allocation[]> {
  const rows = await selectAllocations(db)
    .where('evaluation.uuid', '=', evaluationUuid)
    .orderBy('allocation.uuid')
    .execute()
  return rows.map(toAllocation)
}

/** Allocations whose uuid begins with a prefix, by uuid bytes; none where no uuid can begin so. */
export async function findAllocationsByPrefix(db: Kysely<Database>, prefix: string): Promise<Allocation[]> {
  const range = uuidRange(prefix)
  if (range === null) return []
  const rows = await selectAllocations(db)
    .where('allocation.uuid', '>=', range.first)
    .where('allocation.uuid', '<=', range.last)
    .orderBy('allocation.uuid')
    .execute()
  return rows.map(toAllocation)
}

/** Allocations by execution id, in no order; unknown ids are left out. */
export async function findAllocations(db: Kysely<Database>, executionIds: readonly number[]): Promise<Allocation[]> {
  const rows = await selectAllocations(db)
    .where('allocation.execution_id', '=', sql<number>`any(${[...executionIds]}::bigint[])`)
    .execute()
  return rows.map(toAllocation)
}

/** The allocations of jobs by row id, oldest first. */
export async function findAllocationsOfJobs(db: Kysely<Database>, jobIds: readonly number[]): Promise<Allocation[]> {
  const rows = await selectAllocations(db)
    .where('execution.job_id', '=', sql<number>`any(${[...jobIds]}::bigint[])`)
    .orderBy('execution.id')
    .execute()
  return rows.map(toAllocation)
}
