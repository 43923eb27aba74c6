import { type Kysely, sql } from 'kysely'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import type { Json } from '#model/json.ts'
import type { ServiceJob, TaskGroup } from '#model/service-job.ts'
import type { Database } from './tables.ts'

/** Which service job is meant. */
export type ServiceKey = { readonly region: string; readonly name: string }

/** The columns of a service job under their names in the model; its groups are read beside it. */
export const serviceJobColumns = [
  'job.id',
  'job.job_type_id as jobTypeId',
  'job.job_type_revision_id as jobTypeRevisionId',
  'job.priority',
  'job.status',
  'job.num_exes as numExes',
  'service_job.region',
  'service_job.name',
  'service_job.title',
  'service_job.kind',
  'service_job.spec',
  'service_job.is_stopped as isStopped',
  'service_job.autostart',
  'service_job.by_cluster as byCluster',
  'service_job.parent_id as parentId',
  'service_job.is_periodic as isPeriodic',
  'service_job.next_launch as nextLaunch',
  'service_job.first_run as firstRun',
  'service_job.deregistered_at as deregisteredAt',
  'job.created_at as createdAt',
  'job.last_status_change as lastStatusChange',
  'job.last_modified as lastModified',
  // Stamped by the change log as the last act of the transaction that wrote the row: nobody ever sees them null.
  sql<number>`job.create_index`.as('createIndex'),
  sql<number>`job.modify_index`.as('modifyIndex'),
  sql<number>`service_job.job_modify_index`.as('jobModifyIndex'),
] as const

/** A service job as its two rows tell it, without its groups; the counts in `spec` are those of its registration. */
export type ServiceJobRow = Omit<ServiceJob, 'groups' | 'spec'> & {
  readonly spec: Json
  readonly numExes: number
  readonly firstRun: number
}

/** Service jobs by row id, in no order, also deregistered ones; unknown ids are left out. Two statements. */
export async function findServiceJobs(db: Kysely<Database>, ids: readonly number[]): Promise<ServiceJob[]> {
  const rows = await selectServiceJobs(db)
    .where('job.id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
  return withGroups(db, rows)
}

/** The registered job of that name, or null. */
export async function findServiceJob(db: Kysely<Database>, { region, name }: ServiceKey): Promise<ServiceJob | null> {
  const rows = await selectServiceJobs(db)
    .where('service_job.region', '=', region)
    .where('service_job.name', '=', name)
    .where('service_job.deregistered_at', 'is', null)
    .execute()
  const [job] = await withGroups(db, rows)
  return job ?? null
}

/** Registered jobs whose name begins with a prefix, by the bytes of their names. Two statements, however many jobs. */
export async function listServiceJobs(db: Kysely<Database>, region: string, prefix: string): Promise<ServiceJob[]> {
  const rows = await selectServiceJobs(db)
    .where('service_job.region', '=', region)
    .where('service_job.deregistered_at', 'is', null)
    .where(sql<boolean>`starts_with(service_job.name, ${prefix})`)
    .orderBy(sql`service_job.name collate "C"`)
    .execute()
  return withGroups(db, rows)
}

/** The names of registered jobs, by their bytes; with autostart only those that a general start starts. */
export async function findServiceJobNames(
  db: Kysely<Database>,
  region: string,
  only: 'all' | 'autostart',
): Promise<string[]> {
  const rows = await db
    .selectFrom('service_job')
    .select('name')
    .where('region', '=', region)
    .where('deregistered_at', 'is', null)
    .$if(only === 'autostart', (query) => query.where('autostart', '=', true).where('parent_id', 'is', null))
    .orderBy(sql`name collate "C"`)
    .execute()
  return rows.map(({ name }) => name)
}

function selectServiceJobs(db: Kysely<Database>) {
  return db.selectFrom('service_job').innerJoin('job', 'job.id', 'service_job.job_id').select(serviceJobColumns)
}

async function withGroups(db: Kysely<Database>, rows: readonly ServiceJobRow[]): Promise<ServiceJob[]> {
  if (rows.length === 0) return []
  const groups = Map.groupBy(
    await findTaskGroups(
      db,
      rows.map(({ id }) => id),
    ),
    ({ jobId }) => jobId,
  )
  return rows.map(({ numExes: _numExes, firstRun: _firstRun, ...row }) => {
    const own = groups.get(row.id) ?? []
    return { ...row, groups: own, spec: withCounts(specOf(row.spec), own) }
  })
}

type TaskGroupRow = Omit<TaskGroup, 'summary'> & TaskGroup['summary']

/** The task groups of jobs in the order of their specifications, with the six buckets of their summaries. */
export async function findTaskGroups(db: Kysely<Database>, jobIds: readonly number[]): Promise<TaskGroup[]> {
  const ids = sql`any(${[...jobIds]}::bigint[])`
  const { rows } = await sql<TaskGroupRow>`
    select g.id, g.job_id as "jobId", g.name, g.count, g.count_init as "countInit", g.count_max as "countMax",
      g.queued_count as queued, g.complete_count as complete, g.failed_count as failed, g.lost_count as lost,
      coalesce(live.running, 0) as running, coalesce(live.starting, 0) as starting
    from task_group g
    left join (
      select e.job_id, a.task_group, count(*) filter (where a.client_status = 'running') as running,
        count(*) filter (where a.client_status = 'pending') as starting
      from execution e join allocation a on a.execution_id = e.id
      where e.family = 'service' and e.ended_at is null and e.job_id = ${ids} group by 1, 2
    ) live on live.job_id = g.job_id and live.task_group = g.name
    where g.job_id = ${ids}
    order by g.job_id, g.position`.execute(db)
  return rows.map(({ queued, complete, failed, running, starting, lost, ...group }) => ({
    ...group,
    summary: { queued, complete, failed, running, starting, lost },
  }))
}

/** The specification that a column holds: only what the parser of specifications returned is ever stored there. */
export function specOf(column: Json): JobSpec {
  return column as unknown as JobSpec
}

/** A specification with the counts as they now stand. */
export function withCounts(
  spec: JobSpec,
  groups: readonly { readonly name: string; readonly count: number }[],
): JobSpec {
  const counts = new Map(groups.map(({ name, count }) => [name, count]))
  const TaskGroups = spec.TaskGroups?.map((group) => ({ ...group, Count: counts.get(group.Name) ?? group.Count }))
  return { ...spec, TaskGroups: TaskGroups ?? null }
}
