import { sql, type Transaction } from 'kysely'
import {
  type ClientStatus,
  type DesiredStatus,
  executionStatusOf,
  type TaskStates,
  taskStatesOf,
} from '#model/allocation.ts'
import type { NewChange } from '#model/change.ts'
import type { Lease } from '#model/execution.ts'
import type { ExecutionStatus } from '#model/status.ts'
import { now } from './database.ts'
import { evaluationChange, insertEvaluation } from './evaluation.ts'
import type { ServiceJobRow } from './service-job.ts'
import type { Database } from './tables.ts'

/** An allocation that is locked with its execution. */
export type HeldAllocation = {
  readonly executionId: number
  readonly uuid: string
  readonly jobId: number
  readonly nodeId: number | null
  readonly status: ExecutionStatus
  readonly taskGroup: string
  readonly desiredStatus: DesiredStatus
  readonly clientStatus: ClientStatus
  readonly clientDescription: string
  readonly taskStates: TaskStates | null
}

function selectHeld(tx: Transaction<Database>) {
  return tx
    .selectFrom('execution')
    .innerJoin('allocation', 'allocation.execution_id', 'execution.id')
    .select([
      'execution.id as executionId',
      'execution.job_id as jobId',
      'execution.node_id as nodeId',
      'execution.status',
      'allocation.uuid',
      'allocation.task_group as taskGroup',
      'allocation.desired_status as desiredStatus',
      'allocation.client_status as clientStatus',
      'allocation.client_description as clientDescription',
      'allocation.task_states as taskStates',
    ])
    .where('execution.ended_at', 'is', null)
    .orderBy('execution.id')
    .forUpdate('execution')
}

/** Locks the allocation that a lease names; null where it has ended or the lease is not (or no longer) held. */
export async function lockHeldAllocation(tx: Transaction<Database>, lease: Lease): Promise<HeldAllocation | null> {
  const row = await selectHeld(tx)
    .where('execution.id', '=', lease.executionId)
    .where('execution.token', '=', lease.token)
    .executeTakeFirst()
  return row === undefined ? null : { ...row, taskStates: taskStatesOf(row.taskStates) }
}

/** Locks what of a job was given up on: leases that ran out, and placements on nodes that fell silent unheld. */
export async function lockGivenUp(tx: Transaction<Database>, jobId: number): Promise<HeldAllocation[]> {
  const rows = await selectHeld(tx).where('execution.job_id', '=', jobId).where(givenUp).execute()
  return rows.map((row) => ({ ...row, taskStates: taskStatesOf(row.taskStates) }))
}

/** Executions whose worker or node is gone, by the database's clock. */
export const givenUp = sql<boolean>`(execution.lease_until < clock_timestamp() or (execution.worker_id is null
  and exists (select from node n where n.id = execution.node_id
    and n.seen_at < clock_timestamp() - interval '45 seconds')))`

/** Ends a locked allocation and counts it in its group; @returns the move of its execution. */
export async function endAllocation(
  tx: Transaction<Database>,
  held: HeldAllocation,
  clientStatus: ClientStatus,
  exitCode: number | null,
): Promise<{ from: string; to: string }> {
  const to = executionStatusOf(clientStatus, held.desiredStatus)
  const counter = clientStatus === 'failed' ? 'failed_count' : clientStatus === 'lost' ? 'lost_count' : 'complete_count'
  const isLost = clientStatus === 'lost'
  await tx
    .updateTable('allocation')
    .set({
      client_status: clientStatus,
      ...(isLost && held.desiredStatus === 'run'
        ? { desired_status: 'stop' as const, desired_description: 'alloc is lost since its node is down' }
        : {}),
    })
    .where('execution_id', '=', held.executionId)
    .execute()
  await tx
    .updateTable('execution')
    .set({
      status: to,
      ended_at: now,
      last_modified: now,
      lease_until: null,
      exit_code: exitCode,
      // Whoever held it may still write; a new token refuses that.
      ...(isLost ? { token: sql<string>`gen_random_uuid()` } : {}),
    })
    .where('id', '=', held.executionId)
    .execute()
  await tx
    .updateTable('task_group')
    .set({ [counter]: sql<number>`${sql.ref(counter)} + 1` })
    .where('job_id', '=', held.jobId)
    .where('name', '=', held.taskGroup)
    .execute()
  return { from: held.status, to }
}

/** Has a job evaluated that lost allocations with a node; a job that is not wanted any more needs none. */
export async function insertNodeEvaluation(
  tx: Transaction<Database>,
  job: ServiceJobRow,
  nodeId: number,
): Promise<NewChange[]> {
  const { region, name, id: jobId, priority, kind: type } = job
  const made = { region, name, jobId, priority, type, triggeredBy: 'node-update', jobModifyIndex: 0, nodeId } as const
  const evaluation = await insertEvaluation(tx, made)
  return [evaluationChange(evaluation, made, { to: 'PENDING', step: 1 })]
}
