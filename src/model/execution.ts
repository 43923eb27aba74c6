import type { Json } from './json.ts'
import type { ExecutionStatus, JobFamily } from './status.ts'

/** One run of a job: a Scale job execution, or a Nomad allocation. Times are ISO 8601 in UTC. */
export type Execution = {
  readonly id: number
  readonly family: JobFamily
  readonly jobId: number
  /** Its number within the job, from 1. */
  readonly number: number
  readonly jobTypeId: number
  readonly jobTypeRevisionId: number
  readonly status: ExecutionStatus
  /** Where it ran; null where it was canceled before it ran. */
  readonly nodeId: number | null
  readonly workerId: string | null
  readonly errorId: number | null
  /** The command's own; null while it runs, and where a signal or a timeout ended it. */
  readonly exitCode: number | null
  /** Seconds, from the manifest; 0 means no limit. */
  readonly timeoutSeconds: number
  /** MiB, rounded up. */
  readonly inputFileSize: number
  readonly configuration: Json | null
  readonly resources: Json | null
  /** Scale task results 1.0; null until it ended. */
  readonly taskResults: Json | null
  readonly output: Json | null
  readonly createdAt: string
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly lastModified: string
  readonly createIndex: number
  readonly modifyIndex: number
}

/** Proof that a worker holds an execution: every write of a worker carries it, and a lost lease voids it. */
export type Lease = { readonly executionId: number; readonly token: string }

/** A claimed piece of work. */
export type Claim = {
  readonly jobId: number
  readonly jobTypeId: number
  readonly executionId: number
  /** The number of the execution within its job: the fence of every later write. */
  readonly number: number
  readonly token: string
}

/** Seconds until an unrenewed lease is given away, by the database's clock. */
export const leaseSeconds = 30

/** An execution that lost its worker this often is a poison job and fails. */
export const maxCrashes = 3

/** What the worker of a queued job reports when its command has ended. */
export type Outcome =
  | { readonly kind: 'COMPLETED'; readonly exitCode: number; readonly output: Json; readonly taskResults: Json }
  | {
      readonly kind: 'FAILED'
      readonly exitCode: number | null
      /** The name of a built-in error, or of one that the job type's manifest defines. */
      readonly errorName: string
      /** Whose name it is: null for the built-in ones. */
      readonly errorJobTypeName: string | null
      readonly taskResults: Json
    }
