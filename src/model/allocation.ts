import { isObject, type Json, type JsonObject } from './json.ts'
import type { ExecutionStatus } from './status.ts'

/** What the scheduler wants of an allocation; `failed` marks a placement for which no node was found. */
export type DesiredStatus = 'run' | 'stop' | 'evict' | 'failed'

/** How far the node that runs it has come. */
export type ClientStatus = 'pending' | 'running' | 'complete' | 'failed' | 'lost'

/** An instance of a task group: the execution of a service job. Times are ISO 8601 in UTC. */
export type Allocation = {
  /** The row in `execution`, of the family `service`. */
  readonly executionId: number
  readonly uuid: string
  readonly jobId: number
  readonly jobTypeId: number
  readonly jobTypeRevisionId: number
  /** Its number among the executions of the job, from 1. */
  readonly number: number
  readonly status: ExecutionStatus
  readonly region: string
  /** Nomad's job ID. */
  readonly jobName: string
  /** `<job name>.<group>[<slot>]`. */
  readonly name: string
  readonly taskGroup: string
  /** Its place in the group, from 0. */
  readonly slot: number
  /** The uuid of the evaluation that last placed or updated it. */
  readonly evaluationUuid: string
  readonly evaluationId: number
  /** Null for a failed placement. */
  readonly nodeId: number | null
  readonly workerId: string | null
  readonly desiredStatus: DesiredStatus
  readonly desiredDescription: string
  readonly clientStatus: ClientStatus
  readonly clientDescription: string
  /** Null until a worker reports. */
  readonly taskStates: TaskStates | null
  /** Why no node was found; null where one was. */
  readonly metrics: JsonObject | null
  /** Nanoseconds since 1970. */
  readonly createTimeNs: bigint
  readonly createdAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly lastModified: string
  readonly createIndex: number
  readonly modifyIndex: number
}

/** The tasks of an allocation by name. */
export type TaskStates = { readonly [task: string]: TaskState }

/** Where one task stands, with its newest events, oldest first. */
export type TaskState = {
  readonly state: 'pending' | 'running' | 'dead'
  /** Whether it ended for good and badly. */
  readonly failed: boolean
  readonly events: readonly TaskEvent[]
}

/** One thing that happened to a task. What an event type does not use is empty or 0. */
export type TaskEvent = {
  /** Received, Started, Terminated, Killed, Restarting, Not Restarting, Driver Failure, Failed Validation, … */
  readonly type: string
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint
  readonly restartReason?: string
  readonly driverError?: string
  readonly exitCode?: number
  readonly signal?: number
  readonly message?: string
  readonly killError?: string
  /** Nanoseconds. */
  readonly startDelayNs?: number
  readonly downloadError?: string
  readonly validationError?: string
}

/** How many events of a task are kept. */
export const maxTaskEvents = 10

/** What a worker reports of an allocation that it holds. */
export type AllocationUpdate = {
  readonly clientStatus: ClientStatus
  readonly clientDescription?: string
  /** All tasks; only the newest ten events of each are kept. */
  readonly taskStates?: TaskStates
  /** The exit code of the task that ended it. */
  readonly exitCode?: number | null
}

/** The execution status that a client status stands for; a stopped allocation that completes was canceled. */
export function executionStatusOf(client: ClientStatus, desired: DesiredStatus): ExecutionStatus {
  if (client === 'pending') return 'STARTING'
  if (client === 'running') return 'RUNNING'
  if (client === 'failed') return 'FAILED'
  if (client === 'lost') return 'LOST'
  return desired === 'stop' || desired === 'evict' ? 'CANCELED' : 'COMPLETED'
}

/** Whether the node is done with an allocation. */
export function isEnded(client: ClientStatus): boolean {
  return client === 'complete' || client === 'failed' || client === 'lost'
}

/** The same states with no more than the newest ten events of each task. */
export function trimTaskStates(states: TaskStates): TaskStates {
  return Object.fromEntries(
    Object.entries(states).map(([task, state]) => [task, { ...state, events: state.events.slice(-maxTaskEvents) }]),
  )
}

/** The column of task states, which only worker reports fill; `parseJson` may have read small times as numbers. */
export function taskStatesOf(column: Json | null): TaskStates | null {
  if (!isObject(column)) return null
  const states = column as unknown as Readonly<Record<string, TaskState>>
  return Object.fromEntries(
    Object.entries(states).map(([task, state]) => [
      task,
      { ...state, events: state.events.map((event) => ({ ...event, timeNs: BigInt(event.timeNs) })) },
    ]),
  )
}
