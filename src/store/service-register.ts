import { sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import type { EvaluationTrigger } from '#model/evaluation.ts'
import { toJson } from '#model/json.ts'
import type { GroupDefinition, ServiceDefinition } from '#model/service-definition.ts'
import type { Registration } from '#model/service-job.ts'
import { recordChanges } from './change.ts'
import { json, now } from './database.ts'
import { evaluationChange, insertEvaluation } from './evaluation.ts'
import type { ServiceJobRow, ServiceKey } from './service-job.ts'
import { lockServiceJob, lockServiceName, serviceJobChange, settleServiceJob } from './service-lock.ts'
import { ensureServiceType, type ServiceType } from './service-type.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** A specification that was checked and has its defaults. */
export type NewServiceJob = {
  readonly region: string
  readonly spec: JobSpec
  readonly definition: ServiceDefinition
  /** When a periodic job is due first; null for others and for a disabled one. */
  readonly nextLaunch: string | null
  /** False registers a definition that does not run until it is started. */
  readonly starts: boolean
}

/**
 * Registers a job, or registers it anew: the job takes one index and its evaluation the next. The creation index and
 * the row are kept until the job is deregistered. A changed specification is a new revision of the job's type.
 */
export async function registerServiceJob(store: Store, job: NewServiceJob): Promise<Registration> {
  return writing(store, async (tx) => {
    const key = { region: job.region, name: job.spec.ID }
    await lockServiceName(tx, key)
    const before = await lockServiceJob(tx, key)
    const type = await ensureServiceType(tx, key.name, job.spec)
    return putServiceJob(tx, { ...job, key, type, before, parentId: null, triggeredBy: 'job-register' })
  })
}

/** A registration whose name is locked. */
export type Put = NewServiceJob & {
  readonly key: ServiceKey
  readonly type: ServiceType
  readonly before: ServiceJobRow | null
  readonly parentId: number | null
  readonly triggeredBy: EvaluationTrigger
}

/** Writes a registration with its evaluation and its changes: the last act of a transaction. */
export async function putServiceJob(tx: Transaction<Database>, put: Put): Promise<Registration> {
  const { key, type, before, spec } = put
  const listedBefore = before === null ? '' : await listedOf(tx, before)
  const id = before === null ? await insertServiceJob(tx, put) : await updateServiceJob(tx, put, before)
  await putTaskGroups(tx, id, put.definition.groups)
  const hasEvaluation = spec.Periodic === null && put.starts
  const evaluation = hasEvaluation
    ? await insertEvaluation(tx, {
        ...key,
        jobId: id,
        priority: Number(spec.Priority),
        type: spec.Type,
        triggeredBy: put.triggeredBy,
        jobModifyIndex: null,
      })
    : null
  const status = await settleServiceJob(tx, { id, status: before?.status ?? 'PENDING' })
  const job = { ...key, id, jobTypeId: type.jobTypeId, status: before?.status ?? null }
  const { autostart, byCluster, groups } = put.definition
  const isListed = before === null || listedBefore !== toJson([autostart, byCluster, groups.map(listedGroup)])
  const changes: NewChange[] = [serviceJobChange(job, status, { isRegistered: true, isListed })]
  if (type.isChanged) changes.push({ kind: 'JOB_TYPE', entityId: type.jobTypeId, jobTypeId: type.jobTypeId })
  if (evaluation !== null) changes.push(evaluationChange(evaluation, { ...key, jobId: id }, { to: 'PENDING', step: 1 }))
  const top = await recordChanges(tx, changes, evaluation === null ? 1 : 2)
  return registrationOf(evaluation, top)
}

/** What a request that took a block of a job and an evaluation answers; without an evaluation, of a job alone. */
export function registrationOf(evaluation: { readonly uuid: string } | null, top: number): Registration {
  if (evaluation === null) return { evaluationId: null, evaluationCreateIndex: 0, jobModifyIndex: top, index: 0 }
  return { evaluationId: evaluation.uuid, evaluationCreateIndex: top, jobModifyIndex: top - 1, index: top }
}

async function insertServiceJob(tx: Transaction<Database>, put: Put): Promise<number> {
  const { id } = await tx
    .insertInto('job')
    .values({
      id: sql<number>`nextval('service_job_id')`,
      family: 'service',
      job_type_id: put.type.jobTypeId,
      job_type_revision_id: put.type.revisionId,
      status: 'PENDING',
      priority: Number(put.spec.Priority),
      created_at: now,
      queued_at: now,
      last_status_change: now,
      last_modified: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('service_job')
    .values({ job_id: id, region: put.key.region, name: put.key.name, parent_id: put.parentId, ...columnsOf(put) })
    .execute()
  return id
}

async function updateServiceJob(tx: Transaction<Database>, put: Put, { id }: ServiceJobRow): Promise<number> {
  await tx
    .updateTable('job')
    .set({
      job_type_id: put.type.jobTypeId,
      job_type_revision_id: put.type.revisionId,
      priority: Number(put.spec.Priority),
      last_modified: now,
    })
    .where('id', '=', id)
    .execute()
  await tx
    .updateTable('service_job')
    .set({ ...columnsOf(put), job_modify_index: null })
    .where('job_id', '=', id)
    .execute()
  return id
}

function columnsOf({ spec, definition, nextLaunch, starts }: Put) {
  return {
    title: spec.Name,
    kind: spec.Type,
    spec: json(spec),
    is_stopped: !starts,
    autostart: definition.autostart,
    by_cluster: definition.byCluster,
    is_periodic: spec.Periodic !== null,
    next_launch: starts ? nextLaunch : null,
  }
}

/** What Bastion's and the Cluster's lists show of a job beside its status and its summaries. */
async function listedOf(tx: Transaction<Database>, job: ServiceJobRow): Promise<string> {
  const groups = await tx
    .selectFrom('task_group')
    .select(['name', 'count', 'count_init as countInit', 'count_max as countMax'])
    .where('job_id', '=', job.id)
    .orderBy('position')
    .execute()
  return toJson([job.autostart, job.byCluster, groups.map(listedGroup)])
}

function listedGroup({ name, count, countInit, countMax }: GroupDefinition): unknown {
  return [name, count, countInit, countMax]
}

/** Makes the groups what the specification says. One that comes back counts what its allocations came to before. */
async function putTaskGroups(
  tx: Transaction<Database>,
  jobId: number,
  groups: readonly GroupDefinition[],
): Promise<void> {
  const names = groups.map(({ name }) => name)
  await tx
    .deleteFrom('task_group')
    .where('job_id', '=', jobId)
    .where('name', '<>', sql<string>`all(${names}::text[])`)
    .execute()
  await sql`
    insert into task_group (job_id, position, name, count, count_init, count_max, complete_count, failed_count, lost_count)
    select ${jobId}::bigint, g.position - 1, g.name, g.count, g.count_init, g.count_max,
      coalesce(ended.complete, 0), coalesce(ended.failed, 0), coalesce(ended.lost, 0)
    from unnest(${names}::text[], ${groups.map(({ count }) => count)}::integer[],
      ${groups.map(({ countInit }) => countInit)}::integer[], ${groups.map(({ countMax }) => countMax)}::integer[])
      with ordinality as g (name, count, count_init, count_max, position)
    left join (
      select a.task_group, count(*) filter (where a.client_status = 'complete') as complete,
        count(*) filter (where a.client_status = 'failed') as failed, count(*) filter (where a.client_status = 'lost') as lost
      from execution e join allocation a on a.execution_id = e.id
      where e.job_id = ${jobId} and e.ended_at is not null and e.node_id is not null group by 1
    ) ended on ended.task_group = g.name
    on conflict (job_id, name) do update set position = excluded.position, count = excluded.count,
      count_init = excluded.count_init, count_max = excluded.count_max`.execute(tx)
}
