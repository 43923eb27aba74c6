/** What service jobs alone have: specifications, task groups, evaluations, allocations, and the Cluster's own documents. */
export const serviceTables = `
alter table node add column uuid uuid not null unique default gen_random_uuid(), add column seen_at timestamptz,
  add column create_index bigint, add column modify_index bigint
--;
create table service_job (
  job_id bigint primary key references job,
  region text not null,
  name text not null check (name <> ''),
  title text not null,
  kind text not null,
  spec json not null,
  is_stopped boolean not null default false,
  autostart boolean not null default true,
  by_cluster boolean not null default false,
  parent_id bigint references job,
  is_periodic boolean not null,
  next_launch timestamptz,
  first_run integer not null default 1 check (first_run > 0),
  job_modify_index bigint,
  deregistered_at timestamptz,
  check (next_launch is null or (is_periodic and not is_stopped and deregistered_at is null))
)
--;
create unique index service_job_name on service_job (region, name collate "C") where deregistered_at is null
--;
create index service_job_parent on service_job (parent_id) where parent_id is not null
--;
create index service_job_launch on service_job (next_launch) where next_launch is not null
--;
create table task_group (
  id bigint generated always as identity primary key,
  job_id bigint not null references service_job,
  position integer not null check (position >= 0),
  name text not null check (name <> ''),
  count integer not null,
  count_init integer not null,
  count_max integer not null,
  queued_count integer not null default 0 check (queued_count >= 0),
  complete_count bigint not null default 0 check (complete_count >= 0),
  failed_count bigint not null default 0 check (failed_count >= 0),
  lost_count bigint not null default 0 check (lost_count >= 0),
  unique (job_id, name),
  check (count between 0 and count_max),
  check (count_init between 0 and count_max)
)
--;
create table evaluation (
  id bigint generated always as identity primary key,
  uuid uuid not null unique default gen_random_uuid(),
  job_id bigint references job,
  region text not null,
  job_name text not null,
  priority integer not null,
  type text not null,
  triggered_by text not null,
  job_modify_index bigint,
  node_id bigint references node,
  node_modify_index bigint,
  status text not null check (status in ('PENDING', 'BLOCKED', 'COMPLETE', 'FAILED', 'CANCELED')),
  status_description text not null default '',
  wait_ns bigint not null default 0 check (wait_ns >= 0),
  next_id bigint references evaluation,
  previous_id bigint references evaluation,
  blocked_on json,
  created_at timestamptz not null default now(),
  last_modified timestamptz not null default now(),
  create_index bigint,
  modify_index bigint
)
--;
create index evaluation_job on evaluation (region, job_name, uuid)
--;
create index evaluation_open on evaluation (status, priority desc, id) where status in ('PENDING', 'BLOCKED')
--;
create index evaluation_open_job on evaluation (job_id) where status in ('PENDING', 'BLOCKED')
--;
create table allocation (
  execution_id bigint primary key references execution,
  uuid uuid not null unique default gen_random_uuid(),
  region text not null,
  job_name text not null,
  name text not null,
  task_group text not null,
  slot integer not null check (slot >= 0),
  evaluation_id bigint not null references evaluation,
  desired_status text not null check (desired_status in ('run', 'stop', 'evict', 'failed')),
  desired_description text not null default '',
  client_status text not null check (client_status in ('pending', 'running', 'complete', 'failed', 'lost')),
  client_description text not null default '',
  task_states json,
  metrics json,
  job_modify_index bigint not null,
  create_time_ns bigint not null
)
--;
create index allocation_job on allocation (region, job_name, uuid)
--;
create index allocation_evaluation on allocation (evaluation_id)
--;
create index execution_live on execution (job_id) where family = 'service' and ended_at is null
--;
create index execution_unclaimed on execution (node_id, id) where family = 'service' and ended_at is null and worker_id is null
--;
create table log_source (
  id text primary key,
  position integer not null unique,
  task_group text not null,
  job text not null,
  task text not null,
  file_name text not null,
  has_level boolean not null
)
--;
create table logger_default (
  logger text primary key,
  level text not null check (level in ('debug', 'info', 'warning', 'error', 'fatal', 'panic'))
)
--;
create table logger_override (
  execution_id bigint not null references execution,
  logger text not null,
  level text not null check (level in ('debug', 'info', 'warning', 'error', 'fatal', 'panic')),
  primary key (execution_id, logger)
)
--;
create table settings (
  singleton boolean primary key default true check (singleton),
  document json not null,
  last_modified timestamptz not null default now()
)
--;
create table event_definition (
  key text primary key,
  position integer not null unique,
  source text not null
)
--;
create table event_capture (
  singleton boolean primary key default true check (singleton),
  last_read_at timestamptz not null
)
--;
create table event_result (
  position bigint primary key check (position >= 0),
  error text not null default '',
  value text not null default '',
  at timestamptz not null default now()
)
--;
create table secret (
  id text primary key check (id ~ '^[A-Za-z0-9_.-]+$'),
  version bigint not null default 1,
  keys text[] not null,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  last_modified timestamptz not null default now()
)
`
