create sequence queued_execution_id start 1;
create sequence queued_job_id start 1;
create sequence service_execution_id start 1000000000001;
create sequence service_job_id start 1000000000001;

create table allocation (
  execution_id bigint not null,
  uuid uuid default gen_random_uuid() not null,
  region text not null,
  job_name text not null,
  name text not null,
  task_group text not null,
  slot integer not null,
  evaluation_id bigint not null,
  desired_status text not null,
  desired_description text default ''::text not null,
  client_status text not null,
  client_description text default ''::text not null,
  task_states json,
  metrics json,
  job_modify_index bigint not null,
  create_time_ns bigint not null
);
create table batch (
  id bigint generated always as identity not null,
  title text not null,
  description text default ''::text not null,
  created_at timestamp with time zone default now() not null
);
create table change (
  idx bigint not null,
  ordinal integer not null,
  kind text not null,
  entity_id bigint not null,
  job_id bigint,
  job_type_id bigint,
  from_status text,
  to_status text,
  at timestamp with time zone not null,
  detail json,
  topics text[]
);
create table change_index (
  singleton boolean default true not null,
  value bigint default 0 not null,
  oldest bigint default 1 not null,
  store_id uuid default gen_random_uuid() not null
) with (fillfactor=10);
create table evaluation (
  id bigint generated always as identity not null,
  uuid uuid default gen_random_uuid() not null,
  job_id bigint,
  region text not null,
  job_name text not null,
  priority integer not null,
  type text not null,
  triggered_by text not null,
  job_modify_index bigint,
  node_id bigint,
  node_modify_index bigint,
  status text not null,
  status_description text default ''::text not null,
  wait_ns bigint default 0 not null,
  next_id bigint,
  previous_id bigint,
  blocked_on json,
  created_at timestamp with time zone default now() not null,
  last_modified timestamp with time zone default now() not null,
  create_index bigint,
  modify_index bigint
);
create table event (
  id bigint generated always as identity not null,
  type text not null,
  occurred_at timestamp with time zone default now() not null
);
create table event_capture (
  singleton boolean default true not null,
  last_read_at timestamp with time zone not null
);
create table event_definition (
  key text not null,
  "position" integer not null,
  source text not null
);
create table event_result (
  "position" bigint not null,
  error text default ''::text not null,
  value text default ''::text not null,
  at timestamp with time zone default now() not null
);
create table execution (
  id bigint not null,
  family text not null,
  job_id bigint not null,
  number integer not null,
  job_type_id bigint not null,
  job_type_revision_id bigint not null,
  status text not null,
  node_id bigint,
  worker_id uuid,
  lease_until timestamp with time zone,
  token uuid default gen_random_uuid() not null,
  error_id bigint,
  exit_code integer,
  timeout_seconds integer default 0 not null,
  input_file_size double precision default 0 not null,
  configuration json,
  resources json,
  task_results json,
  output json,
  next_order bigint default 1 not null,
  created_at timestamp with time zone not null,
  queued_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  last_modified timestamp with time zone not null,
  create_index bigint,
  modify_index bigint
) with (fillfactor=70);
create table execution_transition (
  from_status text not null,
  to_status text not null
);
create table idempotency (
  face text not null,
  key text not null,
  fingerprint bytea not null,
  token uuid not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  done_at timestamp with time zone,
  answer bytea
);
create table job (
  id bigint not null,
  family text not null,
  job_type_id bigint not null,
  job_type_revision_id bigint not null,
  status text not null,
  priority integer not null,
  event_id bigint,
  recipe_id bigint,
  batch_id bigint,
  node_id bigint,
  error_id bigint,
  is_superseded boolean default false not null,
  superseded_job_id bigint,
  superseded_at timestamp with time zone,
  max_tries integer default 1 not null,
  num_exes integer default 0 not null,
  lost_exes integer default 0 not null,
  crashes integer default 0 not null,
  input json,
  input_file_size double precision,
  output json,
  configuration json,
  source_started timestamp with time zone,
  source_ended timestamp with time zone,
  source_sensor_class text,
  source_sensor text,
  source_collection text,
  source_task text,
  created_at timestamp with time zone not null,
  queued_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  last_status_change timestamp with time zone not null,
  last_modified timestamp with time zone not null,
  create_index bigint,
  modify_index bigint
) with (fillfactor=80);
create table job_error (
  id bigint generated always as identity not null,
  job_type_name text,
  name text not null,
  title text not null,
  description text default ''::text not null,
  category text not null,
  is_builtin boolean default false not null,
  should_be_retried boolean default false not null,
  created_at timestamp with time zone default now() not null,
  last_modified timestamp with time zone default now() not null
);
create table job_input_file (
  job_id bigint not null,
  input_name text not null,
  "position" integer not null,
  file_id bigint not null
);
create table job_request (
  id bigint generated always as identity not null,
  action text not null,
  filter json not null,
  priority integer,
  reached bigint,
  changed bigint default 0 not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  done_at timestamp with time zone
);
create table job_tally (
  family text not null,
  job_type_id bigint not null,
  status text not null,
  error_id bigint,
  is_superseded boolean not null,
  n bigint not null
);
create table job_tally_day (
  job_type_id bigint not null,
  status text not null,
  day timestamp with time zone not null,
  n bigint not null
);
create table job_tally_time (
  dimension text not null,
  bucket timestamp with time zone not null,
  n bigint not null
);
create table job_tally_value (
  dimension text not null,
  value text not null,
  n bigint not null
);
create table job_transition (
  from_status text not null,
  to_status text not null
);
create table job_type (
  id bigint generated always as identity not null,
  family text not null,
  name text not null,
  version text not null,
  version_key text collate "C" not null,
  title text,
  description text,
  tags text[] default '{}'::text[] not null,
  icon_code text,
  is_active boolean default true not null,
  is_system boolean default false not null,
  is_paused boolean default false not null,
  is_published boolean default false not null,
  max_scheduled integer,
  max_tries integer default 3 not null,
  revision_num integer not null,
  docker_image text not null,
  manifest json not null,
  configuration json not null,
  unmet_resources text,
  created_at timestamp with time zone default now() not null,
  deprecated_at timestamp with time zone,
  paused_at timestamp with time zone,
  last_modified timestamp with time zone default now() not null
);
create table job_type_revision (
  id bigint generated always as identity not null,
  job_type_id bigint not null,
  revision_num integer not null,
  docker_image text not null,
  manifest json not null,
  created_at timestamp with time zone default now() not null
);
create table job_type_secret (
  job_type_id bigint not null,
  setting text not null,
  sealed bytea not null
);
create table log_chunk (
  stream_id bigint not null,
  execution_id bigint not null,
  byte_start bigint not null,
  byte_end bigint not null,
  first_order bigint not null,
  last_order bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  lines json not null,
  body bytea not null
);
create table log_source (
  id text not null,
  "position" integer not null,
  task_group text not null,
  job text not null,
  task text not null,
  file_name text not null,
  has_level boolean not null
);
create table log_stream (
  id bigint generated always as identity not null,
  execution_id bigint not null,
  task text not null,
  name text not null,
  byte_count bigint default 0 not null,
  line_count bigint default 0 not null
);
create table logger_default (
  logger text not null,
  level text not null
);
create table logger_override (
  execution_id bigint not null,
  logger text not null,
  level text
);
create table node (
  id bigint generated always as identity not null,
  hostname text not null,
  attributes json,
  created_at timestamp with time zone default now() not null,
  last_modified timestamp with time zone default now() not null,
  uuid uuid default gen_random_uuid() not null,
  seen_at timestamp with time zone,
  create_index bigint,
  modify_index bigint
);
create table recipe (
  id bigint generated always as identity not null,
  recipe_type_id bigint not null,
  recipe_type_revision_id bigint not null,
  event_id bigint not null,
  created_at timestamp with time zone default now() not null
);
create table recipe_type (
  id bigint generated always as identity not null,
  name text not null,
  title text default ''::text not null,
  description text default ''::text not null,
  revision_num integer default 1 not null,
  is_active boolean default true not null,
  is_system boolean default false not null,
  created_at timestamp with time zone default now() not null,
  deprecated_at timestamp with time zone,
  last_modified timestamp with time zone default now() not null
);
create table recipe_type_job_type (
  recipe_type_id bigint not null,
  job_type_id bigint not null
);
create table recipe_type_revision (
  id bigint generated always as identity not null,
  recipe_type_id bigint not null,
  revision_num integer not null
);
create table secret (
  id text not null,
  version bigint default 1 not null,
  keys text[] not null,
  sealed bytea not null,
  created_at timestamp with time zone default now() not null,
  last_modified timestamp with time zone default now() not null
);
create table service_job (
  job_id bigint not null,
  region text not null,
  name text not null,
  title text not null,
  kind text not null,
  spec json not null,
  is_stopped boolean default false not null,
  autostart boolean default true not null,
  by_cluster boolean default false not null,
  parent_id bigint,
  is_periodic boolean not null,
  next_launch timestamp with time zone,
  first_run integer default 1 not null,
  job_modify_index bigint,
  deregistered_at timestamp with time zone
);
create table settings (
  singleton boolean default true not null,
  document json not null,
  last_modified timestamp with time zone default now() not null
);
create table task_group (
  id bigint generated always as identity not null,
  job_id bigint not null,
  "position" integer not null,
  name text not null,
  count integer not null,
  count_init integer not null,
  count_max integer not null,
  queued_count integer default 0 not null,
  complete_count bigint default 0 not null,
  failed_count bigint default 0 not null,
  lost_count bigint default 0 not null
);
create table topic_index (
  topic text not null,
  idx bigint not null
) with (fillfactor=50);
create table worker (
  id uuid not null,
  name text not null,
  node_id bigint not null,
  pid integer,
  started_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null
);
create table workspace (
  id bigint generated always as identity not null,
  name text not null,
  title text,
  description text,
  directory text,
  is_active boolean default true not null,
  created_at timestamp with time zone default now() not null,
  last_modified timestamp with time zone default now() not null
);
create table workspace_file (
  id bigint generated always as identity not null,
  workspace_id bigint not null,
  file_name text not null,
  file_path text not null,
  file_type text not null,
  media_type text not null,
  file_size bigint not null,
  data_type_tags text[] default '{}'::text[] not null,
  countries text[] default '{}'::text[] not null,
  geometry text,
  center_point text,
  is_deleted boolean default false not null,
  is_superseded boolean default false not null,
  superseded_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  data_started timestamp with time zone,
  data_ended timestamp with time zone,
  source_started timestamp with time zone,
  source_ended timestamp with time zone,
  source_sensor_class text,
  source_sensor text,
  source_collection text,
  source_task text,
  job_id bigint,
  execution_id bigint,
  job_output text,
  recipe_id bigint,
  recipe_node text,
  batch_id bigint,
  last_modified timestamp with time zone default now() not null
);

