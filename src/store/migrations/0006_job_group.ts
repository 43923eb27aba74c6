import { type Kysely, sql } from 'kysely'

const statements = [
  // A store full of jobs may take longer than a session's statements are given.
  'set local statement_timeout = 0',
  `create index service_type_modified on job (job_type_id, last_modified, id) where family = 'service'`,
  'drop index service_job_parent',
  'create index recipe_of_type on recipe (recipe_type_id, id)',
  'create index service_job_parent on service_job (parent_id, job_id) where parent_id is not null',
]

/** One index for each way in which the graph walks from what jobs share to the jobs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
