import type { Change } from './change.ts'

/** A change in the history of a job: of itself, of one of its executions or allocations, or of an evaluation of it. */
export type JobChange = Pick<Change, 'index' | 'ordinal' | 'kind' | 'entityId' | 'from' | 'to' | 'at'> & {
  readonly jobId: number
}