alter table allocation add constraint allocation_pkey PRIMARY KEY (execution_id);
alter table allocation add constraint allocation_uuid_key UNIQUE (uuid);
alter table allocation add constraint allocation_client_status_check CHECK ((client_status = ANY (ARRAY['pending'::text, 'running'::text, 'complete'::text, 'failed'::text, 'lost'::text])));
alter table allocation add constraint allocation_desired_status_check CHECK ((desired_status = ANY (ARRAY['run'::text, 'stop'::text, 'evict'::text, 'failed'::text])));
alter table allocation add constraint allocation_slot_check CHECK ((slot >= 0));
alter table allocation add constraint allocation_evaluation_id_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluation(id);
alter table allocation add constraint allocation_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES execution(id);
alter table batch add constraint batch_pkey PRIMARY KEY (id);
alter table change add constraint change_pkey PRIMARY KEY (idx, ordinal);
alter table change add constraint change_idx_check CHECK ((idx > 0));
alter table change add constraint change_ordinal_check CHECK ((ordinal >= 0));
alter table change_index add constraint change_index_pkey PRIMARY KEY (singleton);
alter table change_index add constraint change_index_check CHECK (((oldest >= 1) AND (oldest <= (value + 1))));
alter table change_index add constraint change_index_singleton_check CHECK (singleton);
alter table change_index add constraint change_index_value_check CHECK ((value >= 0));
alter table evaluation add constraint evaluation_pkey PRIMARY KEY (id);
alter table evaluation add constraint evaluation_uuid_key UNIQUE (uuid);
alter table evaluation add constraint evaluation_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'BLOCKED'::text, 'COMPLETE'::text, 'FAILED'::text, 'CANCELED'::text])));
alter table evaluation add constraint evaluation_wait_ns_check CHECK ((wait_ns >= 0));
alter table evaluation add constraint evaluation_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id);
alter table evaluation add constraint evaluation_next_id_fkey FOREIGN KEY (next_id) REFERENCES evaluation(id);
alter table evaluation add constraint evaluation_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id);
alter table evaluation add constraint evaluation_previous_id_fkey FOREIGN KEY (previous_id) REFERENCES evaluation(id);
alter table event add constraint event_pkey PRIMARY KEY (id);
alter table event_capture add constraint event_capture_pkey PRIMARY KEY (singleton);
alter table event_capture add constraint event_capture_singleton_check CHECK (singleton);
alter table event_definition add constraint event_definition_pkey PRIMARY KEY (key);
alter table event_definition add constraint event_definition_position_key UNIQUE ("position");
alter table event_result add constraint event_result_pkey PRIMARY KEY ("position");
alter table event_result add constraint event_result_position_check CHECK (("position" >= 0));
alter table execution add constraint execution_pkey PRIMARY KEY (id);
alter table execution add constraint execution_job_id_number_key UNIQUE (job_id, number);
alter table execution add constraint execution_check CHECK (((family = 'queued'::text) = (id < '1000000000000'::bigint)));
alter table execution add constraint execution_check1 CHECK (((status = ANY (ARRAY['COMPLETED'::text, 'FAILED'::text, 'CANCELED'::text, 'LOST'::text])) = (ended_at IS NOT NULL)));
alter table execution add constraint execution_check2 CHECK (((ended_at IS NULL) OR (lease_until IS NULL)));
alter table execution add constraint execution_family_check CHECK ((family = ANY (ARRAY['queued'::text, 'service'::text])));
alter table execution add constraint execution_input_file_size_check CHECK ((input_file_size >= (0)::double precision));
alter table execution add constraint execution_number_check CHECK ((number > 0));
alter table execution add constraint execution_status_check CHECK ((status = ANY (ARRAY['QUEUED'::text, 'STARTING'::text, 'RUNNING'::text, 'COMPLETED'::text, 'FAILED'::text, 'CANCELED'::text, 'LOST'::text])));
alter table execution add constraint execution_timeout_seconds_check CHECK ((timeout_seconds >= 0));
alter table execution add constraint execution_error_id_fkey FOREIGN KEY (error_id) REFERENCES job_error(id);
alter table execution add constraint execution_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id);
alter table execution add constraint execution_job_type_id_fkey FOREIGN KEY (job_type_id) REFERENCES job_type(id);
alter table execution add constraint execution_job_type_revision_id_fkey FOREIGN KEY (job_type_revision_id) REFERENCES job_type_revision(id);
alter table execution add constraint execution_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id);
alter table execution add constraint execution_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker(id);
alter table execution_transition add constraint execution_transition_pkey PRIMARY KEY (from_status, to_status);
alter table idempotency add constraint idempotency_pkey PRIMARY KEY (face, key);
alter table job add constraint job_pkey PRIMARY KEY (id);
alter table job add constraint job_superseded_job_id_key UNIQUE (superseded_job_id);
alter table job add constraint job_check CHECK (((crashes >= 0) AND (crashes <= lost_exes)));
alter table job add constraint job_check1 CHECK (((family = 'queued'::text) = (id < '1000000000000'::bigint)));
alter table job add constraint job_check2 CHECK ((is_superseded = (superseded_at IS NOT NULL)));
alter table job add constraint job_check3 CHECK (((family = 'service'::text) OR (status <> 'CANCELING'::text)));
alter table job add constraint job_check4 CHECK (((family = 'service'::text) OR (status <> ALL (ARRAY['COMPLETED'::text, 'FAILED'::text])) OR (ended_at IS NOT NULL)));
alter table job add constraint job_check5 CHECK (((family = 'service'::text) OR (status <> 'QUEUED'::text) OR ((num_exes > 0) AND (queued_at IS NOT NULL) AND (error_id IS NULL))));
alter table job add constraint job_check6 CHECK (((family = 'service'::text) OR (status <> 'RUNNING'::text) OR ((num_exes > 0) AND (started_at IS NOT NULL))));
alter table job add constraint job_family_check CHECK ((family = ANY (ARRAY['queued'::text, 'service'::text])));
alter table job add constraint job_input_file_size_check CHECK ((input_file_size >= (0)::double precision));
alter table job add constraint job_lost_exes_check CHECK ((lost_exes >= 0));
alter table job add constraint job_max_tries_check CHECK ((max_tries > 0));
alter table job add constraint job_num_exes_check CHECK ((num_exes >= 0));
alter table job add constraint job_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'BLOCKED'::text, 'QUEUED'::text, 'RUNNING'::text, 'CANCELING'::text, 'COMPLETED'::text, 'FAILED'::text, 'CANCELED'::text])));
alter table job add constraint job_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);
alter table job add constraint job_error_id_fkey FOREIGN KEY (error_id) REFERENCES job_error(id);
alter table job add constraint job_event_id_fkey FOREIGN KEY (event_id) REFERENCES event(id);
alter table job add constraint job_job_type_id_fkey FOREIGN KEY (job_type_id) REFERENCES job_type(id);
alter table job add constraint job_job_type_revision_id_fkey FOREIGN KEY (job_type_revision_id) REFERENCES job_type_revision(id);
alter table job add constraint job_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id);
alter table job add constraint job_recipe_id_fkey FOREIGN KEY (recipe_id) REFERENCES recipe(id);
alter table job add constraint job_superseded_job_id_fkey FOREIGN KEY (superseded_job_id) REFERENCES job(id);
alter table job_error add constraint job_error_pkey PRIMARY KEY (id);
alter table job_error add constraint job_error_category_check CHECK ((category = ANY (ARRAY['SYSTEM'::text, 'DATA'::text, 'ALGORITHM'::text])));
alter table job_input_file add constraint job_input_file_pkey PRIMARY KEY (job_id, input_name, "position");
alter table job_input_file add constraint job_input_file_position_check CHECK (("position" >= 0));
alter table job_input_file add constraint job_input_file_file_id_fkey FOREIGN KEY (file_id) REFERENCES workspace_file(id);
alter table job_input_file add constraint job_input_file_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id);
alter table job_request add constraint job_request_pkey PRIMARY KEY (id);
alter table job_request add constraint job_request_action_check CHECK ((action = ANY (ARRAY['CANCEL'::text, 'REQUEUE'::text])));
alter table job_request add constraint job_request_priority_check CHECK ((priority > 0));
alter table job_transition add constraint job_transition_pkey PRIMARY KEY (from_status, to_status);
alter table job_type add constraint job_type_pkey PRIMARY KEY (id);
alter table job_type add constraint job_type_family_name_version_key UNIQUE (family, name, version);
alter table job_type add constraint job_type_check CHECK ((is_active = (deprecated_at IS NULL)));
alter table job_type add constraint job_type_check1 CHECK ((is_paused = (paused_at IS NOT NULL)));
alter table job_type add constraint job_type_family_check CHECK ((family = ANY (ARRAY['queued'::text, 'service'::text])));
alter table job_type add constraint job_type_max_scheduled_check CHECK ((max_scheduled > 0));
alter table job_type add constraint job_type_max_tries_check CHECK ((max_tries > 0));
alter table job_type add constraint job_type_name_check CHECK ((name <> ''::text));
alter table job_type add constraint job_type_revision_num_check CHECK ((revision_num > 0));
alter table job_type_revision add constraint job_type_revision_pkey PRIMARY KEY (id);
alter table job_type_revision add constraint job_type_revision_job_type_id_revision_num_key UNIQUE (job_type_id, revision_num);
alter table job_type_revision add constraint job_type_revision_revision_num_check CHECK ((revision_num > 0));
alter table job_type_revision add constraint job_type_revision_job_type_id_fkey FOREIGN KEY (job_type_id) REFERENCES job_type(id);
alter table job_type_secret add constraint job_type_secret_pkey PRIMARY KEY (job_type_id, setting);
alter table job_type_secret add constraint job_type_secret_job_type_id_fkey FOREIGN KEY (job_type_id) REFERENCES job_type(id);
alter table log_chunk add constraint log_chunk_pkey PRIMARY KEY (stream_id, byte_start);
alter table log_chunk add constraint log_chunk_byte_start_check CHECK ((byte_start >= 0));
alter table log_chunk add constraint log_chunk_check CHECK ((byte_end > byte_start));
alter table log_chunk add constraint log_chunk_check1 CHECK ((last_order >= first_order));
alter table log_chunk add constraint log_chunk_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES log_stream(id);
alter table log_source add constraint log_source_pkey PRIMARY KEY (id);
alter table log_source add constraint log_source_position_key UNIQUE ("position");
alter table log_stream add constraint log_stream_pkey PRIMARY KEY (id);
alter table log_stream add constraint log_stream_execution_id_task_name_key UNIQUE (execution_id, task, name);
alter table log_stream add constraint log_stream_byte_count_check CHECK ((byte_count >= 0));
alter table log_stream add constraint log_stream_line_count_check CHECK ((line_count >= 0));
alter table log_stream add constraint log_stream_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES execution(id);
alter table logger_default add constraint logger_default_pkey PRIMARY KEY (logger);
alter table logger_default add constraint logger_default_level_check CHECK ((level = ANY (ARRAY['debug'::text, 'info'::text, 'warning'::text, 'error'::text, 'fatal'::text, 'panic'::text])));
alter table logger_override add constraint logger_override_pkey PRIMARY KEY (execution_id, logger);
alter table logger_override add constraint logger_override_level_check CHECK ((level = ANY (ARRAY['debug'::text, 'info'::text, 'warning'::text, 'error'::text, 'fatal'::text, 'panic'::text])));
alter table logger_override add constraint logger_override_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES execution(id);
alter table node add constraint node_pkey PRIMARY KEY (id);
alter table node add constraint node_hostname_key UNIQUE (hostname);
alter table node add constraint node_uuid_key UNIQUE (uuid);
alter table node add constraint node_hostname_check CHECK ((hostname <> ''::text));
alter table recipe add constraint recipe_pkey PRIMARY KEY (id);
alter table recipe add constraint recipe_event_id_fkey FOREIGN KEY (event_id) REFERENCES event(id);
alter table recipe add constraint recipe_recipe_type_id_fkey FOREIGN KEY (recipe_type_id) REFERENCES recipe_type(id);
alter table recipe add constraint recipe_recipe_type_revision_id_fkey FOREIGN KEY (recipe_type_revision_id) REFERENCES recipe_type_revision(id);
alter table recipe_type add constraint recipe_type_pkey PRIMARY KEY (id);
alter table recipe_type add constraint recipe_type_name_key UNIQUE (name);
alter table recipe_type_job_type add constraint recipe_type_job_type_pkey PRIMARY KEY (recipe_type_id, job_type_id);
alter table recipe_type_job_type add constraint recipe_type_job_type_job_type_id_fkey FOREIGN KEY (job_type_id) REFERENCES job_type(id);
alter table recipe_type_job_type add constraint recipe_type_job_type_recipe_type_id_fkey FOREIGN KEY (recipe_type_id) REFERENCES recipe_type(id);
alter table recipe_type_revision add constraint recipe_type_revision_pkey PRIMARY KEY (id);
alter table recipe_type_revision add constraint recipe_type_revision_recipe_type_id_revision_num_key UNIQUE (recipe_type_id, revision_num);
alter table recipe_type_revision add constraint recipe_type_revision_recipe_type_id_fkey FOREIGN KEY (recipe_type_id) REFERENCES recipe_type(id);
alter table secret add constraint secret_pkey PRIMARY KEY (id);
alter table secret add constraint secret_id_check CHECK ((id ~ '^[A-Za-z0-9_.-]+$'::text));
alter table service_job add constraint service_job_pkey PRIMARY KEY (job_id);
alter table service_job add constraint service_job_check CHECK (((next_launch IS NULL) OR (is_periodic AND (NOT is_stopped) AND (deregistered_at IS NULL))));
alter table service_job add constraint service_job_first_run_check CHECK ((first_run > 0));
alter table service_job add constraint service_job_name_check CHECK ((name <> ''::text));
alter table service_job add constraint service_job_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id);
alter table service_job add constraint service_job_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES job(id);
alter table settings add constraint settings_pkey PRIMARY KEY (singleton);
alter table settings add constraint settings_singleton_check CHECK (singleton);
alter table task_group add constraint task_group_pkey PRIMARY KEY (id);
alter table task_group add constraint task_group_job_id_name_key UNIQUE (job_id, name);
alter table task_group add constraint task_group_check CHECK (((count >= 0) AND (count <= count_max)));
alter table task_group add constraint task_group_check1 CHECK (((count_init >= 0) AND (count_init <= count_max)));
alter table task_group add constraint task_group_complete_count_check CHECK ((complete_count >= 0));
alter table task_group add constraint task_group_failed_count_check CHECK ((failed_count >= 0));
alter table task_group add constraint task_group_lost_count_check CHECK ((lost_count >= 0));
alter table task_group add constraint task_group_name_check CHECK ((name <> ''::text));
alter table task_group add constraint task_group_position_check CHECK (("position" >= 0));
alter table task_group add constraint task_group_queued_count_check CHECK ((queued_count >= 0));
alter table task_group add constraint task_group_job_id_fkey FOREIGN KEY (job_id) REFERENCES service_job(job_id);
alter table topic_index add constraint topic_index_pkey PRIMARY KEY (topic);
alter table topic_index add constraint topic_index_idx_check CHECK ((idx > 0));
alter table worker add constraint worker_pkey PRIMARY KEY (id);
alter table worker add constraint worker_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id);
alter table workspace add constraint workspace_pkey PRIMARY KEY (id);
alter table workspace add constraint workspace_name_key UNIQUE (name);
alter table workspace add constraint workspace_name_check CHECK ((name <> ''::text));
alter table workspace_file add constraint workspace_file_pkey PRIMARY KEY (id);
alter table workspace_file add constraint workspace_file_check CHECK ((is_deleted = (deleted_at IS NOT NULL)));
alter table workspace_file add constraint workspace_file_file_name_check CHECK ((file_name <> ''::text));
alter table workspace_file add constraint workspace_file_file_size_check CHECK ((file_size >= 0));
alter table workspace_file add constraint workspace_file_file_type_check CHECK ((file_type = ANY (ARRAY['SOURCE'::text, 'PRODUCT'::text])));
alter table workspace_file add constraint workspace_file_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);
alter table workspace_file add constraint workspace_file_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES execution(id);
alter table workspace_file add constraint workspace_file_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id);
alter table workspace_file add constraint workspace_file_recipe_id_fkey FOREIGN KEY (recipe_id) REFERENCES recipe(id);
alter table workspace_file add constraint workspace_file_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id);

