/** Logs and loggers as the Cluster API has them. */
import type { TaskState } from './allocation.ts'
import { isObject, type Json, toJson } from './json.ts'

/** A named log: one file of one task of a job's group. Where `hasLevel`, its id is also the name of a logger. */
export type LogSource = {
  readonly id: string
  readonly taskGroup: string
  readonly job: string
  readonly task: string
  /** `stdout`, `stderr`, or the name of a file. */
  readonly fileName: string
  readonly hasLevel: boolean
}

/** A log as it is asked for: what is missing (or empty) follows from the rest. */
export type LogSourceInput = Pick<LogSource, 'id' | 'job'> & Partial<Omit<LogSource, 'id' | 'job'>>

/** A log in full: a missing task is named like the group, a group like the task, both like the job; then stdout. */
export function completeLogSource(input: LogSourceInput): LogSource {
  const { id, job, task = '', taskGroup = '', fileName = '', hasLevel = false } = input
  return {
    id,
    taskGroup: taskGroup || task || job,
    job,
    task: task || taskGroup || job,
    fileName: fileName || 'stdout',
    hasLevel,
  }
}

/** One instance of a log: the file of one allocation. */
export type LogInstance = {
  readonly executionId: number
  readonly allocationUuid: string
  readonly status: TaskState['state']
  readonly source: LogSource
  /** ISO 8601 in UTC. */
  readonly createdAt: string
}

/** Where reading a log file starts. */
export type LogOrigin = 'start' | 'end'

/** How much a logger tells, most first. */
export const loggerLevels = ['debug', 'info', 'warning', 'error', 'fatal', 'panic'] as const
export type LoggerLevel = (typeof loggerLevels)[number]

/** The level of a logger that nobody has set. */
export const initialLevel: LoggerLevel = 'info'

/** Whether a word is a level; levels are written in lower case. */
export function isLoggerLevel(word: string): word is LoggerLevel {
  return loggerLevels.some((level) => level === word)
}

/** A logger with the level that was set for it; null means that nothing was set. */
export type LoggerSetting = { readonly logger: string; readonly level: LoggerLevel | null }

/** A logger of one allocation: its own level (null means the default) and the default that stands behind it. */
export type AllocationLogger = LoggerSetting & { readonly defaultLevel: LoggerLevel }

/** The level by which a logger of an allocation really goes. */
export function effectiveLevel({ level, defaultLevel }: AllocationLogger): LoggerLevel {
  return level ?? defaultLevel
}

/** The name of the file in an allocation's directory from which its tasks read the levels of their loggers. */
export const loggersFileName = 'loggers.json'

/** What that file holds: one JSON object of levels by logger, in order of name, and a final newline. */
export function loggersFile(loggers: readonly AllocationLogger[]): string {
  const levels = loggers.map((one): [string, LoggerLevel] => [one.logger, effectiveLevel(one)])
  const sorted = levels.sort(([a], [b]) => (a < b ? -1 : 1))
  return `${toJson(Object.fromEntries(sorted), 2)}\n`
}

/** The tasks that a Nomad job specification declares in a group, in its order. */
export function taskNames(spec: Json, group: string): string[] {
  const found = members(spec, 'TaskGroups').find((one) => isObject(one) && one.Name === group)
  return members(found, 'Tasks').flatMap((task) => (isObject(task) && typeof task.Name === 'string' ? [task.Name] : []))
}

function members(value: Json | undefined, key: string): readonly Json[] {
  const list = isObject(value) ? value[key] : undefined
  return Array.isArray(list) ? list : []
}
