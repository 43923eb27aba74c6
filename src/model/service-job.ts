import type { JobSpec } from './documents/job-spec-type.ts'
import type { JobStatus } from './status.ts'

/** The region of this gateway: the only one whose jobs it holds. */
export const homeRegion = 'global'

/** The most instances a task group may have where its Meta names no `genvid_count_max`. */
export const defaultCountMax = 1000

/** A service job: what Nomad calls a job, and Bastion and the Cluster a job with task groups. Times are ISO 8601. */
export type ServiceJob = {
  /** The row in `job`, of the family `service`; a name that is registered anew after its end gets a new one. */
  readonly id: number
  readonly jobTypeId: number
  readonly jobTypeRevisionId: number
  /** Where it is registered; what the specification says in `Region` is not checked against it. */
  readonly region: string
  /** Nomad's job ID and Genvid's job name: unique in its region while registered. */
  readonly name: string
  /** Nomad's `Name`, with which the names of allocations begin. */
  readonly title: string
  /** Nomad's `Type`: service, batch, system, or whatever was registered. */
  readonly kind: string
  readonly priority: number
  /** As registered with its defaults, in the document's key order, the counts as they now stand. */
  readonly spec: JobSpec
  readonly status: JobStatus
  /** Stopped without being deregistered (Genvid's stop). */
  readonly isStopped: boolean
  readonly autostart: boolean
  readonly byCluster: boolean
  /** The periodic job that launched it; null for any other. */
  readonly parentId: number | null
  readonly isPeriodic: boolean
  /** When a periodic job is due next; null for others, and while disabled, stopped or never due again. */
  readonly nextLaunch: string | null
  /** When it was deregistered; null while it is registered. */
  readonly deregisteredAt: string | null
  /** In the order of the specification. */
  readonly groups: readonly TaskGroup[]
  readonly createdAt: string
  readonly lastStatusChange: string
  readonly lastModified: string
  readonly createIndex: number
  /** The last change of registration, count or status. */
  readonly modifyIndex: number
  /** The last change of registration or count. */
  readonly jobModifyIndex: number
}

/** One task group of a service job. */
export type TaskGroup = {
  readonly id: number
  readonly jobId: number
  readonly name: string
  /** How many instances are wanted. */
  readonly count: number
  /** What a start sets the count to. */
  readonly countInit: number
  /** What the count may not exceed. */
  readonly countMax: number
  readonly summary: TaskGroupSummary
}

/** Nomad's six buckets. Complete, failed and lost add up since the job was registered; the others are current. */
export type TaskGroupSummary = {
  /** Wanted, evaluated and not placed. */
  readonly queued: number
  readonly complete: number
  readonly failed: number
  readonly running: number
  readonly starting: number
  readonly lost: number
}

/** What a register, deregister or evaluate request answers: the words of the Nomad /v1/job document. */
export type Registration = {
  /** The evaluation's uuid; null for a periodic job, which has none. */
  readonly evaluationId: string | null
  /** 0 for a periodic job. */
  readonly evaluationCreateIndex: number
  readonly jobModifyIndex: number
  /** What the `X-Nomad-Index` of the answer says; 0 for a periodic job. */
  readonly index: number
}

/** What a forced launch of a periodic job answers. */
export type Launch = {
  /** `<parent>/periodic-<unix seconds>`. */
  readonly childName: string
  readonly evaluationId: string
  readonly evaluationCreateIndex: number
}

/** Nomad's and Genvid's word for where a service job stands. */
export function serviceWordOf(status: JobStatus): 'pending' | 'running' | 'dead' {
  if (status === 'RUNNING' || status === 'CANCELING') return 'running'
  return status === 'PENDING' || status === 'BLOCKED' || status === 'QUEUED' ? 'pending' : 'dead'
}

/** What the status of a service job follows from. */
export type StatusGround = {
  /** Stopped or deregistered. */
  readonly isStopped: boolean
  /** Whether every group's count is 0 (a system job counts as wanting). */
  readonly wantsNothing: boolean
  readonly isPeriodic: boolean
  /** Executions that are wanted and have not ended. */
  readonly live: number
  /** Executions that are no longer wanted and have not ended. */
  readonly ending: number
  readonly pendingEvaluations: number
  readonly blockedEvaluations: number
  /** Whether the newest execution of any instance in the present run failed or was lost. */
  readonly hasFailed: boolean
}

/** Where a service job stands; nobody stores what a client claims. */
export function deriveJobStatus(ground: StatusGround): JobStatus {
  const isUnwanted = ground.isStopped || ground.wantsNothing
  if (ground.live > 0) return ground.isStopped ? 'CANCELING' : 'RUNNING'
  if (ground.ending > 0) return isUnwanted ? 'CANCELING' : 'RUNNING'
  if (ground.isStopped) return 'CANCELED'
  if (ground.pendingEvaluations > 0) return 'PENDING'
  if (ground.blockedEvaluations > 0) return 'BLOCKED'
  if (ground.isPeriodic) return 'RUNNING'
  if (ground.wantsNothing) return 'CANCELED'
  return ground.hasFailed ? 'FAILED' : 'COMPLETED'
}