CREATE INDEX allocation_evaluation ON allocation USING btree (evaluation_id, execution_id);
CREATE INDEX allocation_job ON allocation USING btree (region, job_name, uuid);
CREATE INDEX change_job ON change USING btree (job_id, idx, ordinal) WHERE (job_id IS NOT NULL);
CREATE INDEX evaluation_job ON evaluation USING btree (region, job_name, uuid);
CREATE INDEX evaluation_of_job ON evaluation USING btree (job_id, id) WHERE (job_id IS NOT NULL);
CREATE INDEX evaluation_open ON evaluation USING btree (status, priority DESC, id) WHERE (status = ANY (ARRAY['PENDING'::text, 'BLOCKED'::text]));
CREATE INDEX evaluation_open_job ON evaluation USING btree (job_id) WHERE (status = ANY (ARRAY['PENDING'::text, 'BLOCKED'::text]));
CREATE INDEX execution_job_type ON execution USING btree (job_type_id, id);
CREATE INDEX execution_lease ON execution USING btree (lease_until) WHERE (lease_until IS NOT NULL);
CREATE INDEX execution_live ON execution USING btree (job_id) WHERE ((family = 'service'::text) AND (ended_at IS NULL));
CREATE INDEX execution_service_node ON execution USING btree (node_id, job_id, number) WHERE (family = 'service'::text);
CREATE INDEX execution_unclaimed ON execution USING btree (node_id, id) WHERE ((family = 'service'::text) AND (ended_at IS NULL) AND (worker_id IS NULL));
CREATE INDEX idempotency_created ON idempotency USING btree (created_at);
CREATE INDEX job_batch ON job USING btree (batch_id, last_modified, id) WHERE (batch_id IS NOT NULL);
CREATE INDEX job_created ON job USING btree (created_at, id) INCLUDE (source_started, source_ended) WHERE (family = 'queued'::text);
CREATE INDEX job_error_modified ON job USING btree (error_id, last_modified, id) WHERE (error_id IS NOT NULL);
CREATE INDEX job_failed_change ON job USING btree (last_status_change) INCLUDE (job_type_id, error_id) WHERE ((family = 'queued'::text) AND (status = 'FAILED'::text));
CREATE INDEX job_failure ON job USING btree (job_type_id, error_id, last_status_change) WHERE ((family = 'queued'::text) AND (status = 'FAILED'::text));
CREATE INDEX job_modified ON job USING btree (last_modified, id) INCLUDE (source_started, source_ended) WHERE (family = 'queued'::text);
CREATE INDEX job_node_created ON job USING btree (node_id, created_at, id) WHERE ((family = 'queued'::text) AND (node_id IS NOT NULL));
CREATE INDEX job_open_change ON job USING btree (status, last_status_change, id) WHERE ((family = 'queued'::text) AND (status = ANY (ARRAY['PENDING'::text, 'BLOCKED'::text, 'QUEUED'::text, 'RUNNING'::text])));
CREATE INDEX job_open_created ON job USING btree (status, created_at, id) WHERE ((family = 'queued'::text) AND (status = ANY (ARRAY['PENDING'::text, 'BLOCKED'::text, 'QUEUED'::text, 'RUNNING'::text])));
CREATE INDEX job_queue ON job USING btree (priority, queued_at, id) WHERE ((status = 'QUEUED'::text) AND (family = 'queued'::text));
CREATE INDEX job_recipe ON job USING btree (recipe_id, last_modified, id) WHERE (recipe_id IS NOT NULL);
CREATE INDEX job_running ON job USING btree (job_type_id) WHERE ((status = 'RUNNING'::text) AND (family = 'queued'::text));
CREATE INDEX job_slow_change ON job USING btree (last_status_change, id) INCLUDE (created_at, started_at, ended_at, last_modified) WHERE ((family = 'queued'::text) AND ((last_modified - created_at) > '06:00:00'::interval));
CREATE INDEX job_slow_created ON job USING btree (created_at, id) INCLUDE (started_at, ended_at, last_status_change, last_modified) WHERE ((family = 'queued'::text) AND ((last_modified - created_at) > '06:00:00'::interval));
CREATE INDEX job_slow_modified ON job USING btree (last_modified, id) INCLUDE (created_at, started_at, ended_at, last_status_change) WHERE ((family = 'queued'::text) AND ((last_modified - created_at) > '06:00:00'::interval));
CREATE INDEX job_source_collection ON job USING btree (source_collection, last_modified, id) WHERE ((family = 'queued'::text) AND (source_collection IS NOT NULL));
CREATE INDEX job_source_ended ON job USING btree (source_ended, last_modified, id) WHERE ((family = 'queued'::text) AND (source_ended IS NOT NULL));
CREATE INDEX job_source_sensor ON job USING btree (source_sensor, last_modified, id) WHERE ((family = 'queued'::text) AND (source_sensor IS NOT NULL));
CREATE INDEX job_source_sensor_class ON job USING btree (source_sensor_class, last_modified, id) WHERE ((family = 'queued'::text) AND (source_sensor_class IS NOT NULL));
CREATE INDEX job_source_started ON job USING btree (source_started, last_modified, id) WHERE ((family = 'queued'::text) AND (source_started IS NOT NULL));
CREATE INDEX job_source_task ON job USING btree (source_task, last_modified, id) WHERE ((family = 'queued'::text) AND (source_task IS NOT NULL));
CREATE INDEX job_status_change ON job USING btree (last_status_change, id) INCLUDE (job_type_id, status, error_id, source_started, source_ended) WHERE (family = 'queued'::text);
CREATE INDEX job_status_modified ON job USING btree (status, last_modified, id) WHERE (family = 'queued'::text);
CREATE INDEX job_status_reached ON job USING btree (job_type_id, status, last_status_change) WHERE (family = 'queued'::text);
CREATE INDEX job_superseded_change ON job USING btree (last_status_change, id) WHERE ((family = 'queued'::text) AND is_superseded);
CREATE INDEX job_superseded_created ON job USING btree (created_at, id) WHERE ((family = 'queued'::text) AND is_superseded);
CREATE INDEX job_superseded_modified ON job USING btree (last_modified, id) WHERE ((family = 'queued'::text) AND is_superseded);
CREATE INDEX job_type_modified_job ON job USING btree (job_type_id, last_modified, id) WHERE (family = 'queued'::text);
CREATE INDEX service_created ON job USING btree (created_at, id) INCLUDE (job_type_id, status, started_at, ended_at, last_status_change, last_modified) WHERE (family = 'service'::text);
CREATE INDEX service_modified ON job USING btree (last_modified, id) INCLUDE (job_type_id, status, started_at, ended_at, created_at, last_status_change) WHERE (family = 'service'::text);
CREATE INDEX service_status_change ON job USING btree (last_status_change, id) INCLUDE (job_type_id, status, started_at, ended_at, created_at, last_modified) WHERE (family = 'service'::text);
CREATE INDEX service_type_modified ON job USING btree (job_type_id, last_modified, id) WHERE (family = 'service'::text);
CREATE UNIQUE INDEX job_error_name ON job_error USING btree (name, COALESCE(job_type_name, ''::text));
CREATE INDEX job_input_file_file ON job_input_file USING btree (file_id);
CREATE INDEX job_request_open ON job_request USING btree (id) WHERE (done_at IS NULL);
CREATE INDEX job_tally_type ON job_tally USING btree (family, job_type_id, status);
CREATE INDEX job_tally_day_day ON job_tally_day USING btree (day) INCLUDE (job_type_id, status, n);
CREATE INDEX job_tally_time_bucket ON job_tally_time USING btree (dimension, bucket) INCLUDE (n);
CREATE INDEX job_tally_value_value ON job_tally_value USING btree (dimension, value) INCLUDE (n);
CREATE INDEX job_type_modified ON job_type USING btree (last_modified, id);
CREATE INDEX log_chunk_order ON log_chunk USING btree (execution_id, last_order);
CREATE INDEX recipe_of_type ON recipe USING btree (recipe_type_id, id);
CREATE INDEX service_job_launch ON service_job USING btree (next_launch) WHERE (next_launch IS NOT NULL);
CREATE UNIQUE INDEX service_job_name ON service_job USING btree (region, name COLLATE "C") WHERE (deregistered_at IS NULL);
CREATE INDEX service_job_parent ON service_job USING btree (parent_id, job_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX workspace_file_job ON workspace_file USING btree (job_id) WHERE (job_id IS NOT NULL);
CREATE UNIQUE INDEX workspace_file_path ON workspace_file USING btree (workspace_id, file_path) WHERE (NOT is_deleted);

CREATE OR REPLACE FUNCTION record_changes(changes json, block integer)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  top bigint;
  base bigint;
  kinds text[];
begin
  perform pg_advisory_xact_lock(4242000001);
  update change_index set value = value + block returning value into top;
  base := top - block + 1;
  insert into change (idx, ordinal, kind, entity_id, job_id, job_type_id, from_status, to_status, at, detail, topics)
    select base + coalesce(c.step, 0), (row_number() over ()) - 1, c.kind, c.entity_id, c.job_id, c.job_type_id,
           c.from_status, c.to_status, coalesce(c.at, clock_timestamp()), c.detail, c.topics
    from json_to_recordset(changes) as c (step integer, kind text, entity_id bigint, job_id bigint, job_type_id bigint,
           from_status text, to_status text, at timestamptz, detail json, topics text[]);
  select array_agg(distinct c ->> 'kind') from json_array_elements(changes) c into kinds;
  -- The stamps change nothing that is counted, so the tally need not look at them.
  perform set_config('jobgraph.stamping', 'on', true);
  if 'JOB' = any(kinds) then
  update job set modify_index = s.idx, create_index = coalesce(create_index, s.idx)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'JOB'
      and (entity_id < 1000000000000 or 'service-jobs' = any(topics)) group by 1) s
    where job.id = s.entity_id;
  update service_job set job_modify_index = s.idx
    from (select entity_id, min(idx) as idx from change where idx between base and top and kind = 'JOB'
      and entity_id >= 1000000000000 group by 1) s
    where service_job.job_id = s.entity_id and job_modify_index is null;
  end if;
  if 'EXECUTION' = any(kinds) then
  update execution set modify_index = s.idx, create_index = coalesce(create_index, s.idx)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'EXECUTION' group by 1) s
    where execution.id = s.entity_id;
  end if;
  if 'EVALUATION' = any(kinds) then
  update evaluation set modify_index = s.idx, create_index = coalesce(create_index, s.idx),
      job_modify_index = coalesce(job_modify_index, base), node_modify_index = coalesce(node_modify_index, base)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'EVALUATION' group by 1) s
    where evaluation.id = s.entity_id;
  end if;
  if 'NODE' = any(kinds) then
  update node set modify_index = s.idx, create_index = coalesce(create_index, s.idx)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'NODE' group by 1) s
    where node.id = s.entity_id;
  end if;
  perform set_config('jobgraph.stamping', 'off', true);
  insert into topic_index (topic, idx)
    select t, max(idx) from change, unnest(topics) t
      where idx between base and top and topics is not null and strpos(t, ':') = 0 group by t
    on conflict (topic) do update set idx = excluded.idx;
  return top;
