import type { Job } from '#model/job.ts'
import { jobStatuses } from '#model/status.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { watchJobs } from '#resolvers/status-watch.ts'
import type { WatchEvent } from '#resolvers/watch.ts'
import { builder } from './builder.ts'
import { readIds, readIdsOfFamilies } from './global-id.ts'
import { defined } from './input.ts'
import { JobRef } from './refs.ts'
import { JobFamilyEnum, JobStatusEnum } from './status.ts'
import {
  fromDescription,
  fromOf,
  rowDescription,
  rowOf,
  StatusEventRef,
  startArgs,
  startOf,
  toDescription,
  toOf,
} from './status-stream.ts'
import { telling, told } from './stream.ts'

const EventRef = builder.objectRef<WatchEvent<Job>>('JobStatusEvent')
EventRef.implement({
  description: 'How a job stands, or a change of its status.',
  interfaces: [StatusEventRef],
  fields: (t) => ({
    job: t.field({
      type: JobRef,
      nullable: true,
      description: rowDescription('job'),
      resolve: (event, _args, { ctx }) => rowOf(event, (id) => loadRequired(ctx.loaders.job, id)),
    }),
    from: t.field({
      type: JobStatusEnum,
      nullable: true,
      description: fromDescription,
      resolve: (event) => fromOf(event, jobStatuses),
    }),
    to: t.field({
      type: JobStatusEnum,
      nullable: true,
      description: toDescription,
      resolve: (event) => toOf(event, jobStatuses),
    }),
  }),
})

builder.subscriptionField('jobStatusChanged', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the status of jobs of both families: first how those that match stand (all of `ids`, or without `ids` those not at their end, at most 10,000), then a bookmark, then each change once and in order. Where changes are no longer kept a GAP and a fresh snapshot are told in their place. The error FOREIGN_CURSOR ends the stream where `after` is of another store. It does not complete by itself: a job at its end may be queued again.',
    args: {
      families: t.arg({
        type: [JobFamilyEnum],
        description: 'Only jobs of any of these families; absent or null means of both, an empty list of none.',
      }),
      ids: t.arg.idList({
        description: 'Only these jobs, of either family, at most 1,000; absent means any, an empty list none.',
      }),
      jobTypes: t.arg.idList({
        description: 'Only jobs of these job types, at most 1,000; absent means of any, an empty list of none.',
      }),
      ...startArgs(t),
    },
    subscribe: (_root, { families, ids, jobTypes, ...start }, holder) =>
      telling(() => {
        const jobs = readIdsOfFamilies(ids, { queued: 'QueuedJob', service: 'ServiceJob' }, ['ids'])
        const jobTypeIds = readIds(jobTypes, 'JobType', ['jobTypes'])
        return watchJobs(holder.ctx, { ...defined({ families, ids: jobs, jobTypeIds }), ...startOf(holder, start) })
      }),
    resolve: (value) => told(value),
  }),
)
