import type { JsonObject } from './json.ts'
import type { PlacementFailure } from './schedule.ts'

/** Where an evaluation stands; Nomad's words in capitals. */
export const evaluationStatuses = ['PENDING', 'BLOCKED', 'COMPLETE', 'FAILED', 'CANCELED'] as const
export type EvaluationStatus = (typeof evaluationStatuses)[number]

/** Why an evaluation was made. */
export type EvaluationTrigger = 'job-register' | 'job-deregister' | 'periodic-job' | 'node-update' | 'rolling-update'

/** One look of the scheduler at a job. Times are ISO 8601 in UTC. */
export type Evaluation = {
  readonly id: number
  readonly uuid: string
  /** Null for the deregistration of a job that did not exist. */
  readonly jobId: number | null
  readonly region: string
  /** Nomad's job ID. */
  readonly jobName: string
  readonly priority: number
  readonly type: string
  readonly triggeredBy: string
  readonly jobModifyIndex: number
  /** The node whose loss was the trigger; null for any other. */
  readonly nodeId: number | null
  readonly nodeModifyIndex: number
  readonly status: EvaluationStatus
  readonly statusDescription: string
  /** Nanoseconds after its making before it is looked at. */
  readonly waitNs: number
  /** Its neighbours in a chain of rolling or blocked evaluations, by id and by uuid. */
  readonly nextId: number | null
  readonly nextUuid: string | null
  readonly previousId: number | null
  readonly previousUuid: string | null
  /** What a blocked evaluation could not place, by task group; null for others. */
  readonly failures: readonly PlacementFailure[] | null
  readonly createdAt: string
  readonly lastModified: string
  readonly createIndex: number
  readonly modifyIndex: number
}

/** The column of failures, which only the scheduler writes. */
export function failuresOf(column: unknown): readonly PlacementFailure[] | null {
  return Array.isArray(column) ? (column as readonly PlacementFailure[]) : null
}

/** Failures as they are stored. */
export function failuresToJson(failures: readonly PlacementFailure[]): readonly JsonObject[] {
  return failures.map((failure) => ({ ...failure, reasons: { ...failure.reasons } }))
}