end $function$
;
CREATE OR REPLACE FUNCTION refuse_transition()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare allowed boolean;
begin
  if tg_table_name = 'job' then
    select exists (select from job_transition t where t.from_status = old.status and t.to_status = new.status) into allowed;
  else
    select exists (select from execution_transition t where t.from_status = old.status and t.to_status = new.status) into allowed;
  end if;
  if not allowed then
    raise exception '% % cannot go from % to %', tg_table_name, old.id, old.status, new.status using errcode = 'check_violation';
  end if;
  return new;
end $function$
;
CREATE OR REPLACE FUNCTION tally_bucket(at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select date_bin('10 minutes', at, timestamptz '2000-01-01 00:00:00+00')
$function$
;
CREATE OR REPLACE FUNCTION tally_day(at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select date_bin('24 hours', at, timestamptz '2000-01-01 00:00:00+00')
$function$
;
CREATE OR REPLACE FUNCTION tally_day_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with delta as (select *, -1 as d from removed)
  insert into job_tally_day (job_type_id, status, day, n)
    select job_type_id, status, tally_day(last_status_change), sum(d) from delta where status not in ('RUNNING', 'FAILED') and family = 'queued'
    group by 1, 2, 3 having sum(d) <> 0;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION tally_day_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with delta as (select *, 1 as d from added)
  insert into job_tally_day (job_type_id, status, day, n)
    select job_type_id, status, tally_day(last_status_change), sum(d) from delta where status not in ('RUNNING', 'FAILED') and family = 'queued'
    group by 1, 2, 3 having sum(d) <> 0;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION tally_day_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with delta as (select *, 1 as d from added union all select *, -1 from removed)
  insert into job_tally_day (job_type_id, status, day, n)
    select job_type_id, status, tally_day(last_status_change), sum(d) from delta where status not in ('RUNNING', 'FAILED') and family = 'queued'
    group by 1, 2, 3 having sum(d) <> 0;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION tally_job_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with delta as (select *, -1 as d from removed)
  insert into job_tally (family, job_type_id, status, error_id, is_superseded, n)
    select family, job_type_id, status, error_id, is_superseded, sum(d) from delta
    group by 1, 2, 3, 4, 5 having sum(d) <> 0;
  with delta as (select *, -1 as d from removed)
  insert into job_tally_value (dimension, value, n)
    select v.dimension, v.value, sum(delta.d) from delta, lateral (values
      ('batch', delta.batch_id::text), ('recipe', delta.recipe_id::text), ('source_sensor_class', delta.source_sensor_class::text), ('source_sensor', delta.source_sensor::text), ('source_collection', delta.source_collection::text), ('source_task', delta.source_task::text)) v (dimension, value)
    where v.value is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  with delta as (select *, -1 as d from removed)
  insert into job_tally_time (dimension, bucket, n)
    select v.dimension, tally_bucket(v.at), sum(delta.d) from delta, lateral (values
      ('last_modified', delta.last_modified), ('source_started', delta.source_started), ('source_ended', delta.source_ended)) v (dimension, at)
    where v.at is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION tally_job_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with delta as (select *, 1 as d from added)
  insert into job_tally (family, job_type_id, status, error_id, is_superseded, n)
    select family, job_type_id, status, error_id, is_superseded, sum(d) from delta
    group by 1, 2, 3, 4, 5 having sum(d) <> 0;
  with delta as (select *, 1 as d from added)
  insert into job_tally_value (dimension, value, n)
    select v.dimension, v.value, sum(delta.d) from delta, lateral (values
      ('batch', delta.batch_id::text), ('recipe', delta.recipe_id::text), ('source_sensor_class', delta.source_sensor_class::text), ('source_sensor', delta.source_sensor::text), ('source_collection', delta.source_collection::text), ('source_task', delta.source_task::text)) v (dimension, value)
    where v.value is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  with delta as (select *, 1 as d from added)
  insert into job_tally_time (dimension, bucket, n)
    select v.dimension, tally_bucket(v.at), sum(delta.d) from delta, lateral (values
      ('last_modified', delta.last_modified), ('source_started', delta.source_started), ('source_ended', delta.source_ended)) v (dimension, at)
    where v.at is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION tally_job_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with delta as (select *, 1 as d from added union all select *, -1 from removed)
  insert into job_tally (family, job_type_id, status, error_id, is_superseded, n)
    select family, job_type_id, status, error_id, is_superseded, sum(d) from delta
    group by 1, 2, 3, 4, 5 having sum(d) <> 0;
  with delta as (select *, 1 as d from added union all select *, -1 from removed)
  insert into job_tally_value (dimension, value, n)
    select v.dimension, v.value, sum(delta.d) from delta, lateral (values
      ('batch', delta.batch_id::text), ('recipe', delta.recipe_id::text), ('source_sensor_class', delta.source_sensor_class::text), ('source_sensor', delta.source_sensor::text), ('source_collection', delta.source_collection::text), ('source_task', delta.source_task::text)) v (dimension, value)
    where v.value is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  with delta as (select *, 1 as d from added union all select *, -1 from removed)
  insert into job_tally_time (dimension, bucket, n)
    select v.dimension, tally_bucket(v.at), sum(delta.d) from delta, lateral (values
      ('last_modified', delta.last_modified), ('source_started', delta.source_started), ('source_ended', delta.source_ended)) v (dimension, at)
    where v.at is not null and delta.family = 'queued' group by 1, 2 having sum(delta.d) <> 0;
  return null;
end $function$
;

CREATE TRIGGER execution_transition BEFORE UPDATE OF status ON execution FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_transition();
CREATE TRIGGER job_tally_day_delete AFTER DELETE ON job REFERENCING OLD TABLE AS removed FOR EACH STATEMENT WHEN ((COALESCE(current_setting('jobgraph.stamping'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION tally_day_delete();
CREATE TRIGGER job_tally_day_insert AFTER INSERT ON job REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ((COALESCE(current_setting('jobgraph.stamping'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION tally_day_insert();
CREATE TRIGGER job_tally_day_update AFTER UPDATE ON job REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT WHEN ((COALESCE(current_setting('jobgraph.stamping'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION tally_day_update();
CREATE TRIGGER job_tally_delete AFTER DELETE ON job REFERENCING OLD TABLE AS removed FOR EACH STATEMENT WHEN ((COALESCE(current_setting('jobgraph.stamping'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION tally_job_delete();
CREATE TRIGGER job_tally_insert AFTER INSERT ON job REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ((COALESCE(current_setting('jobgraph.stamping'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION tally_job_insert();
CREATE TRIGGER job_tally_update AFTER UPDATE ON job REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT WHEN ((COALESCE(current_setting('jobgraph.stamping'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION tally_job_update();
CREATE TRIGGER job_transition BEFORE UPDATE OF status ON job FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_transition();
