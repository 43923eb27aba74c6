import { type Kysely, sql } from 'kysely'

/** The statuses in which few jobs stand at a time, and those the newest: a walk by time would pass over all others. */
const open = `family = 'queued' and status in ('PENDING', 'BLOCKED', 'QUEUED', 'RUNNING')`

const statements = [
  // A store full of jobs may take longer than a session's statements are given.
  'set local statement_timeout = 0',
  `create index job_created on job (created_at, id) where family = 'queued'`,
  // The same with the id, so that it orders a list too.
  'drop index job_status_change',
  `create index job_status_change on job (last_status_change, id) include (job_type_id, status, error_id)
    where family = 'queued'`,
  `create index job_open_created on job (status, created_at, id) where ${open}`,
  `create index job_open_change on job (status, last_status_change, id) where ${open}`,
  `create index job_superseded_created on job (created_at, id) where family = 'queued' and is_superseded`,
  `create index job_node_created on job (node_id, created_at, id) where family = 'queued' and node_id is not null`,
  // Those of the service family cost the writes of queued jobs nothing.
  `create index service_created on job (created_at, id) where family = 'service'`,
  `create index service_modified on job (last_modified, id) where family = 'service'`,
  `create index service_status_change on job (last_status_change, id) where family = 'service'`,
  'create index evaluation_of_job on evaluation (job_id, id) where job_id is not null',
  'drop index allocation_evaluation',
  'create index allocation_evaluation on allocation (evaluation_id, execution_id)',
]

/** One index for each order in which the graph walks jobs, evaluations and what evaluations placed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
