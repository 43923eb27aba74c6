import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { ClientStatus, DesiredStatus } from '#model/allocation.ts'
import type { EvaluationStatus } from '#model/evaluation.ts'
import type { Json } from '#model/json.ts'

/** Service jobs, as Kysely sees them. Indexes are stamped by the change log as the last act of their transaction. */
export type ServiceTables = {
  service_job: ServiceJobTable
  task_group: TaskGroupTable
  evaluation: EvaluationTable
  allocation: AllocationTable
}

type NullableJson = ColumnType<Json | null, string | null, string | null>

export type ServiceJobTable = {
  job_id: number
  region: string
  name: string
  title: string
  kind: string
  /** As registered; the counts that hold are the task groups'. */
  spec: ColumnType<Json, string, string>
  is_stopped: Generated<boolean>
  autostart: boolean
  by_cluster: boolean
  parent_id: number | null
  is_periodic: boolean
  next_launch: string | null
  /** The first execution of the present run: a batch job that is started again does not rest on earlier ones. */
  first_run: Generated<number>
  job_modify_index: number | null
  deregistered_at: string | null
}
export type TaskGroupTable = {
  id: GeneratedAlways<number>
  job_id: number
  position: number
  name: string
  count: number
  count_init: number
  count_max: number
  queued_count: Generated<number>
  complete_count: Generated<number>
  failed_count: Generated<number>
  lost_count: Generated<number>
}
export type EvaluationTable = {
  id: GeneratedAlways<number>
  uuid: Generated<string>
  job_id: number | null
  region: string
  job_name: string
  priority: number
  type: string
  triggered_by: string
  job_modify_index: number | null
  node_id: number | null
  node_modify_index: number | null
  status: EvaluationStatus
  status_description: Generated<string>
  wait_ns: Generated<number>
  next_id: number | null
  previous_id: number | null
  blocked_on: NullableJson
  created_at: Generated<string>
  last_modified: Generated<string>
  create_index: number | null
  modify_index: number | null
}
export type AllocationTable = {
  execution_id: number
  uuid: Generated<string>
  region: string
  job_name: string
  name: string
  task_group: string
  slot: number
  evaluation_id: number
  desired_status: DesiredStatus
  desired_description: Generated<string>
  client_status: ClientStatus
  client_description: Generated<string>
  task_states: NullableJson
  metrics: NullableJson
  job_modify_index: number
  /** Nanoseconds exceed 2^53: read it as text. */
  create_time_ns: ColumnType<never, string, never>
}
