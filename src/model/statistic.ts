import type { ErrorCategory, JobStatus } from './status.ts'

/** How many jobs of a type stand in one status, parted by the category of their error. */
export type StatusCount = {
  readonly jobTypeId: number
  readonly status: JobStatus
  /** Only FAILED jobs have one; null otherwise. */
  readonly category: ErrorCategory | null
  readonly count: number
  /** When one of them last came into the status. */
  readonly mostRecent: string
}

/** How many jobs of a type stand in one status, and since when the one that has stood there longest. */
export type LongestCount = { readonly jobTypeId: number; readonly count: number; readonly longest: string }

/** How many jobs of a type stand failed with one error, and when the first and the last of them failed. */
export type FailureCount = {
  readonly jobTypeId: number
  readonly errorId: number
  readonly count: number
  readonly firstError: string
  readonly lastError: string
}
