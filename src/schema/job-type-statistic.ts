import type { StatusCount } from '#model/statistic.ts'
import {
  type JobTypeFailure,
  type JobTypeLongest,
  type JobTypeStatus,
  listJobTypeStatuses,
  listLongest,
  listSystemFailures,
} from '#resolvers/statistic.ts'
import { builder } from './builder.ts'
import { named } from './connection.ts'
import { defined } from './input.ts'
import { checkSpan, TimeRangeInput } from './job-filter.ts'
import { JobErrorRef, JobTypeRef } from './refs.ts'
import { ErrorCategoryEnum, JobStatusEnum } from './status.ts'
import { windowConnection } from './window-connection.ts'

const StatusCountRef = builder.objectRef<StatusCount>('JobStatusCount')
StatusCountRef.implement({
  description: 'How many jobs of a type stand in one status.',
  fields: (t) => ({
    status: t.expose('status', { type: JobStatusEnum, description: 'The status.' }),
    category: t.expose('category', {
      type: ErrorCategoryEnum,
      nullable: true,
      description: 'Whose fault the failures were; null for jobs that did not fail.',
    }),
    count: t.expose('count', { type: 'SafeInt', description: 'How many jobs.' }),
    mostRecentAt: t.expose('mostRecent', {
      type: 'DateTime',
      description: 'When one of them last came into the status.',
    }),
  }),
})

const StatusRef = builder.objectRef<JobTypeStatus>('JobTypeStatus')
StatusRef.implement({
  description: 'A job type and how its jobs stand.',
  fields: (t) => ({
    jobType: t.expose('jobType', { type: JobTypeRef, description: 'The job type.' }),
    counts: t.field({
      type: [StatusCountRef],
      description: 'The counts of its jobs; none where it has no jobs.',
      resolve: ({ counts }) => [...counts],
    }),
  }),
})

builder.queryField('jobTypeStatuses', (t) =>
  t.connection(
    {
      type: StatusRef,
      description:
        'How many jobs of each type stand in each status, the type first that was changed longest ago. Running jobs count whatever the span. Mirrors `GET /v6/job-types/status/`.',
      args: {
        isActive: t.arg.boolean({ description: 'Only active job types, or only inactive ones.' }),
        statusChanged: t.arg({
          type: TimeRangeInput,
          description:
            'Count jobs that came into their status then; an absent `from` means three hours ago. Mirrors `started` and `ended`.',
        }),
      },
      resolve: async (_root, { isActive, statusChanged, ...args }, { ctx }) => {
        checkSpan(statusChanged, ['statusChanged'])
        const { from = null, to = null } = statusChanged ?? {}
        const filter = { from, to, ...defined({ isActive }) }
        return windowConnection('jobTypeStatuses', args, (window) => listJobTypeStatuses(ctx, filter, window))
      },
    },
    ...named('JobTypeStatus', 'job types with their counts'),
  ),
)

const LongestRef = builder.objectRef<JobTypeLongest>('JobTypeLongest')
LongestRef.implement({
  description: 'A job type with jobs that are all pending, or all running.',
  fields: (t) => ({
    jobType: t.expose('jobType', { type: JobTypeRef, description: 'The job type.' }),
    count: t.expose('count', { type: 'SafeInt', description: 'How many of its jobs.' }),
    longestSince: t.expose('longest', { type: 'DateTime', description: 'Since when the first of them stands so.' }),
  }),
})

const [longestConnection, longestEdge] = named('JobTypeLongest', 'job types by how long their jobs stand so')
const LongestConnectionRef = builder.connectionObject({ type: LongestRef, ...longestConnection }, longestEdge)

builder.queryFields((t) => ({
  pendingJobTypes: t.connection(
    {
      type: LongestRef,
      description: 'Job types with pending jobs, the longest pending first. Mirrors `GET /v6/job-types/pending/`.',
      resolve: (_root, args, { ctx }) =>
        windowConnection('pendingJobTypes', args, (window) => listLongest(ctx, 'PENDING', window)),
    },
    LongestConnectionRef,
  ),
  runningJobTypes: t.connection(
    {
      type: LongestRef,
      description: 'Job types with running jobs, the longest running first. Mirrors `GET /v6/job-types/running/`.',
      resolve: (_root, args, { ctx }) =>
        windowConnection('runningJobTypes', args, (window) => listLongest(ctx, 'RUNNING', window)),
    },
    LongestConnectionRef,
  ),
}))

const FailureRef = builder.objectRef<JobTypeFailure>('SystemFailure')
FailureRef.implement({
  description: 'A job type with jobs that stand failed with one error of the system.',
  fields: (t) => ({
    jobType: t.expose('jobType', { type: JobTypeRef, description: 'The job type.' }),
    error: t.expose('error', { type: JobErrorRef, description: 'The error.' }),
    count: t.expose('count', { type: 'SafeInt', description: 'How many of its jobs.' }),
    firstAt: t.expose('firstError', { type: 'DateTime', description: 'When the first of them failed.' }),
    lastAt: t.expose('lastError', { type: 'DateTime', description: 'When the last of them failed.' }),
  }),
})

builder.queryField('systemFailures', (t) =>
  t.connection(
    {
      type: FailureRef,
      description:
        'Job types with jobs that failed by a fault of the system, the latest failure first. Mirrors `GET /v6/job-types/system-failures/`.',
      resolve: (_root, args, { ctx }) =>
        windowConnection('systemFailures', args, (window) => listSystemFailures(ctx, window)),
    },
    ...named('SystemFailure', 'failures of the system'),
  ),
)
