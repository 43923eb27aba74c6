import { type Kysely, sql } from 'kysely'

/**
 * One more ledger, `job_tally_day`: how many queued jobs came into the status in which they stand on each day (UTC).
 * RUNNING is left out, being counted whenever it began, and so is FAILED, whose jobs are parted by errors and are few
 * enough to be counted one by one.
 */
const tallied = `status not in ('RUNNING', 'FAILED') and family = 'queued'`

/** What a statement added counts one, what it removed counts minus one; an update does both. */
const deltas = {
  insert: ['new table as added', 'select *, 1 as d from added'],
  update: [
    'new table as added old table as removed',
    'select *, 1 as d from added union all select *, -1 from removed',
  ],
  delete: ['old table as removed', 'select *, -1 as d from removed'],
} as const

const statements = [
  // A store full of jobs may take longer than a session's statements are given.
  'set local statement_timeout = 0',
  `create table job_tally_day (
    job_type_id bigint not null,
    status text not null,
    day timestamptz not null,
    n bigint not null
  )`,
  `create index job_tally_day_day on job_tally_day (day) include (job_type_id, status, n)`,
  `create function tally_day(at timestamptz) returns timestamptz language sql immutable parallel safe as $$
  select date_bin('24 hours', at, timestamptz '2000-01-01 00:00:00+00')
$$`,
  ...(['insert', 'update', 'delete'] as const).flatMap(trigger),
  // The triggers' lock keeps writers out until this has committed, so that no job is counted twice or left out.
  `insert into job_tally_day (job_type_id, status, day, n)
    select job_type_id, status, tally_day(last_status_change), count(*) from job where ${tallied} group by 1, 2, 3`,
  `drop index job_standing`,
  `create index job_status_reached on job (job_type_id, status, last_status_change) where family = 'queued'`,
  `create index job_failed_change on job (last_status_change) include (job_type_id, error_id)
    where family = 'queued' and status = 'FAILED'`,
]

function trigger(operation: keyof typeof deltas): string[] {
  const [transition, delta] = deltas[operation]
  return [
    `create function tally_day_${operation}() returns trigger language plpgsql as $$
begin
  with delta as (${delta})
  insert into job_tally_day (job_type_id, status, day, n)
    select job_type_id, status, tally_day(last_status_change), sum(d) from delta where ${tallied}
    group by 1, 2, 3 having sum(d) <> 0;
  return null;
end $$`,
    `create trigger job_tally_day_${operation} after ${operation} on job referencing ${transition}
      for each statement when (coalesce(current_setting('jobgraph.stamping', true), '') <> 'on')
      execute function tally_day_${operation}()`,
  ]
}

/** Keeps the counts of long spans by status cheap, and finds the newest job of each type and status at once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
