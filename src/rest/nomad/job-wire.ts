/** How Nomad writes jobs; keys in the order of v0.3.2. */
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { type Launch, type Registration, type ServiceJob, serviceWordOf } from '#model/service-job.ts'

/** What a job's specification is shown with. */
export type JobState = {
  readonly status: 'pending' | 'running' | 'dead'
  readonly createIndex: number
  readonly modifyIndex: number
  readonly jobModifyIndex: number
}

/** A specification together with where its job stands. */
export function toSpecWithState(spec: JobSpec, { status, createIndex, modifyIndex, jobModifyIndex }: JobState): object {
  return {
    ...spec,
    Status: status,
    StatusDescription: '',
    CreateIndex: createIndex,
    ModifyIndex: modifyIndex,
    JobModifyIndex: jobModifyIndex,
  }
}

/** A job in full. */
export function toNomadJob(job: ServiceJob): object {
  return toSpecWithState(job.spec, { ...job, status: serviceWordOf(job.status) })
}

/** A job in a list. */
export function toNomadJobStub(job: ServiceJob): object {
  return {
    ID: job.name,
    ParentID: job.spec.ParentID,
    Name: job.title,
    Type: job.kind,
    Priority: job.priority,
    Status: serviceWordOf(job.status),
    StatusDescription: '',
    CreateIndex: job.createIndex,
    ModifyIndex: job.modifyIndex,
  }
}

/** What registering, evaluating and deregistering answer; a periodic job has no evaluation, which zeros say. */
export function toNomadRegistration(done: Registration): object {
  return {
    EvalID: done.evaluationId ?? '',
    EvalCreateIndex: done.evaluationCreateIndex,
    JobModifyIndex: done.jobModifyIndex,
    Index: done.index,
    LastContact: 0,
    KnownLeader: false,
  }
}

/** What a forced launch answers. */
export function toNomadLaunch({ evaluationId, evaluationCreateIndex }: Launch): object {
  return { EvalID: evaluationId, EvalCreateIndex: evaluationCreateIndex, Index: evaluationCreateIndex }
}

/** How far the groups of a job have come, as Nomad 0.4 and later tell it. */
export function toNomadSummary(job: ServiceJob, children: readonly ServiceJob[]): object {
  const groups = job.groups.map(({ name, summary }) => [
    name,
    {
      Queued: summary.queued,
      Complete: summary.complete,
      Failed: summary.failed,
      Running: summary.running,
      Starting: summary.starting,
      Lost: summary.lost,
    },
  ])
  const words = children.map(({ status }) => serviceWordOf(status))
  const count = (word: string) => words.filter((one) => one === word).length
  return {
    JobID: job.name,
    Summary: Object.fromEntries(groups),
    Children: job.isPeriodic ? { Pending: count('pending'), Running: count('running'), Dead: count('dead') } : null,
    CreateIndex: job.createIndex,
    ModifyIndex: job.modifyIndex,
  }
}
