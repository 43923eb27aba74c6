/** Everything that both families share (job types, jobs, executions, logs) and what queued jobs alone have. */
export const queuedTables = `
create sequence queued_job_id
--;
create sequence queued_execution_id
--;
create sequence service_job_id start 1000000000001
--;
create sequence service_execution_id start 1000000000001
--;
create table node (
  id bigint generated always as identity primary key,
  hostname text not null unique check (hostname <> ''),
  attributes json,
  created_at timestamptz not null default now(),
  last_modified timestamptz not null default now()
)
--;
create table worker (
  id uuid primary key,
  name text not null,
  node_id bigint not null references node,
  pid integer,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
)
--;
create table workspace (
  id bigint generated always as identity primary key,
  name text not null unique check (name <> ''),
  title text,
  description text,
  directory text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  last_modified timestamptz not null default now()
)
--;
create table event (
  id bigint generated always as identity primary key,
  type text not null,
  occurred_at timestamptz not null default now()
)
--;
create table job_error (
  id bigint generated always as identity primary key,
  job_type_name text,
  name text not null,
  title text not null,
  description text not null default '',
  category text not null check (category in ('SYSTEM', 'DATA', 'ALGORITHM')),
  is_builtin boolean not null default false,
  should_be_retried boolean not null default false,
  created_at timestamptz not null default now(),
  last_modified timestamptz not null default now()
)
--;
create unique index job_error_name on job_error (name, coalesce(job_type_name, ''))
--;
create table recipe_type (
  id bigint generated always as identity primary key,
  name text not null unique,
  title text not null default '',
  description text not null default '',
  revision_num integer not null default 1,
  is_active boolean not null default true,
  is_system boolean not null default false,
  created_at timestamptz not null default now(),
  deprecated_at timestamptz,
  last_modified timestamptz not null default now()
)
--;
create table recipe_type_revision (
  id bigint generated always as identity primary key,
  recipe_type_id bigint not null references recipe_type,
  revision_num integer not null,
  unique (recipe_type_id, revision_num)
)
--;
create table recipe (
  id bigint generated always as identity primary key,
  recipe_type_id bigint not null references recipe_type,
  recipe_type_revision_id bigint not null references recipe_type_revision,
  event_id bigint not null references event,
  created_at timestamptz not null default now()
)
--;
create table batch (
  id bigint generated always as identity primary key,
  title text not null,
  description text not null default '',
  created_at timestamptz not null default now()
)
--;
create table job_type (
  id bigint generated always as identity primary key,
  family text not null check (family in ('queued', 'service')),
  name text not null check (name <> ''),
  version text not null,
  version_key text collate "C" not null,
  title text,
  description text,
  tags text[] not null default '{}',
  icon_code text,
  is_active boolean not null default true,
  is_system boolean not null default false,
  is_paused boolean not null default false,
  is_published boolean not null default false,
  max_scheduled integer check (max_scheduled > 0),
  max_tries integer not null default 3 check (max_tries > 0),
  revision_num integer not null check (revision_num > 0),
  docker_image text not null,
  manifest json not null,
  configuration json not null,
  unmet_resources text,
  created_at timestamptz not null default now(),
  deprecated_at timestamptz,
  paused_at timestamptz,
  last_modified timestamptz not null default now(),
  unique (family, name, version),
  check (is_active = (deprecated_at is null)),
  check (is_paused = (paused_at is not null))
)
--;
create index job_type_modified on job_type (last_modified, id)
--;
create table job_type_revision (
  id bigint generated always as identity primary key,
  job_type_id bigint not null references job_type,
  revision_num integer not null check (revision_num > 0),
  docker_image text not null,
  manifest json not null,
  created_at timestamptz not null default now(),
  unique (job_type_id, revision_num)
)
--;
create table job_type_secret (
  job_type_id bigint not null references job_type,
  setting text not null,
  sealed bytea not null,
  primary key (job_type_id, setting)
)
--;
create table recipe_type_job_type (
  recipe_type_id bigint not null references recipe_type,
  job_type_id bigint not null references job_type,
  primary key (recipe_type_id, job_type_id)
)
--;
create table job (
  id bigint primary key,
  family text not null check (family in ('queued', 'service')),
  job_type_id bigint not null references job_type,
  job_type_revision_id bigint not null references job_type_revision,
  status text not null check (status in ('PENDING', 'BLOCKED', 'QUEUED', 'RUNNING', 'CANCELING', 'COMPLETED', 'FAILED', 'CANCELED')),
  priority integer not null,
  event_id bigint references event,
  recipe_id bigint references recipe,
  batch_id bigint references batch,
  node_id bigint references node,
  error_id bigint references job_error,
  is_superseded boolean not null default false,
  superseded_job_id bigint unique references job,
  superseded_at timestamptz,
  max_tries integer not null default 1 check (max_tries > 0),
  num_exes integer not null default 0 check (num_exes >= 0),
  lost_exes integer not null default 0 check (lost_exes >= 0),
  crashes integer not null default 0 check (crashes between 0 and lost_exes),
  input json,
  input_file_size double precision check (input_file_size >= 0),
  output json,
  configuration json,
  source_started timestamptz,
  source_ended timestamptz,
  source_sensor_class text,
  source_sensor text,
  source_collection text,
  source_task text,
  created_at timestamptz not null,
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  last_status_change timestamptz not null,
  last_modified timestamptz not null,
  create_index bigint,
  modify_index bigint,
  check ((family = 'queued') = (id < 1000000000000)),
  check (is_superseded = (superseded_at is not null)),
  check (family = 'service' or status <> 'CANCELING'),
  check (family = 'service' or status not in ('COMPLETED', 'FAILED') or ended_at is not null),
  check (family = 'service' or status <> 'QUEUED' or (num_exes > 0 and queued_at is not null and error_id is null)),
  check (family = 'service' or status <> 'RUNNING' or (num_exes > 0 and started_at is not null))
) with (fillfactor = 80)
--;
create trigger job_transition before update of status on job
  for each row when (old.status is distinct from new.status) execute function refuse_transition()
--;
create index job_queue on job (priority, queued_at, id) where status = 'QUEUED' and family = 'queued'
--;
create index job_running on job (job_type_id) where status = 'RUNNING' and family = 'queued'
--;
create index job_modified on job (last_modified, id) include (source_started, source_ended) where family = 'queued'
--;
create index job_status_modified on job (status, last_modified, id) where family = 'queued'
--;
create index job_type_modified_job on job (job_type_id, last_modified, id) where family = 'queued'
--;
create index job_batch on job (batch_id, last_modified, id) where batch_id is not null
--;
create index job_recipe on job (recipe_id, last_modified, id) where recipe_id is not null
--;
create index job_error_modified on job (error_id, last_modified, id) where error_id is not null
--;
create index job_status_change on job (last_status_change) include (job_type_id, status, error_id) where family = 'queued'
--;
create index job_standing on job (job_type_id, status, last_status_change) where family = 'queued' and status in ('PENDING', 'RUNNING')
--;
create index job_failure on job (job_type_id, error_id, last_status_change) where family = 'queued' and status = 'FAILED'
--;
create index job_source_sensor_class on job (source_sensor_class, last_modified, id) where family = 'queued' and source_sensor_class is not null
--;
create index job_source_sensor on job (source_sensor, last_modified, id) where family = 'queued' and source_sensor is not null
--;
create index job_source_collection on job (source_collection, last_modified, id) where family = 'queued' and source_collection is not null
--;
create index job_source_task on job (source_task, last_modified, id) where family = 'queued' and source_task is not null
--;
create index job_source_started on job (source_started, last_modified, id) where family = 'queued' and source_started is not null
--;
create index job_source_ended on job (source_ended, last_modified, id) where family = 'queued' and source_ended is not null
--;
create index job_superseded_modified on job (last_modified, id) where family = 'queued' and is_superseded
--;
create table job_request (
  id bigint generated always as identity primary key,
  action text not null check (action in ('CANCEL', 'REQUEUE')),
  filter json not null,
  priority integer check (priority > 0),
  reached bigint,
  changed bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  done_at timestamptz
)
--;
create index job_request_open on job_request (id) where done_at is null
--;
create table execution (
  id bigint primary key,
  family text not null check (family in ('queued', 'service')),
  job_id bigint not null references job,
  number integer not null check (number > 0),
  job_type_id bigint not null references job_type,
  job_type_revision_id bigint not null references job_type_revision,
  status text not null check (status in ('QUEUED', 'STARTING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED', 'LOST')),
  node_id bigint references node,
  worker_id uuid references worker,
  lease_until timestamptz,
  token uuid not null default gen_random_uuid(),
  error_id bigint references job_error,
  exit_code integer,
  timeout_seconds integer not null default 0 check (timeout_seconds >= 0),
  input_file_size double precision not null default 0 check (input_file_size >= 0),
  configuration json,
  resources json,
  task_results json,
  output json,
  next_order bigint not null default 1,
  created_at timestamptz not null,
  queued_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  last_modified timestamptz not null,
  create_index bigint,
  modify_index bigint,
  unique (job_id, number),
  check ((family = 'queued') = (id < 1000000000000)),
  check ((status in ('COMPLETED', 'FAILED', 'CANCELED', 'LOST')) = (ended_at is not null)),
  check (ended_at is null or lease_until is null)
) with (fillfactor = 70)
--;
create trigger execution_transition before update of status on execution
  for each row when (old.status is distinct from new.status) execute function refuse_transition()
--;
create index execution_lease on execution (lease_until) where lease_until is not null
--;
create index execution_job_type on execution (job_type_id, id)
--;
create table workspace_file (
  id bigint generated always as identity primary key,
  workspace_id bigint not null references workspace,
  file_name text not null check (file_name <> ''),
  file_path text not null,
  file_type text not null check (file_type in ('SOURCE', 'PRODUCT')),
  media_type text not null,
  file_size bigint not null check (file_size >= 0),
  data_type_tags text[] not null default '{}',
  countries text[] not null default '{}',
  geometry text,
  center_point text,
  is_deleted boolean not null default false,
  is_superseded boolean not null default false,
  superseded_at timestamptz,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  data_started timestamptz,
  data_ended timestamptz,
  source_started timestamptz,
  source_ended timestamptz,
  source_sensor_class text,
  source_sensor text,
  source_collection text,
  source_task text,
  job_id bigint references job,
  execution_id bigint references execution,
  job_output text,
  recipe_id bigint references recipe,
  recipe_node text,
  batch_id bigint references batch,
  last_modified timestamptz not null default now(),
  check (is_deleted = (deleted_at is not null))
)
--;
create unique index workspace_file_path on workspace_file (workspace_id, file_path) where not is_deleted
--;
create index workspace_file_job on workspace_file (job_id) where job_id is not null
--;
create table job_input_file (
  job_id bigint not null references job,
  input_name text not null,
  position integer not null check (position >= 0),
  file_id bigint not null references workspace_file,
  primary key (job_id, input_name, position)
)
--;
create index job_input_file_file on job_input_file (file_id)
--;
create table log_stream (
  id bigint generated always as identity primary key,
  execution_id bigint not null references execution,
  task text not null,
  name text not null,
  byte_count bigint not null default 0 check (byte_count >= 0),
  line_count bigint not null default 0 check (line_count >= 0),
  unique (execution_id, task, name)
)
--;
create table log_chunk (
  stream_id bigint not null references log_stream,
  execution_id bigint not null,
  byte_start bigint not null check (byte_start >= 0),
  byte_end bigint not null check (byte_end > byte_start),
  first_order bigint not null,
  last_order bigint not null check (last_order >= first_order),
  first_at timestamptz not null,
  last_at timestamptz not null,
  lines json not null,
  body bytea not null,
  primary key (stream_id, byte_start)
)
--;
create index log_chunk_order on log_chunk (execution_id, last_order)
`
