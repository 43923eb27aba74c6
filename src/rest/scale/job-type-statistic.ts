import type { Context } from '#resolvers/context.ts'
import {
  type JobTypeFailure,
  type JobTypeLongest,
  type JobTypeStatus,
  listJobTypeStatuses,
  listLongest,
  listSystemFailures,
} from '#resolvers/statistic.ts'
import type { Route } from '../route.ts'
import { named } from '../shape.ts'
import { toJobTypeBase } from './job-type-wire.ts'
import { pageDocs, pageOf, scalePage } from './page.ts'
import { bool, readParams, time } from './param.ts'
import { toError } from './reference-wire.ts'
import { unknownPage } from './refusal.ts'
import { toJobStatus } from './status-wire.ts'

const statusParams = {
  is_active: bool('Whether the job type is active; all are listed when it is left out.'),
  started: time('Count jobs that came into their status since then; three hours ago when it is left out.'),
  ended: time('Count jobs that came into their status until then; now when it is left out.'),
}

/** The statistics of the Scale v6 job types document. */
export const jobTypeStatisticRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/status/',
    id: 'listScaleJobTypeStatuses',
    summary: 'Shows how many jobs of each type stand in each status.',
    doc: 'Running jobs count whatever the range. A job type without jobs is listed with no counts.',
    query: { ...pageDocs, ...statusParams },
    replies: {
      200: { doc: 'A page of job types with their counts.', schema: pageOf(named('ScaleJobTypeStatus')) },
      400: { doc: 'A parameter is wrong.', schema: named('ScaleDetail') },
      404: unknownPage,
    },
    handler: async (ctx, request) => {
      const { is_active, started, ended } = readParams(request, statusParams, ctx.now())
      const filter = { from: started, to: ended, ...(is_active === null ? {} : { isActive: is_active }) }
      return scalePage(request, (window) => listJobTypeStatuses(ctx, filter, window), toStatus)
    },
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/pending/',
    id: 'listScalePendingJobTypes',
    summary: 'Lists job types with pending jobs, the longest pending first.',
    doc: '`longest_pending` is when the job was queued that has waited the longest.',
    query: pageDocs,
    replies: { 200: { doc: 'A page of counts.', schema: pageOf(named('ScalePendingJobType')) }, 404: unknownPage },
    handler: async (ctx, request) =>
      scalePage(request, (window) => listLongest(ctx, 'PENDING', window), toLongest('longest_pending')),
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/running/',
    id: 'listScaleRunningJobTypes',
    summary: 'Lists job types with running jobs, the longest running first.',
    doc: '`longest_running` is when the job was started that has run the longest.',
    query: pageDocs,
    replies: { 200: { doc: 'A page of counts.', schema: pageOf(named('ScaleRunningJobType')) }, 404: unknownPage },
    handler: async (ctx, request) =>
      scalePage(request, (window) => listLongest(ctx, 'RUNNING', window), toLongest('longest_running')),
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/system-failures/',
    id: 'listScaleSystemFailures',
    summary: 'Lists job types with jobs that failed by a fault of the system, the latest failure first.',
    doc: 'One row for each job type and error of the category SYSTEM, with the times of its first and last failure.',
    query: pageDocs,
    replies: { 200: { doc: 'A page of counts.', schema: pageOf(named('ScaleSystemFailure')) }, 404: unknownPage },
    handler: async (ctx, request) => scalePage(request, (window) => listSystemFailures(ctx, window), toSystemFailure),
  },
]

function toStatus({ jobType, counts }: JobTypeStatus) {
  const jobCounts = counts.map(({ status, count, mostRecent, category }) => ({
    status: toJobStatus(status),
    count,
    most_recent: mostRecent,
    category,
  }))
  return { job_type: toJobTypeBase(jobType), job_counts: jobCounts }
}

function toLongest(name: 'longest_pending' | 'longest_running') {
  return ({ jobType, count, longest }: JobTypeLongest) => ({ job_type: toJobTypeBase(jobType), count, [name]: longest })
}

function toSystemFailure({ jobType, error, count, firstError, lastError }: JobTypeFailure) {
  return {
    job_type: toJobTypeBase(jobType),
    error: { ...toError(error), created: error.createdAt, last_modified: error.lastModified },
    count,
    first_error: firstError,
    last_error: lastError,
  }
}
