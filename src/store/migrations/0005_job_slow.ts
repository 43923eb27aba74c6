import { type Kysely, sql } from 'kysely'

/** Jobs whose last change came long after their making; `paceConditions` in `job-narrow.ts` says the same. */
const slow = `family = 'queued' and last_modified - created_at > interval '6 hours'`

/** What a list may be filtered by lies beside the order, so that a walk passes over entries without a look at the rows. */
const ofServices = 'job_type_id, status, started_at, ended_at'

const statements = [
  // A store full of jobs may take longer than a session's statements are given.
  'set local statement_timeout = 0',
  // First, since a drop takes the strongest lock: one that is raised later may wait for a writer that waits for it.
  'drop index job_created, job_status_change, service_created, service_modified, service_status_change',
  // As before, and with the times of the source, as `job_modified` has them.
  `create index job_created on job (created_at, id) include (source_started, source_ended) where family = 'queued'`,
  `create index job_status_change on job (last_status_change, id)
    include (job_type_id, status, error_id, source_started, source_ended) where family = 'queued'`,
  `create index job_slow_created on job (created_at, id)
    include (started_at, ended_at, last_status_change, last_modified) where ${slow}`,
  `create index job_slow_change on job (last_status_change, id)
    include (created_at, started_at, ended_at, last_modified) where ${slow}`,
  `create index job_slow_modified on job (last_modified, id)
    include (created_at, started_at, ended_at, last_status_change) where ${slow}`,
  `create index job_superseded_change on job (last_status_change, id) where family = 'queued' and is_superseded`,
  `create index service_created on job (created_at, id)
    include (${ofServices}, last_status_change, last_modified) where family = 'service'`,
  `create index service_modified on job (last_modified, id)
    include (${ofServices}, created_at, last_status_change) where family = 'service'`,
  `create index service_status_change on job (last_status_change, id)
    include (${ofServices}, created_at, last_modified) where family = 'service'`,
  `create index execution_service_node on execution (node_id, job_id, number) where family = 'service'`,
]

/** Lets a list in the order of one time that is filtered by another begin where its first job can be. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
