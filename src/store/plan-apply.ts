import { sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { toJson } from '#model/json.ts'
import type { Amounts } from '#model/node-fit.ts'
import { descriptions, type PlacementFailure, type Plan } from '#model/schedule.ts'
import { amountsOf } from '#model/schedule-input.ts'
import { allocationsTopic, entityTopic, jobAllocationsTopic, serviceListTopic } from '#model/topic.ts'
import { amountsColumn } from './amount.ts'
import { json, now } from './database.ts'
import type { LockedAllocation } from './plan-input.ts'
import type { ServiceJobRow, ServiceKey } from './service-job.ts'
import type { Database } from './tables.ts'

/** A plan about to be written. */
export type PlanWrite = {
  readonly job: ServiceJobRow
  readonly spec: JobSpec
  readonly evaluation: { readonly id: number }
  readonly plan: Plan
  readonly allocations: readonly LockedAllocation[]
  /** Which index of the block the allocations take. */
  readonly step: number
  /** Whether what found no node is kept as a failed allocation, as Nomad 0.3 keeps it. */
  readonly keepsFailures: boolean
}

/** Writes what the scheduler wants of a locked job, and returns its changes and whether the job lists show it. */
export async function applyPlan(
  tx: Transaction<Database>,
  write: PlanWrite,
): Promise<{ readonly changes: NewChange[]; readonly isListed: boolean }> {
  const known = new Map(write.allocations.map((allocation) => [allocation.executionId, allocation]))
  const stopped = write.plan.stops.flatMap((stop) => {
    const allocation = known.get(stop.executionId)
    return allocation === undefined ? [] : [{ ...allocation, description: stop.description }]
  })
  const unheld = stopped.filter(({ isHeld, isEnded }) => !isHeld && !isEnded)
  await markStopped(tx, stopped)
  await endUnheld(tx, write.job.id, unheld)
  await updateInPlace(tx, write)
  const made = await insertAllocations(tx, write)
  const changes = [
    ...stopped.map((allocation) =>
      unheld.includes(allocation)
        ? allocationChange(write, allocation, { from: allocation.status, to: 'CANCELED' })
        : allocationChange(write, allocation, {}),
    ),
    ...write.plan.updates.flatMap(({ executionId }) => {
      const allocation = known.get(executionId)
      return allocation === undefined ? [] : [allocationChange(write, allocation, {})]
    }),
    ...made.map((allocation) => allocationChange(write, allocation, { to: allocation.status })),
  ]
  return { changes, isListed: write.plan.placements.length > 0 || unheld.length > 0 }
}

/** The change that tells of an allocation, with its move where its status moved. */
export function allocationChange(
  { job, step }: { readonly job: ServiceKey & { id: number; jobTypeId: number }; readonly step: number },
  { executionId, uuid }: { readonly executionId: number; readonly uuid: string },
  move: { readonly from?: string; readonly to?: string; readonly isListed?: boolean },
): NewChange {
  const { from, to, isListed = false } = move
  return {
    kind: 'EXECUTION',
    entityId: executionId,
    jobId: job.id,
    jobTypeId: job.jobTypeId,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    step,
    topics: [
      allocationsTopic,
      jobAllocationsTopic(job.region, job.name),
      entityTopic(uuid),
      ...(isListed ? [serviceListTopic] : []),
    ],
  }
}

async function markStopped(
  tx: Transaction<Database>,
  stopped: readonly { readonly executionId: number; readonly description: string }[],
): Promise<void> {
  for (const [description, alike] of Map.groupBy(stopped, (stop) => stop.description)) {
    await tx
      .updateTable('allocation')
      .set({ desired_status: 'stop', desired_description: description })
      .where('execution_id', '=', sql<number>`any(${alike.map(({ executionId }) => executionId)}::bigint[])`)
      .execute()
  }
}

/** What no worker holds has nobody to end it. */
async function endUnheld(tx: Transaction<Database>, jobId: number, unheld: readonly LockedAllocation[]): Promise<void> {
  if (unheld.length === 0) return
  const ids = sql<number>`any(${unheld.map(({ executionId }) => executionId)}::bigint[])`
  await tx.updateTable('allocation').set({ client_status: 'complete' }).where('execution_id', '=', ids).execute()
  await tx
    .updateTable('execution')
    .set({ status: 'CANCELED', ended_at: now, last_modified: now })
    .where('id', '=', ids)
    .execute()
  for (const [group, ended] of Map.groupBy(unheld, (allocation) => allocation.group)) {
    await tx
      .updateTable('task_group')
      .set({ complete_count: sql<number>`complete_count + ${ended.length}` })
      .where('job_id', '=', jobId)
      .where('name', '=', group)
      .execute()
  }
}

async function updateInPlace(tx: Transaction<Database>, { job, spec, evaluation, plan }: PlanWrite): Promise<void> {
  for (const [group, updates] of Map.groupBy(plan.updates, (update) => update.group)) {
    const ids = sql<number>`any(${updates.map(({ executionId }) => executionId)}::bigint[])`
    await tx
      .updateTable('allocation')
      .set({ evaluation_id: evaluation.id, job_modify_index: job.jobModifyIndex })
      .where('execution_id', '=', ids)
      .execute()
    await tx
      .updateTable('execution')
      .set({
        job_type_revision_id: job.jobTypeRevisionId,
        resources: json(amountsColumn(needsOf(spec, group))),
        last_modified: now,
      })
      .where('id', '=', ids)
      .execute()
  }
}

function needsOf(spec: JobSpec, name: string): Amounts {
  const group = spec.TaskGroups?.find((one) => one.Name === name)
  if (group === undefined) throw new Error(`the plan has an unknown group ${name}`)
  return amountsOf(group)
}

type Made = { readonly executionId: number; readonly uuid: string; readonly status: 'STARTING' | 'FAILED' }

/** Numbers go up in the order of the plan; a group that found no node has one failed allocation for all its instances. */
async function insertAllocations(tx: Transaction<Database>, write: PlanWrite): Promise<Made[]> {
  const { job, spec, evaluation, plan } = write
  const failures = write.keepsFailures ? plan.failures : []
  const rows = [
    ...plan.placements.map((one) => ({
      ...one,
      node: one.nodeId,
      resources: toJson(amountsColumn(needsOf(spec, one.group))),
      metrics: null,
    })),
    ...failures.map((one) => ({
      ...one,
      node: null,
      resources: null,
      metrics: toJson({ ...one.reasons, coalescedFailures: one.count - 1 }),
    })),
  ]
  if (rows.length === 0) return []
  await tx
    .updateTable('job')
    .set({ num_exes: sql<number>`num_exes + ${rows.length}` })
    .where('id', '=', job.id)
    .execute()
  const { rows: made } = await sql<Made>`
    with planned as (
      select p.*, ${job.numExes}::integer + p.place as number, nextval('service_execution_id') as id
      from unnest(${rows.map((row) => row.group)}::text[], ${rows.map((row) => row.name)}::text[],
        ${rows.map((row) => row.slot)}::integer[], ${rows.map((row) => row.node)}::bigint[],
        ${rows.map((row) => row.resources)}::text[], ${rows.map((row) => row.metrics)}::text[])
        with ordinality as p (task_group, name, slot, node_id, resources, metrics, place)
    ), made as (
      insert into execution (id, family, job_id, number, job_type_id, job_type_revision_id, status, node_id, resources,
        created_at, queued_at, ended_at, last_modified)
      select id, 'service', ${job.id}::bigint, number, ${job.jobTypeId}::bigint, ${job.jobTypeRevisionId}::bigint,
        case when node_id is null then 'FAILED' else 'STARTING' end, node_id, resources::json,
        now(), now(), case when node_id is null then now() end, now()
      from planned returning id, status
    )
    insert into allocation (execution_id, region, job_name, name, task_group, slot, evaluation_id, desired_status,
      desired_description, client_status, metrics, job_modify_index, create_time_ns)
    select id, ${job.region}, ${job.name}, name, task_group, slot, ${evaluation.id}::bigint,
      case when node_id is null then 'failed' else 'run' end,
      case when node_id is null then ${descriptions.unplaced} else '' end,
      case when node_id is null then 'failed' else 'pending' end, metrics::json, ${job.jobModifyIndex}::bigint,
      (extract(epoch from clock_timestamp()) * 1000000)::bigint * 1000
    from planned
    returning execution_id as "executionId", uuid,
      case when client_status = 'failed' then 'FAILED' else 'STARTING' end as status`.execute(tx)
  return made
}

/** Notes how many instances of each group are wanted and not placed; returns whether that is news. */
export async function queueUp(
  tx: Transaction<Database>,
  jobId: number,
  failures: readonly PlacementFailure[],
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update task_group g set queued_count = n.queued
    from (select t.id, coalesce(q.queued, 0) as queued from task_group t
      left join unnest(${failures.map(({ group }) => group)}::text[], ${failures.map(({ count }) => count)}::integer[])
        as q (name, queued) on q.name = t.name where t.job_id = ${jobId}) n
    where g.id = n.id and g.queued_count <> n.queued`.execute(tx)
  return (numAffectedRows ?? 0n) > 0n
}
