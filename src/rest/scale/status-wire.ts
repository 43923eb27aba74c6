import type { ExecutionStatus, JobStatus } from '#model/status.ts'

/** Scale's words for where a job stands. */
export const jobWords = ['PENDING', 'BLOCKED', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED']

/** The categories of errors. */
export const categoryWords = ['SYSTEM', 'DATA', 'ALGORITHM']

/** A job's status in Scale's words, which know no canceling. */
export function toJobStatus(status: JobStatus): string {
  return status === 'CANCELING' ? 'RUNNING' : status
}

/** Which of our execution statuses each of Scale's words means. A QUEUED execution is none yet in Scale's eyes. */
const statusesByWord: Readonly<Record<string, readonly ExecutionStatus[]>> = {
  RUNNING: ['STARTING', 'RUNNING'],
  FAILED: ['FAILED', 'LOST'],
  COMPLETED: ['COMPLETED'],
  CANCELED: ['CANCELED'],
}

/** Scale's words for where an execution stands. */
export const executionWords = Object.keys(statusesByWord)

/** An execution's status in Scale's words. */
export function toExecutionStatus(status: ExecutionStatus): string {
  return Object.keys(statusesByWord).find((word) => statusesByWord[word]?.includes(status)) ?? status
}

/** The statuses that a list of executions asks for; null asks for all, and an unknown word for none. */
export function fromExecutionStatuses(words: readonly string[] | null): ExecutionStatus[] {
  const wanted = words ?? Object.keys(statusesByWord)
  return wanted.flatMap((word) => (Object.hasOwn(statusesByWord, word) ? (statusesByWord[word] ?? []) : []))
}
