/** The service jobs of a seed: two beside a hundred queued ones, most of them runs of a periodic job. */
import { parseRegister } from '../src/model/documents/job-spec.ts'
import type { Context } from '../src/resolvers/context.ts'
import { completeSpec, registerServiceJob } from '../src/resolvers/service-job.ts'

const periodicJobs = 20

/** A periodic job, as the gateway made it. */
export type Periodic = { readonly id: string }

/** Registers the periodic jobs whose runs the seed holds. */
export async function registerPeriodicJobs(ctx: Context): Promise<void> {
  for (let index = 0; index < periodicJobs; index += 1) {
    const sent = parseRegister(JSON.stringify({ Job: sweep(index) }), null)
    await registerServiceJob(ctx, completeSpec(ctx, sent.job))
  }
}

function sweep(index: number) {
  const name = `sweep-${index}`
  return {
    Region: 'global',
    ID: name,
    Name: name,
    Type: 'batch',
    Priority: 50,
    AllAtOnce: false,
    Datacenters: ['dc1'],
    Constraints: null,
    Update: { Stagger: 0, MaxParallel: 0 },
    Periodic: { Enabled: true, Spec: '0 * * * *', SpecType: 'cron' },
    TaskGroups: [
      {
        Name: 'sweep',
        Count: 1,
        Constraints: null,
        RestartPolicy: { Attempts: 0, Interval: 60_000_000_000, Delay: 1_000_000_000, Mode: 'fail' },
        Meta: null,
        Tasks: [
          {
            Name: 'sweep',
            Driver: 'raw_exec',
            Config: { command: '/bin/true', args: [] },
            Constraints: null,
            Resources: { CPU: 50, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null },
            LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
            Meta: null,
          },
        ],
      },
    ],
    Meta: null,
  }
}

/** The statements that add runs of these jobs beside so many queued ones, each with an evaluation and what it placed. */
export function serviceStatements(jobs: number, known: { periodic: readonly Periodic[]; nodes: number; head: number }) {
  const runs = Math.floor(jobs / 50)
  const base = Math.max(...known.periodic.map(({ id }) => Number(id)))
  return [
    jobRows(runs, base, known.periodic, known.head + 2 * jobs),
    serviceRows(runs, base),
    groups,
    evaluations,
    executions(known.nodes),
    allocations,
    `select setval('service_job_id', ${base + runs})`,
    `select setval('service_execution_id', ${1_000_000_000_000 + runs})`,
  ]
}

/** The list's first hundred jobs are all queued ones: the first run comes ten days later. */
function jobRows(runs: number, base: number, periodic: readonly Periodic[], index: number): string {
  const ids = periodic.map(({ id }) => id).join(',')
  return `insert into job (id, family, job_type_id, job_type_revision_id, status, priority, num_exes, created_at, queued_at,
      started_at, ended_at, last_status_change, last_modified, create_index, modify_index)
    select ${base} + n, 'service', p.job_type_id, p.job_type_revision_id, state, 50, (state <> 'PENDING')::int, created,
      created, started, ended, changed, changed, ${index} * n / ${runs} + 1, ${index} * n / ${runs} + 1
    from generate_series(1::bigint, ${runs}::bigint) n
      join job p on p.id = (array[${ids}]::bigint[])[1 + n % ${periodic.length}],
      lateral (select now() - interval '80 days' * (${runs} - n) / ${runs} - interval '2 minutes',
        case when n <= 0.9 * ${runs} then (array['COMPLETED', 'FAILED', 'CANCELED'])[1 + (share >= 900)::int + (share >= 960)::int]
          else (array['RUNNING', 'PENDING', 'CANCELING', 'COMPLETED'])[1 + (share >= 300)::int + (share >= 350)::int + (share >= 400)::int] end
        from pg_temp.pick(n, 40, 1000) share) a(created, state),
      lateral (select case when state <> 'PENDING' then created + interval '2 seconds' end) b(started),
      lateral (select case when state in ('COMPLETED', 'FAILED', 'CANCELED')
        then least(now(), started + interval '1 second' * (1 + pg_temp.pick(n, 41, 3600))) end) c(ended),
      lateral (select coalesce(ended, started, created)) d(changed)
    order by n`
}

function serviceRows(runs: number, base: number): string {
  return `insert into service_job (job_id, region, name, title, kind, spec, autostart, parent_id, is_periodic, job_modify_index)
    select j.id, p.region, run, run, p.kind,
      (p.spec::jsonb || jsonb_build_object('ID', run, 'Name', run, 'ParentID', p.name, 'Periodic', null))::json, false,
      p.job_id, false, j.create_index
    from job j join job of_type on of_type.job_type_id = j.job_type_id and of_type.id <= ${base} and of_type.family = 'service'
      join service_job p on p.job_id = of_type.id,
      lateral (select p.name || '/periodic-' || floor(extract(epoch from j.created_at))) a(run)
    where j.id > ${base} and j.id <= ${base + runs} order by j.id`
}

const groups = `insert into task_group (job_id, position, name, count, count_init, count_max, complete_count, failed_count)
  select job_id, 0, 'sweep', 1, 1, 1, (status = 'COMPLETED')::int, (status = 'FAILED')::int
  from service_job join job on job.id = job_id where parent_id is not null`

const evaluations = `insert into evaluation (job_id, region, job_name, priority, type, triggered_by, job_modify_index,
    node_modify_index, status, created_at, last_modified, create_index, modify_index)
  select job_id, region, name, 50, kind, 'periodic-job', job_modify_index, 0,
    case status when 'PENDING' then 'BLOCKED' else 'COMPLETE' end, created_at, created_at, create_index, create_index
  from service_job join job on job.id = job_id where parent_id is not null order by job_id`

function executions(nodes: number): string {
  return `insert into execution (id, family, job_id, number, job_type_id, job_type_revision_id, status, node_id,
    created_at, queued_at, started_at, ended_at, last_modified, create_index, modify_index)
  select 1000000000000 + row_number() over (order by id), 'service', id, 1, job_type_id, job_type_revision_id,
    case status when 'CANCELING' then 'RUNNING' else status end, 1 + pg_temp.pick(id, 16, ${nodes}),
    created_at, created_at, started_at, ended_at, last_modified, create_index, modify_index
  from job where family = 'service' and num_exes > 0`
}

const allocations = `insert into allocation (execution_id, region, job_name, name, task_group, slot, evaluation_id,
    desired_status, client_status, job_modify_index, create_time_ns)
  select e.id, s.region, s.name, s.name || '.sweep[0]', 'sweep', 0, v.id,
    case when j.status in ('CANCELED', 'CANCELING') then 'stop' else 'run' end,
    case e.status when 'RUNNING' then 'running' when 'FAILED' then 'failed' else 'complete' end,
    s.job_modify_index, (extract(epoch from e.created_at) * 1000000)::bigint * 1000
  from execution e join job j on j.id = e.job_id join service_job s on s.job_id = j.id join evaluation v on v.job_id = j.id
  where e.family = 'service'`
