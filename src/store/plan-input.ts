import type { Transaction } from 'kysely'
import type { ClientStatus, DesiredStatus } from '#model/allocation.ts'
import { changeOf } from '#model/documents/job-spec-change.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import type { ScheduledAllocation } from '#model/schedule.ts'
import { amountsOfColumn } from './amount.ts'
import { findRevisions } from './job-type.ts'
import { type ServiceJobRow, specOf } from './service-job.ts'
import type { Database } from './tables.ts'

/** An allocation of a job that is being planned, with what its writer needs to know of it. */
export type LockedAllocation = ScheduledAllocation & {
  readonly uuid: string
  readonly status: string
  /** Whether a worker holds it: what nobody holds can be ended without asking. */
  readonly isHeld: boolean
  readonly isEnded: boolean
}

/**
 * Locks what a job has running, in id order, and reads with it what the scheduler counts beside: the finished work of
 * a batch job's present run.
 */
export async function lockAllocations(
  tx: Transaction<Database>,
  job: ServiceJobRow,
  spec: JobSpec,
): Promise<LockedAllocation[]> {
  const rows = await tx
    .selectFrom('execution')
    .innerJoin('allocation', 'allocation.execution_id', 'execution.id')
    .select([
      'execution.id as executionId',
      'execution.node_id as nodeId',
      'execution.worker_id as workerId',
      'execution.status',
      'execution.ended_at as endedAt',
      'execution.resources',
      'execution.job_type_revision_id as revisionId',
      'allocation.uuid',
      'allocation.name',
      'allocation.task_group as group',
      'allocation.desired_status as desiredStatus',
      'allocation.client_status as clientStatus',
      'allocation.job_modify_index as jobModifyIndex',
    ])
    .where('execution.job_id', '=', job.id)
    .where('execution.family', '=', 'service')
    .where((eb) => {
      const isLive = eb('execution.ended_at', 'is', null)
      if (job.kind !== 'batch') return isLive
      const isFinished = eb.and([
        eb('execution.number', '>=', job.firstRun),
        eb('allocation.desired_status', '=', 'run'),
        eb('allocation.client_status', 'in', ['complete', 'failed']),
      ])
      return eb.or([isLive, isFinished])
    })
    .orderBy('execution.id')
    .forUpdate('execution')
    .execute()
  const changes = await changesOf(tx, job, spec, rows)
  return rows.map(({ workerId, endedAt, resources, revisionId: _, jobModifyIndex: __, ...row }, place) => ({
    ...row,
    amounts: amountsOfColumn(resources),
    change: changes[place] ?? 'none',
    isHeld: workerId !== null,
    isEnded: endedAt !== null,
  }))
}

type Versioned = {
  readonly group: string
  readonly revisionId: number
  readonly jobModifyIndex: number
  readonly desiredStatus: DesiredStatus
  readonly clientStatus: ClientStatus
}

/** What the registered specification asks of each allocation, by the version under which it was last looked at. */
async function changesOf(
  tx: Transaction<Database>,
  job: ServiceJobRow,
  spec: JobSpec,
  rows: readonly Versioned[],
): Promise<ScheduledAllocation['change'][]> {
  const outdated = rows.filter(({ jobModifyIndex }) => jobModifyIndex !== job.jobModifyIndex)
  const revisionIds = [...new Set(outdated.map(({ revisionId }) => revisionId))]
  const others = revisionIds.filter((id) => id !== job.jobTypeRevisionId)
  const revisions = new Map((await findRevisions(tx, others)).map(({ id, manifest }) => [id, specOf(manifest)]))
  return rows.map(({ group, revisionId, jobModifyIndex, clientStatus }) => {
    if (jobModifyIndex === job.jobModifyIndex) return 'none'
    // Failed work is done as far as an evaluation goes; whoever registers the job anew asks for it again.
    if (clientStatus === 'failed') return 'destructive'
    const before = revisions.get(revisionId)
    return before !== undefined && changeOf(before, spec, group) === 'destructive' ? 'destructive' : 'in-place'
  })
}
