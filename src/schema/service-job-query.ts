import type { Job } from '#model/job.ts'
import type { ServiceJob } from '#model/service-job.ts'
import { findAllocation } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import { findEvaluation } from '#resolvers/evaluation.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { findServiceJob } from '#resolvers/service-job.ts'
import { countServiceJobs, sliceServiceJobs } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { type CursorForm, named, readSlice, toConnection } from './connection.ts'
import { AllocationRef, EvaluationRef, ServiceJobRef } from './refs.ts'

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
      'The registered service job of that name, or null where there is none. Mirrors `GET /v1/job/{job}` and `GET /job/{jobName}/summary`.',
    args: { name: t.arg.string({ required: true, description: 'Its name: the job ID of the Nomad document.' }) },
    resolve: async (_root, { name }, { ctx }) => {
      const { value } = await findServiceJob(ctx, name)
      return value === null ? null : jobOf(ctx, value)
    },
  }),
)

const byName: CursorForm<{ readonly name: string }, string> = {
  list: 'serviceJobs',
  key: ({ name }) => [name],
  read: ([name, ...rest]) => (isStorable(name) && rest.length === 0 ? name : null),
}

/** Postgres keeps no text with a zero character, and no name has one. */
function isStorable(part: unknown): part is string {
  return typeof part === 'string' && !part.includes('\0')
}

builder.queryField('serviceJobs', (t) =>
  t.connection(
    {
      type: ServiceJobRef,
      description:
        'The registered service jobs by the bytes of their names. Mirrors `GET /jobs` of Bastion and `GET /v1/jobs` of the Cluster and of Nomad.',
      args: { prefix: t.arg.string({ description: 'Only jobs whose name begins so; absent means all.' }) },
      resolve: async (_root, { prefix, ...args }, { ctx }) => {
        const slice = readSlice(args, byName)
        const start = prefix ?? ''
        const sliced = await sliceServiceJobs(ctx, start, slice)
        return toConnection(sliced, slice, byName, () => countServiceJobs(ctx, start))
      },
    },
    ...named('ServiceJob', 'service jobs'),
  ),
)

const uuidArg = 'Its uuid in full.'

builder.queryField('allocation', (t) =>
  t.field({
    type: AllocationRef,
    nullable: true,
    description: 'The allocation of that uuid, or null where there is none. Mirrors `GET /v1/allocation/{alloc_id}`.',
    args: { uuid: t.arg.string({ required: true, description: uuidArg }) },
    resolve: async (_root, { uuid }, { ctx }) => {
      const { value } = await findAllocation(ctx, uuid)
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
    description: 'The evaluation of that uuid, or null where there is none. Mirrors `GET /v1/evaluation/{eval_id}`.',
    args: { uuid: t.arg.string({ required: true, description: uuidArg }) },
    resolve: async (_root, { uuid }, { ctx }) => (await findEvaluation(ctx, uuid)).value,
  }),
)
