import type { Change, ChangeKind } from './change.ts'

/**
 * What the waits of service jobs are about. A list topic has an index of its own: the highest change index that
 * touched it. A topic with a colon is about one job name; it wakes its waiters and has no index.
 */
export type ListTopic = 'service-list' | 'service-jobs' | 'allocations' | 'evaluations' | 'nodes'

/** Everything that Bastion's and the Cluster's job lists show, and nothing else. */
export const serviceListTopic: ListTopic = 'service-list'
/** Nomad's jobs, allocations and evaluations tables as wholes. */
export const serviceJobsTopic: ListTopic = 'service-jobs'
export const allocationsTopic: ListTopic = 'allocations'
export const evaluationsTopic: ListTopic = 'evaluations'
/** The nodes that take allocations. */
export const nodesTopic: ListTopic = 'nodes'

/** One service job: its registration, change of status, count or end, also while no job of that name exists. */
export function jobTopic(region: string, name: string): string {
  return `job:${region}/${name}`
}

/** The allocations of one job name, of all its incarnations. */
export function jobAllocationsTopic(region: string, name: string): string {
  return `allocations:${region}/${name}`
}

/** The evaluations of one job name, of all its incarnations. */
export function jobEvaluationsTopic(region: string, name: string): string {
  return `evaluations:${region}/${name}`
}

/** One allocation, evaluation or node, by its uuid. */
export function entityTopic(uuid: string): string {
  return `uuid:${uuid}`
}

/** One row of a kind, by its number: each change of it. */
export function rowTopic(kind: ChangeKind, id: number): string {
  return `row:${kind}:${id}`
}

/** The rows of a kind that concern one job: each change of them. */
export function rowsOfJobTopic(kind: ChangeKind, jobId: number): string {
  return `job-rows:${kind}:${jobId}`
}

/** The rows of a kind that concern one job type: each change of them. */
export function rowsOfTypeTopic(kind: ChangeKind, jobTypeId: number): string {
  return `type-rows:${kind}:${jobTypeId}`
}

/** Touched each time that a feed has read a thousand changes more, whatever they are about. */
export const thousandTopic = 'changes:1000'

/** All topics that a change touches: those that its writer named, and those of its row. */
export function topicsOf({ topics, kind, entityId, jobId, jobTypeId }: Change): string[] {
  return [
    ...topics,
    rowTopic(kind, entityId),
    ...(jobId === null ? [] : [rowsOfJobTopic(kind, jobId)]),
    ...(jobTypeId === null ? [] : [rowsOfTypeTopic(kind, jobTypeId)]),
  ]
}
