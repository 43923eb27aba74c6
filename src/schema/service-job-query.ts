import type { Job } from '#model/job.ts'
import { homeRegion, type ServiceJob } from '#model/service-job.ts'
import { findAllocation } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import { findEvaluation } from '#resolvers/evaluation.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { findServiceJob } from '#resolvers/service-job.ts'
import { countServiceJobs, sliceServiceJobs } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { byText, readSlice, toConnection } from './connection.ts'
import { readId } from './global-id.ts'
import { checkOneWay } from './one-way.ts'
import { AllocationRef, EvaluationRef, ServiceJobConnectionRef, ServiceJobRef } from './refs.ts'

/** The job of which a service was read; its rows are not read again in this request. */
export async function jobOf(ctx: Context, service: ServiceJob): Promise<Job> {
  ctx.loaders.serviceJob.prime(service.id, service)
  return loadRequired(ctx.loaders.job, service.id)
}

builder.queryField('serviceJob', (t) =>
  t.field({
    type: ServiceJobRef,
    nullable: true,
    description:
      'One service job, or null where there is none: by its id, also after it was deregistered, or the registered one of a name. Mirrors `GET /v1/job/{job}` and `GET /job/{jobName}/summary`.',
    args: {
      id: t.arg.id({ description: 'Its id. Give this or `name`.' }),
      name: t.arg.string({ description: 'Its name: the job ID of the Nomad document. Give this or `id`.' }),
      region: t.arg.string({
        description: `Where the job of that name is registered; absent means \`${homeRegion}\`, the one region that a gateway serves. Only with \`name\`.`,
      }),
    },
    resolve: async (_root, args, { ctx }) => {
      const { id, name, region } = args
      const byName = typeof region === 'string' ? (['name', 'region'] as const) : (['name'] as const)
      checkOneWay(args, 'id or name; region only with name', ['id'], byName)
      if (typeof id === 'string') {
        const job = await ctx.loaders.job.load(readId(id, 'ServiceJob', ['id']))
        return job?.family === 'service' ? job : null
      }
      const { value } = await findServiceJob(ctx, name ?? '', region ?? homeRegion)
      return value === null ? null : jobOf(ctx, value)
    },
  }),
)

const byName = byText<{ readonly name: string }>('serviceJobs', ({ name }) => name)

builder.queryField('serviceJobs', (t) =>
  t.connection(
    {
      type: ServiceJobRef,
      description:
        'The registered service jobs by the bytes of their names. Mirrors `GET /jobs` of Bastion and `GET /v1/jobs` of the Cluster and of Nomad.',
      args: { namePrefix: t.arg.string({ description: 'Only jobs whose name begins so; absent means all.' }) },
      resolve: async (_root, { namePrefix, ...args }, { ctx }) => {
        const slice = readSlice(args, byName)
        const start = namePrefix ?? ''
        const sliced = await sliceServiceJobs(ctx, start, slice)
        return toConnection(sliced, slice, byName, () => countServiceJobs(ctx, start))
      },
    },
    ServiceJobConnectionRef,
  ),
)

const idArg = { description: 'Its id. Give this or `uuid`.' }
const uuidArg = { description: 'Its uuid in full. Give this or `id`.' }

builder.queryField('allocation', (t) =>
  t.field({
    type: AllocationRef,
    nullable: true,
    description:
      'One allocation, by its id or its uuid, or null where there is none. Mirrors `GET /v1/allocation/{alloc_id}`.',
    args: { id: t.arg.id(idArg), uuid: t.arg.string(uuidArg) },
    resolve: async (_root, args, { ctx }) => {
      checkOneWay(args, 'id or uuid', ['id'], ['uuid'])
      if (typeof args.id === 'string') {
        const execution = await ctx.loaders.execution.load(readId(args.id, 'Allocation', ['id']))
        return execution?.family === 'service' ? execution : null
      }
      const { value } = await findAllocation(ctx, args.uuid ?? '')
      if (value === null) return null
      ctx.loaders.allocation.prime(value.executionId, value)
      return loadRequired(ctx.loaders.execution, value.executionId)
    },
  }),
)

builder.queryField('evaluation', (t) =>
  t.field({
    type: EvaluationRef,
    nullable: true,
    description:
      'One evaluation, by its id or its uuid, or null where there is none. Mirrors `GET /v1/evaluation/{eval_id}`.',
    args: { id: t.arg.id(idArg), uuid: t.arg.string(uuidArg) },
    resolve: async (_root, args, { ctx }) => {
      checkOneWay(args, 'id or uuid', ['id'], ['uuid'])
      if (typeof args.id === 'string') return ctx.loaders.evaluation.load(readId(args.id, 'Evaluation', ['id']))
      return (await findEvaluation(ctx, args.uuid ?? '')).value
    },
  }),
)
