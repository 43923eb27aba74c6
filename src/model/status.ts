/**
 * The status machines of the unified model, as data. The store seeds its transition table from them, so the database
 * refuses what they do not list. `docs/states.md` draws them.
 */

/** Where a job of either family stands. */
export const jobStatuses = [
  'PENDING',
  'BLOCKED',
  'QUEUED',
  'RUNNING',
  'CANCELING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
] as const
export type JobStatus = (typeof jobStatuses)[number]

/** Where one execution stands. LOST means that its worker fell silent. */
export const executionStatuses = ['QUEUED', 'STARTING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED', 'LOST'] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

/**
 * From each job status, where it may go. COMPLETED ends a queued job for good (a service job may be started again);
 * FAILED and CANCELED are left by a re-queue, or by an un-cancel to PENDING where the job never was queued.
 */
export const jobTransitions: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  PENDING: ['BLOCKED', 'QUEUED', 'RUNNING', 'CANCELING', 'CANCELED', 'COMPLETED', 'FAILED'],
  BLOCKED: ['PENDING', 'QUEUED', 'RUNNING', 'CANCELING', 'CANCELED', 'COMPLETED', 'FAILED'],
  QUEUED: ['PENDING', 'RUNNING', 'CANCELING', 'CANCELED', 'COMPLETED', 'FAILED'],
  RUNNING: ['PENDING', 'BLOCKED', 'QUEUED', 'CANCELING', 'CANCELED', 'COMPLETED', 'FAILED'],
  CANCELING: ['PENDING', 'BLOCKED', 'QUEUED', 'RUNNING', 'CANCELED', 'COMPLETED', 'FAILED'],
  COMPLETED: ['PENDING', 'QUEUED', 'RUNNING', 'CANCELED'],
  FAILED: ['PENDING', 'QUEUED', 'RUNNING', 'CANCELED', 'COMPLETED'],
  CANCELED: ['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED'],
}

/** From each execution status, where it may go; the four ends are final. */
export const executionTransitions: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  QUEUED: ['STARTING', 'RUNNING', 'CANCELED', 'FAILED', 'LOST'],
  STARTING: ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELED', 'LOST'],
  RUNNING: ['STARTING', 'COMPLETED', 'FAILED', 'CANCELED', 'LOST'],
  COMPLETED: [],
  FAILED: [],
  CANCELED: [],
  LOST: [],
}

/** Job statuses from which nothing moves a job but a request. */
export const endedJobStatuses: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELED']

/** Execution statuses that are final. */
export const endedExecutionStatuses: readonly ExecutionStatus[] = ['COMPLETED', 'FAILED', 'CANCELED', 'LOST']

/** Job statuses that a cancel request may still change. A FAILED job becomes CANCELED too, as Scale documents. */
export const cancelableJobStatuses: readonly JobStatus[] = ['PENDING', 'BLOCKED', 'QUEUED', 'RUNNING', 'FAILED']

/** Job statuses from which a re-queue takes a job, as the Scale v6 jobs document says. */
export const requeueableJobStatuses: readonly JobStatus[] = ['FAILED', 'CANCELED']

/** Whose fault a failure was, in Scale's words. */
export const errorCategories = ['SYSTEM', 'DATA', 'ALGORITHM'] as const
export type ErrorCategory = (typeof errorCategories)[number]

/** The two families of job: integer-numbered work from a queue, and named services with desired counts. */
export const jobFamilies = ['queued', 'service'] as const
export type JobFamily = (typeof jobFamilies)[number]

/** Where the numbers of service jobs and of their executions begin: each family numbers its own, in ranges apart. */
export const firstServiceId = 1_000_000_000_001

/** Which family a job or an execution belongs to, by its row id. */
export function familyOf(id: number): JobFamily {
  return id < firstServiceId ? 'queued' : 'service'
}
