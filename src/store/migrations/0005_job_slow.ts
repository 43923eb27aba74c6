import { type Kysely, sql } from 'kysely'

/** Jobs whose last change came long after their making; `paceConditions` in `job-narrow.ts` says the same. */
const slow = `family = 'queued' and last_modified - created_at > interval '6 hours'`

const statements = [
  // A store full of jobs may take longer than a session's statements are given.
  'set local statement_timeout = 0',
  // What a list may be filtered by lies beside the order, so that a walk passes over entries without a look at the rows.
  `create index job_slow_created on job (created_at, id)
    include (started_at, ended_at, last_status_change, last_modified) where ${slow}`,
  `create index job_slow_change on job (last_status_change, id)
    include (created_at, started_at, ended_at, last_modified) where ${slow}`,
  `create index job_slow_modified on job (last_modified, id)
    include (created_at, started_at, ended_at, last_status_change) where ${slow}`,
  // The same with the times of the source, as \`job_modified\` has them.
  'drop index job_created',
  `create index job_created on job (created_at, id) include (source_started, source_ended) where family = 'queued'`,
  'drop index job_status_change',
  `create index job_status_change on job (last_status_change, id)
    include (job_type_id, status, error_id, source_started, source_ended) where family = 'queued'`,
  `create index job_superseded_change on job (last_status_change, id) where family = 'queued' and is_superseded`,
  ...service('created', 'created_at', 'last_modified, last_status_change'),
  ...service('modified', 'last_modified', 'created_at, last_status_change'),
  ...service('status_change', 'last_status_change', 'created_at, last_modified'),
  `create index execution_service_node on execution (node_id, job_id, number) where family = 'service'`,
]

function service(name: string, at: string, others: string): string[] {
  return [
    `drop index service_${name}`,
    `create index service_${name} on job (${at}, id) include (status, started_at, ended_at, ${others})
      where family = 'service'`,
  ]
}

/** Lets a list in the order of one time that is filtered by another begin where its first job can be. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
