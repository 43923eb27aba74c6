import type { ExecutionStatus, JobFamily } from '#model/status.ts'
import { builder } from './builder.ts'

/** Where a job stands, over both families. */
export const JobStatusEnum = builder.enumType('JobStatus', {
  description: 'Where a job stands. `rawStatus` has the word that its own REST document uses.',
  values: {
    PENDING: { description: 'Accepted, and not yet looked at.' },
    BLOCKED: { description: 'Waits for other jobs or for room.' },
    QUEUED: { description: 'Waits for a worker.' },
    RUNNING: { description: 'An execution of it is under way.' },
    CANCELING: { description: 'Its end is wanted, and executions are still ending. Only services show it.' },
    COMPLETED: { description: 'Ended well.' },
    FAILED: { description: 'Ended with an error, and is not tried again.' },
    CANCELED: { description: 'Ended by a request.' },
  },
})

/** Where one execution stands, over both families. */
export const ExecutionStatusEnum = builder.enumType('ExecutionStatus', {
  description: 'Where one execution stands. The last four are final.',
  values: {
    QUEUED: { description: 'Wanted, and not yet placed.' },
    STARTING: { description: 'Placed, and its command not yet running.' },
    RUNNING: { description: 'Its command runs.' },
    COMPLETED: { description: 'Ended well.' },
    FAILED: { description: 'Ended with an error.' },
    CANCELED: { description: 'Ended by a request.' },
    LOST: { description: 'Its worker fell silent.' },
  },
})

/** Whose fault a failure was. */
export const ErrorCategoryEnum = builder.enumType('ErrorCategory', {
  description: 'Whose fault a failure was, in the words of the Scale v6 documents.',
  values: {
    SYSTEM: { description: 'The machinery around the job.' },
    DATA: { description: 'The input of the job.' },
    ALGORITHM: { description: 'The command of the job.' },
  },
})

/** The word of the Scale v6 documents for an execution's status. */
export function scaleExecutionStatus(status: ExecutionStatus): string {
  if (status === 'LOST') return 'FAILED'
  return status === 'STARTING' || status === 'QUEUED' ? 'RUNNING' : status
}

/** The families of jobs. */
export const JobFamilyEnum = builder.enumType('JobFamily', {
  description: 'Which family a job belongs to.',
  values: {
    QUEUED: { value: 'queued', description: 'Work from the queue: `QueuedJob`.' },
    SERVICE: { value: 'service', description: 'Task groups that are kept running: `ServiceJob`.' },
  } satisfies Record<string, { value: JobFamily; description: string }>,
})
