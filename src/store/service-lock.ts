import { sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import { deriveJobStatus, serviceWordOf } from '#model/service-job.ts'
import { endedJobStatuses, type JobStatus } from '#model/status.ts'
import { jobTopic, serviceJobsTopic, serviceListTopic } from '#model/topic.ts'
import { now } from './database.ts'
import { type ServiceJobRow, type ServiceKey, serviceJobColumns } from './service-job.ts'
import type { Database } from './tables.ts'

/**
 * Makes registrations of one name go one after another: while there is no row to lock, two could both insert. Taken
 * before the row of that name.
 */
export async function lockServiceName(tx: Transaction<Database>, { region, name }: ServiceKey): Promise<void> {
  await sql`select pg_advisory_xact_lock(424200, hashtext(${`${region}/${name}`}))`.execute(tx)
}

/** Locks the registered job of that name and returns it as it now stands, or null where there is none. */
export async function lockServiceJob(
  tx: Transaction<Database>,
  { region, name }: ServiceKey,
): Promise<ServiceJobRow | null> {
  const row = await selectLocked(tx)
    .where('service_job.region', '=', region)
    .where('service_job.name', '=', name)
    .where('service_job.deregistered_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

/** Locks a service job by its row, also a deregistered one. */
export async function lockServiceJobById(tx: Transaction<Database>, id: number): Promise<ServiceJobRow | null> {
  const row = await selectLocked(tx).where('job.id', '=', id).executeTakeFirst()
  return row ?? null
}

function selectLocked(tx: Transaction<Database>) {
  return tx
    .selectFrom('service_job')
    .innerJoin('job', 'job.id', 'service_job.job_id')
    .select(serviceJobColumns)
    .forUpdate(['job', 'service_job'])
}

type Ground = Omit<Parameters<typeof deriveJobStatus>[0], 'hasFailed'>

/**
 * Moves a locked service job to where its executions, evaluations and counts say that it stands. It comes after every
 * other write of the transaction but the change log's.
 * @returns the status, moved or not
 */
export async function settleServiceJob(
  tx: Transaction<Database>,
  job: { readonly id: number; readonly status: JobStatus },
): Promise<JobStatus> {
  const { rows } = await sql<Ground>`
    select s.is_stopped or s.deregistered_at is not null as "isStopped", s.is_periodic as "isPeriodic",
      not exists (select from task_group g where g.job_id = s.job_id and g.count > 0) as "wantsNothing",
      x.live, x.ending, v.pending as "pendingEvaluations", v.blocked as "blockedEvaluations"
    from service_job s,
      lateral (select count(*) filter (where a.desired_status = 'run') as live,
          count(*) filter (where a.desired_status <> 'run') as ending
        from execution e join allocation a on a.execution_id = e.id
        where e.family = 'service' and e.job_id = s.job_id and e.ended_at is null) x,
      lateral (select count(*) filter (where status = 'PENDING') as pending,
          count(*) filter (where status = 'BLOCKED') as blocked
        from evaluation where job_id = s.job_id and status in ('PENDING', 'BLOCKED')) v
    where s.job_id = ${job.id}`.execute(tx)
  const ground = rows[0]
  if (ground === undefined) throw new Error(`service job ${job.id} is missing`)
  const atBest = deriveJobStatus({ ...ground, hasFailed: false })
  const status =
    atBest === 'COMPLETED' ? deriveJobStatus({ ...ground, hasFailed: await hasFailed(tx, job.id) }) : atBest
  if (status !== job.status) await moveServiceJob(tx, job.id, status)
  return status
}

/** Whether the newest execution of any instance failed or was lost; failed placements, which have no node, do not count. */
async function hasFailed(tx: Transaction<Database>, jobId: number): Promise<boolean> {
  const { rows } = await sql<{ failed: boolean }>`
    select coalesce(bool_or(status in ('FAILED', 'LOST')), false) as failed from (
      select distinct on (a.name) e.status from execution e join allocation a on a.execution_id = e.id
      join service_job s on s.job_id = e.job_id
      where e.job_id = ${jobId} and e.number >= s.first_run and e.node_id is not null
      order by a.name, e.number desc) newest`.execute(tx)
  return rows[0]?.failed === true
}

async function moveServiceJob(tx: Transaction<Database>, id: number, status: JobStatus): Promise<void> {
  await tx
    .updateTable('job')
    .set({
      status,
      last_status_change: now,
      last_modified: now,
      ended_at: endedJobStatuses.includes(status) ? now : null,
      ...(status === 'RUNNING' ? { started_at: sql<string>`coalesce(started_at, clock_timestamp())` } : {}),
    })
    .where('id', '=', id)
    .execute()
}

/** What a change of a service job was, beside a move of its status. */
export type ServiceJobTouch = {
  /** Whether its registration or a count was written: that takes an index of the job, as Nomad tells it. */
  readonly isRegistered: boolean
  /** Whether something changed that Bastion's and the Cluster's lists show. */
  readonly isListed: boolean
  readonly step?: number
}

/**
 * The change of a service job; a status is told only where it moved. One that moved between statuses for which Nomad
 * has one word is told to subscribers alone: it wakes no Nomad client and leaves the modify index.
 */
export function serviceJobChange(
  job: ServiceKey & { readonly id: number; readonly jobTypeId: number; readonly status: JobStatus | null },
  to: JobStatus,
  { isRegistered, isListed, step = 0 }: ServiceJobTouch,
): NewChange {
  const isMoved = job.status === null || serviceWordOf(job.status) !== serviceWordOf(to)
  return {
    kind: 'JOB',
    entityId: job.id,
    jobId: job.id,
    jobTypeId: job.jobTypeId,
    ...(job.status === to ? {} : { from: job.status, to }),
    step,
    topics: [
      ...(isRegistered || isMoved ? [serviceJobsTopic, jobTopic(job.region, job.name)] : []),
      ...(isListed || isMoved ? [serviceListTopic] : []),
    ],
  }
}

/** Orders the write of a job's registration index to the change log, which alone knows it. */
export async function touchRegistration(tx: Transaction<Database>, jobId: number): Promise<void> {
  await tx.updateTable('service_job').set({ job_modify_index: null }).where('job_id', '=', jobId).execute()
  await tx.updateTable('job').set({ last_modified: now }).where('id', '=', jobId).execute()
}
