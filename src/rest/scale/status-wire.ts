import type { ExecutionStatus, JobStatus } from '#model/status.ts'

/** A job's status in Scale's words, which know no canceling. */
export function toJobStatus(status: JobStatus): string {
  return status === 'CANCELING' ? 'RUNNING' : status
}

/** Which of our execution statuses each of Scale's words means. A QUEUED execution is none yet in Scale's eyes. */
const executionWords: Readonly<Record<string, readonly ExecutionStatus[]>> = {
  RUNNING: ['STARTING', 'RUNNING'],
  FAILED: ['FAILED', 'LOST'],
  COMPLETED: ['COMPLETED'],
  CANCELED: ['CANCELED'],
}

/** An execution's status in Scale's words. */
export function toExecutionStatus(status: ExecutionStatus): string {
  return Object.keys(executionWords).find((word) => executionWords[word]?.includes(status)) ?? status
}

/** The statuses that a list of executions asks for; null asks for all, and an unknown word for none. */
export function fromExecutionStatuses(words: readonly string[] | null): ExecutionStatus[] {
  const wanted = words ?? Object.keys(executionWords)
  return wanted.flatMap((word) => (Object.hasOwn(executionWords, word) ? (executionWords[word] ?? []) : []))
}
