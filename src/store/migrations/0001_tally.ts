/**
 * Exact counts of jobs that cost nothing to read: every statement that writes jobs appends what it changed to ledgers,
 * in its own transaction. A count is the sum of a ledger's rows; appending locks nothing that another writer needs,
 * and a fold adds the rows up behind everybody's back.
 *
 * `job_tally` counts by what jobs are grouped by, `job_tally_value` by each value of one column, `job_tally_time` by
 * ten-minute buckets of a time.
 */
const values: readonly (readonly [dimension: string, column: string])[] = [
  ['batch', 'batch_id'],
  ['recipe', 'recipe_id'],
  ['source_sensor_class', 'source_sensor_class'],
  ['source_sensor', 'source_sensor'],
  ['source_collection', 'source_collection'],
  ['source_task', 'source_task'],
]
const times: readonly string[] = ['last_modified', 'source_started', 'source_ended']

/** What a statement added counts one, what it removed counts minus one; an update does both. */
const deltas = {
  insert: 'select *, 1 as d from added',
  update: 'select *, 1 as d from added union all select *, -1 from removed',
  delete: 'select *, -1 as d from removed',
}

const transitions = {
  insert: 'new table as added',
  update: 'new table as added old table as removed',
  delete: 'old table as removed',
}

export const tallyTables = `
create table job_tally (
  family text not null,
  job_type_id bigint not null,
  status text not null,
  error_id bigint,
  is_superseded boolean not null,
  n bigint not null
)
--;
create index job_tally_type on job_tally (family, job_type_id, status)
--;
create table job_tally_value (
  dimension text not null,
  value text not null,
  n bigint not null
)
--;
create index job_tally_value_value on job_tally_value (dimension, value) include (n)
--;
create table job_tally_time (
  dimension text not null,
  bucket timestamptz not null,
  n bigint not null
)
--;
create index job_tally_time_bucket on job_tally_time (dimension, bucket) include (n)
--;
create function tally_bucket(at timestamptz) returns timestamptz language sql immutable parallel safe as $$
  select date_bin('10 minutes', at, timestamptz '2000-01-01 00:00:00+00')
$$
--;
${(['insert', 'update', 'delete'] as const).map(trigger).join('--;')}`

function trigger(operation: 'insert' | 'update' | 'delete'): string {
  return `
create function tally_job_${operation}() returns trigger language plpgsql as $$
begin
  with delta as (${deltas[operation]})
  insert into job_tally (family, job_type_id, status, error_id, is_superseded, n)
    select family, job_type_id, status, error_id, is_superseded, sum(d) from delta
    group by 1, 2, 3, 4, 5 having sum(d) <> 0;
  with delta as (${deltas[operation]})
  insert into job_tally_value (dimension, value, n)
    select v.dimension, v.value, sum(delta.d) from delta, lateral (values
      ${values.map(([dimension, column]) => `('${dimension}', delta.${column}::text)`).join(', ')}) v (dimension, value)
    where v.value is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  with delta as (${deltas[operation]})
  insert into job_tally_time (dimension, bucket, n)
    select v.dimension, tally_bucket(v.at), sum(delta.d) from delta, lateral (values
      ${times.map((column) => `('${column}', delta.${column})`).join(', ')}) v (dimension, at)
    where v.at is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  return null;
end $$
--;
create trigger job_tally_${operation} after ${operation} on job referencing ${transitions[operation]}
  for each statement when (coalesce(current_setting('jobgraph.stamping', true), '') <> 'on')
  execute function tally_job_${operation}()
`
}
