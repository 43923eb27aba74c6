import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { JobAction } from '#model/job.ts'
import type { Json } from '#model/json.ts'
import type { ErrorCategory, ExecutionStatus, JobFamily, JobStatus } from '#model/status.ts'
import type { ClusterTables } from './cluster-tables.ts'
import type { ServiceTables } from './service-tables.ts'

/**
 * The tables as Kysely sees them. Bigints are JavaScript numbers (ids and indexes stay below 2^53), timestamps are ISO
 * texts in UTC, and `json` columns are read by `parseJson` and written as text by `json()` of database.ts.
 */
type JsonColumn = ColumnType<Json, string, string>
type NullableJson = ColumnType<Json | null, string | null, string | null>
type Identity = GeneratedAlways<number>
type Text = string | null
type Time = string | null

export type ChangeIndexTable = { singleton: Generated<boolean>; value: number; oldest: number; store_id: string }
export type ChangeTable = {
  idx: number
  ordinal: number
  kind: string
  entity_id: number
  job_id: number | null
  job_type_id: number | null
  from_status: Text
  to_status: Text
  at: string
  detail: NullableJson
  topics: string[] | null
}
export type IdempotencyTable = {
  face: string
  key: string
  fingerprint: Uint8Array
  token: string
  created_at: Generated<string>
  done_at: Time
  answer: Uint8Array | null
}
export type TopicIndexTable = { topic: string; idx: number }
export type NodeTable = {
  id: Identity
  hostname: string
  uuid: Generated<string>
  /** Datacenter, attributes, meta and capacity; null where the node takes no allocations. */
  attributes: NullableJson
  seen_at: Time
  created_at: Generated<string>
  last_modified: Generated<string>
  create_index: number | null
  modify_index: number | null
}
export type WorkerTable = {
  id: string
  name: string
  node_id: number
  pid: number | null
  started_at: Generated<string>
  seen_at: Generated<string>
}
export type WorkspaceTable = {
  id: Identity
  name: string
  title: Text
  description: Text
  directory: Text
  is_active: Generated<boolean>
  created_at: Generated<string>
  last_modified: Generated<string>
}
export type EventTable = { id: Identity; type: string; occurred_at: Generated<string> }
export type JobErrorTable = {
  id: Identity
  job_type_name: Text
  name: string
  title: string
  description: Generated<string>
  category: ErrorCategory
  is_builtin: Generated<boolean>
  should_be_retried: Generated<boolean>
  created_at: Generated<string>
  last_modified: Generated<string>
}
export type RecipeTypeTable = {
  id: Identity
  name: string
  title: Generated<string>
  description: Generated<string>
  revision_num: Generated<number>
  is_active: Generated<boolean>
  is_system: Generated<boolean>
  created_at: Generated<string>
  deprecated_at: Time
  last_modified: Generated<string>
}
export type RecipeTypeRevisionTable = { id: Identity; recipe_type_id: number; revision_num: number }
export type RecipeTable = {
  id: Identity
  recipe_type_id: number
  recipe_type_revision_id: number
  event_id: number
  created_at: Generated<string>
}
export type BatchTable = { id: Identity; title: string; description: Generated<string>; created_at: Generated<string> }
export type JobTypeTable = {
  id: Identity
  family: JobFamily
  name: string
  version: string
  version_key: string
  title: Text
  description: Text
  tags: Generated<string[]>
  icon_code: Text
  is_active: Generated<boolean>
  is_system: Generated<boolean>
  is_paused: Generated<boolean>
  is_published: Generated<boolean>
  max_scheduled: number | null
  max_tries: Generated<number>
  revision_num: number
  docker_image: string
  manifest: JsonColumn
  configuration: JsonColumn
  unmet_resources: Text
  created_at: Generated<string>
  deprecated_at: Time
  paused_at: Time
  last_modified: Generated<string>
}
export type JobTypeRevisionTable = {
  id: Identity
  job_type_id: number
  revision_num: number
  docker_image: string
  manifest: JsonColumn
  created_at: Generated<string>
}
export type JobTypeSecretTable = { job_type_id: number; setting: string; sealed: Uint8Array }
export type RecipeTypeJobTypeTable = { recipe_type_id: number; job_type_id: number }
export type JobTable = {
  id: number
  family: JobFamily
  job_type_id: number
  job_type_revision_id: number
  status: JobStatus
  priority: number
  event_id: number | null
  recipe_id: number | null
  batch_id: number | null
  node_id: number | null
  error_id: number | null
  is_superseded: Generated<boolean>
  superseded_job_id: number | null
  superseded_at: Time
  max_tries: Generated<number>
  num_exes: Generated<number>
  lost_exes: Generated<number>
  crashes: Generated<number>
  input: NullableJson
  input_file_size: number | null
  output: NullableJson
  configuration: NullableJson
  source_started: Time
  source_ended: Time
  source_sensor_class: Text
  source_sensor: Text
  source_collection: Text
  source_task: Text
  created_at: string
  queued_at: Time
  started_at: Time
  ended_at: Time
  last_status_change: string
  last_modified: string
  create_index: number | null
  modify_index: number | null
}
export type JobTallyTable = {
  family: JobFamily
  job_type_id: number
  status: JobStatus
  error_id: number | null
  is_superseded: boolean
  n: number
}
export type JobTallyValueTable = { dimension: string; value: string; n: number }
export type JobTallyTimeTable = { dimension: string; bucket: string; n: number }
export type JobTallyDayTable = { job_type_id: number; status: JobStatus; day: string; n: number }
export type JobRequestTable = {
  id: Identity
  action: JobAction
  filter: JsonColumn
  priority: number | null
  reached: number | null
  changed: Generated<number>
  created_at: Generated<string>
  done_at: Time
}
export type ExecutionTable = {
  id: number
  family: JobFamily
  job_id: number
  number: number
  job_type_id: number
  job_type_revision_id: number
  status: ExecutionStatus
  node_id: number | null
  worker_id: Text
  lease_until: Time
  token: Generated<string>
  error_id: number | null
  exit_code: number | null
  timeout_seconds: Generated<number>
  input_file_size: Generated<number>
  configuration: NullableJson
  resources: NullableJson
  task_results: NullableJson
  output: NullableJson
  next_order: Generated<number>
  created_at: string
  queued_at: string
  started_at: Time
  ended_at: Time
  last_modified: string
  create_index: number | null
  modify_index: number | null
}
export type WorkspaceFileTable = {
  id: Identity
  workspace_id: number
  file_name: string
  file_path: string
  file_type: 'SOURCE' | 'PRODUCT'
  media_type: string
  file_size: number
  data_type_tags: Generated<string[]>
  countries: Generated<string[]>
  geometry: Text
  center_point: Text
  is_deleted: Generated<boolean>
  is_superseded: Generated<boolean>
  superseded_at: Time
  created_at: Generated<string>
  deleted_at: Time
  data_started: Time
  data_ended: Time
  source_started: Time
  source_ended: Time
  source_sensor_class: Text
  source_sensor: Text
  source_collection: Text
  source_task: Text
  job_id: number | null
  execution_id: number | null
  job_output: Text
  recipe_id: number | null
  recipe_node: Text
  batch_id: number | null
  last_modified: Generated<string>
}
export type JobInputFileTable = { job_id: number; input_name: string; position: number; file_id: number }
export type LogStreamTable = {
  id: Identity
  execution_id: number
  task: string
  name: string
  byte_count: Generated<number>
  line_count: Generated<number>
}
export type LogChunkTable = {
  stream_id: number
  execution_id: number
  byte_start: number
  byte_end: number
  first_order: number
  last_order: number
  first_at: string
  last_at: string
  lines: JsonColumn
  body: Uint8Array
}

/** Every table that the code reads today; the service family's join as their routes arrive. */
export type Database = {
  change_index: ChangeIndexTable
  change: ChangeTable
  topic_index: TopicIndexTable
  idempotency: IdempotencyTable
  node: NodeTable
  worker: WorkerTable
  workspace: WorkspaceTable
  event: EventTable
  job_error: JobErrorTable
  recipe_type: RecipeTypeTable
  recipe_type_revision: RecipeTypeRevisionTable
  recipe: RecipeTable
  batch: BatchTable
  job_type: JobTypeTable
  job_type_revision: JobTypeRevisionTable
  job_type_secret: JobTypeSecretTable
  recipe_type_job_type: RecipeTypeJobTypeTable
  job: JobTable
  job_tally: JobTallyTable
  job_tally_value: JobTallyValueTable
  job_tally_time: JobTallyTimeTable
  job_tally_day: JobTallyDayTable
  job_request: JobRequestTable
  execution: ExecutionTable
  workspace_file: WorkspaceFileTable
  job_input_file: JobInputFileTable
  log_stream: LogStreamTable
  log_chunk: LogChunkTable
} & ClusterTables &
  ServiceTables
