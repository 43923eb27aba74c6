import type { Json } from './json.ts'
import type { JobFamily, JobStatus } from './status.ts'

/** A job of either family, with what both share and what queued jobs add. Times are ISO 8601 in UTC. */
export type Job = {
  readonly id: number
  readonly family: JobFamily
  readonly jobTypeId: number
  readonly jobTypeRevisionId: number
  readonly status: JobStatus
  /** Lower runs first. */
  readonly priority: number
  readonly eventId: number | null
  readonly recipeId: number | null
  readonly batchId: number | null
  /** Where it runs or last ran; null before, and after a cancel. */
  readonly nodeId: number | null
  /** Why it failed; null unless it did. */
  readonly errorId: number | null
  readonly isSuperseded: boolean
  /** The job that this one replaced. */
  readonly supersededJobId: number | null
  readonly supersededAt: string | null
  readonly maxTries: number
  /** How often it was queued; also the number of its newest execution. */
  readonly numExes: number
  /** Scale data v6 `{files, json}`; null for service jobs. */
  readonly input: Json | null
  /** MiB, rounded up; null where unknown. */
  readonly inputFileSize: number | null
  /** Scale data v6; null until it completed. */
  readonly output: Json | null
  /** The job's own configuration; null where its type's holds. */
  readonly configuration: Json | null
  readonly sourceStarted: string | null
  readonly sourceEnded: string | null
  readonly sourceSensorClass: string | null
  readonly sourceSensor: string | null
  readonly sourceCollection: string | null
  readonly sourceTask: string | null
  readonly createdAt: string
  readonly queuedAt: string | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly lastStatusChange: string
  readonly lastModified: string
  /** The change index that made it, and the last that changed it. */
  readonly createIndex: number
  readonly modifyIndex: number
}

/** Which jobs a list, a cancel or a re-queue means. Kinds are joined by AND, values of one kind by OR. */
export type JobFilter = {
  readonly families?: readonly JobFamily[]
  readonly ids?: readonly number[]
  readonly statuses?: readonly string[]
  readonly jobTypeIds?: readonly number[]
  readonly jobTypeNames?: readonly string[]
  /** The name of the type of a queued job, that of the job itself for services: exactly, or how it begins. */
  readonly names?: readonly string[]
  readonly namePrefix?: string
  /** What that name or the title holds, whatever the case of its letters. */
  readonly text?: string
  readonly batchIds?: readonly number[]
  readonly recipeIds?: readonly number[]
  readonly errorCategories?: readonly string[]
  readonly errorIds?: readonly number[]
  /** Where it runs or last ran; of a service job, where its newest allocation does. */
  readonly nodeIds?: readonly number[]
  /** Periodic service jobs that launched it. */
  readonly parentIds?: readonly number[]
  /** Files that fill an input of it. */
  readonly inputFileIds?: readonly number[]
  readonly isSuperseded?: boolean
  /** Whether it is a service job that was deregistered; queued jobs never are. */
  readonly isDeregistered?: boolean
  /** Last modified at or after, and at or before. */
  readonly modifiedFrom?: string
  readonly modifiedTo?: string
  readonly createdFrom?: string
  readonly createdTo?: string
  readonly statusChangedFrom?: string
  readonly statusChangedTo?: string
  readonly startedFrom?: string
  readonly startedTo?: string
  readonly endedFrom?: string
  readonly endedTo?: string
  readonly sourceStartedFrom?: string
  readonly sourceEndedTo?: string
  readonly sourceSensorClasses?: readonly string[]
  readonly sourceSensors?: readonly string[]
  readonly sourceCollections?: readonly string[]
  readonly sourceTasks?: readonly string[]
}

/** What a bulk request asks of the jobs it matches. */
export type JobAction = 'CANCEL' | 'REQUEUE'

/** Where a page of jobs starts: after the row with these values, in the order asked for. */
export type JobKey = { readonly lastModified: string; readonly id: number }
