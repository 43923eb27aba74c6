import type { ColumnType, Generated } from 'kysely'
import type { Json } from '#model/json.ts'
import type { LoggerLevel } from '#model/logger.ts'

/** The Cluster API's own documents, as Kysely sees them. */
export type ClusterTables = {
  log_source: LogSourceTable
  logger_default: LoggerDefaultTable
  logger_override: LoggerOverrideTable
  settings: SettingsTable
  event_definition: EventDefinitionTable
  event_capture: EventCaptureTable
  event_result: EventResultTable
  secret: SecretTable
}

export type LogSourceTable = {
  id: string
  position: number
  task_group: string
  job: string
  task: string
  file_name: string
  has_level: boolean
}
export type LoggerDefaultTable = { logger: string; level: LoggerLevel }
export type LoggerOverrideTable = { execution_id: number; logger: string; level: LoggerLevel | null }
export type SettingsTable = {
  singleton: Generated<boolean>
  document: ColumnType<Json, string, string>
  last_modified: Generated<string>
}
export type EventDefinitionTable = { key: string; position: number; source: string }
export type EventCaptureTable = { singleton: Generated<boolean>; last_read_at: string }
export type EventResultTable = {
  position: number
  error: Generated<string>
  value: Generated<string>
  at: Generated<string>
}
export type SecretTable = {
  id: string
  version: Generated<number>
  keys: string[]
  sealed: Uint8Array
  created_at: Generated<string>
  last_modified: Generated<string>
}
