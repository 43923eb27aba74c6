import type { JobSliceOrder } from '#model/slice.ts'
import { countJobs, sliceJobs } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { readSlice, toConnection } from './connection.ts'
import { readIdOf } from './global-id.ts'
import { JobFilterInput, jobNodes, nodeOf, readJobFilter } from './job-filter.ts'
import { byTime } from './job-place.ts'
import { checkOneWay } from './one-way.ts'
import { JobConnectionRef, JobRef } from './refs.ts'

builder.queryField('job', (t) =>
  t.field({
    type: JobRef,
    nullable: true,
    description:
      'One job of either family, by its id or by the number that the REST routes show; null where there is none. Mirrors `GET /v6/jobs/{job_id}/` and `GET /v1/job/{job}`.',
    args: {
      id: t.arg.id({ description: 'The id of a job. Give this or `number`.' }),
      number: t.arg({ type: 'SafeInt', description: 'The number of a queued job. Give this or `id`.' }),
    },
    resolve: async (_root, { id, number }, { ctx }) => {
      checkOneWay({ id, number }, 'id or number', ['id'], ['number'])
      const read =
        typeof id === 'string' ? readIdOf(id, jobNodes, ['id']) : { typename: 'QueuedJob', id: Number(number) }
      const job = await ctx.loaders.job.load(read.id)
      return job !== null && nodeOf(job) === read.typename ? job : null
    },
  }),
)

const DirectionEnum = builder.enumType('OrderDirection', {
  description: 'Which way a list runs.',
  values: { ASC: { description: 'Rising: oldest first.' }, DESC: { description: 'Falling: newest first.' } },
})

const JobOrderFieldEnum = builder.enumType('JobOrderField', {
  description: 'What a list of jobs is ordered by.',
  values: {
    CREATED: {
      description: 'When they were made. This order never changes, so a walk through all pages meets each job once.',
    },
    MODIFIED: { description: 'When they last changed. A job that changes during a walk may be met again.' },
    STATUS_CHANGED: {
      description: 'When their status last changed. A job that changes it during a walk may be met again.',
    },
  },
})

const JobOrderInput = builder.inputType('JobOrder', {
  description: 'How a list of jobs is ordered.',
  fields: (t) => ({
    field: t.field({ type: JobOrderFieldEnum, defaultValue: 'CREATED', description: 'What counts.' }),
    direction: t.field({ type: DirectionEnum, defaultValue: 'DESC', description: 'Which way.' }),
  }),
})

builder.queryField('jobs', (t) =>
  t.connection(
    {
      type: JobRef,
      description:
        'Queued and service jobs, the newest first unless ordered otherwise; service jobs also after they were deregistered. Pages are cut by key, so a deep page costs what the first does. Mirrors `GET /v6/jobs/` and `GET /v1/jobs`.',
      args: {
        filter: t.arg({ type: JobFilterInput, description: 'Which are meant; absent means all.' }),
        orderBy: t.arg({ type: JobOrderInput, description: 'Absent means by the time they were made, newest first.' }),
      },
      resolve: async (_root, { filter: given, orderBy, ...args }, { ctx }) => {
        const filter = readJobFilter(given ?? {})
        const order: JobSliceOrder = {
          by: orderBy?.field ?? 'CREATED',
          descending: orderBy?.direction !== 'ASC',
        }
        const form = forms[order.by]
        const slice = readSlice(args, form)
        return toConnection(await sliceJobs(ctx, filter, order, slice), slice, form, () => countJobs(ctx, filter))
      },
    },
    JobConnectionRef,
  ),
)

/** A cursor of one order is strange to the others: their keys mean different times. */
const forms = {
  CREATED: byTime('jobs', ({ createdAt }) => createdAt),
  MODIFIED: byTime('modifiedJobs', ({ lastModified }) => lastModified),
  STATUS_CHANGED: byTime('changedJobs', ({ lastStatusChange }) => lastStatusChange),
} as const
