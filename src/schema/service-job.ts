import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import { type ServiceJob, serviceWordOf } from '#model/service-job.ts'
import type { Context } from '#resolvers/context.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { sliceEvaluations, sliceExecutions } from '#resolvers/slice.ts'
import { builder, type Holder } from './builder.ts'
import { byId, type CursorForm, isId, named, readSlice, toConnection } from './connection.ts'
import { isNode } from './global-id.ts'
import { AllocationConnectionRef, AllocationRef, EvaluationRef, JobRef, ServiceJobRef } from './refs.ts'
import { TaskGroupRef, taskGroupsOf } from './task-group.ts'

/** What the job is as a service; the rows of a page are read together. */
function serviceOf(ctx: Context, id: number): Promise<ServiceJob> {
  return loadRequired(ctx.loaders.serviceJob, id)
}

/** Resolves a field of a job by what it is as a service. */
function ofService<T>(pick: (job: ServiceJob) => T) {
  return async ({ id }: { readonly id: number }, _args: object, { ctx }: Holder): Promise<T> =>
    pick(await serviceOf(ctx, id))
}

builder.node(ServiceJobRef, {
  name: isNode('ServiceJob'),
  description:
    'A job of the scheduler: task groups, of each of which a number of instances is kept running. Mirrors `GET /v1/job/{job}` of Nomad and an entry of `GET /jobs` of Bastion and the Cluster.',
  id: { resolve: ({ id }) => id, parse: Number },
  interfaces: [JobRef],
  loadWithoutCache: async (id, { ctx }) => {
    const job = await ctx.loaders.job.load(id)
    return job?.family === 'service' ? job : null
  },
  fields: (t) => ({
    rawStatus: t.string({
      description: 'Where it stands, in the word of its REST documents: `pending`, `running` or `dead`.',
      resolve: ({ status }) => serviceWordOf(status),
    }),
    canCancel: t.boolean({
      description: 'Whether `cancelJobs` would change it: never, `stopServiceJob` is for services.',
      resolve: () => false,
    }),
    canRequeue: t.boolean({
      description: 'Whether `requeueJobs` would change it: never, `startServiceJob` is for services.',
      resolve: () => false,
    }),
    name: t.string({
      description: "Nomad's job ID and Bastion's job name; unique while it is registered.",
      resolve: ofService(({ name }) => name),
    }),
    title: t.string({
      description: "Nomad's `Name`, with which the names of allocations begin.",
      resolve: ofService(({ title }) => title),
    }),
    region: t.string({ description: 'Where it is registered.', resolve: ofService(({ region }) => region) }),
    kind: t.string({
      description: "Nomad's `Type`: `service`, `batch`, `system`, or whatever was registered.",
      resolve: ofService(({ kind }) => kind),
    }),
    specification: t.field({
      type: 'JSON',
      description: 'The `Job` object of the Nomad document with its defaults, the counts as they now stand.',
      resolve: ofService(({ spec }) => spec),
    }),
    taskGroups: t.field({
      type: [TaskGroupRef],
      description: 'Its task groups in the order of the specification.',
      resolve: ofService(taskGroupsOf),
    }),
    isStopped: t.boolean({
      description: 'Whether it was stopped without being deregistered.',
      resolve: ofService(({ isStopped }) => isStopped),
    }),
    isAutostarted: t.boolean({
      description: 'Whether `startAllServiceJobs` starts it: the `autostart` of Bastion and the Cluster.',
      resolve: ofService(({ autostart }) => autostart),
    }),
    isByCluster: t.boolean({
      description: 'Whether the cluster itself looks after it: the `byCluster` of Bastion and the Cluster.',
      resolve: ofService(({ byCluster }) => byCluster),
    }),
    isPeriodic: t.boolean({
      description: 'Whether it is launched by a schedule and runs nothing itself.',
      resolve: ofService(({ isPeriodic }) => isPeriodic),
    }),
    parent: t.field({
      type: ServiceJobRef,
      nullable: true,
      description: 'The periodic job that launched it; null for any other.',
      resolve: async ({ id }, _args, { ctx }) => loadNullable(ctx.loaders.job, (await serviceOf(ctx, id)).parentId),
    }),
    nextLaunchAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a periodic job is due next; null for others, and while disabled, stopped or never due again.',
      resolve: ofService(({ nextLaunch }) => nextLaunch),
    }),
    deregisteredAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was deregistered; null while it is registered.',
      resolve: ofService(({ deregisteredAt }) => deregisteredAt),
    }),
    jobModifyIndex: t.field({
      type: 'BigInt',
      description: 'The change index of its last registration or change of a count.',
      resolve: ofService(({ jobModifyIndex }) => jobModifyIndex),
    }),
    allocations: t.connection(
      {
        type: AllocationRef,
        description:
          'Its instances since it was registered, newest first. Mirrors `GET /v1/job/{job}/allocations`, which also shows those of earlier jobs of the name.',
        resolve: async ({ id }, args, { ctx }) => {
          const slice = readSlice(args, byNumber)
          const count = () => ctx.loaders.executionsOf.count.load(id)
          return toConnection(await sliceExecutions(ctx, id, slice), slice, byNumber, count)
        },
      },
      AllocationConnectionRef,
    ),
    evaluations: t.connection(
      {
        type: EvaluationRef,
        description:
          'The looks of the scheduler at it, newest first. Mirrors `GET /v1/job/{job}/evaluations`, which also shows those of earlier jobs of the name.',
        resolve: async ({ id }, args, { ctx }) => {
          const slice = readSlice(args, byEvaluation)
          const count = () => ctx.loaders.evaluationsOf.count.load(id)
          return toConnection(await sliceEvaluations(ctx, id, slice), slice, byEvaluation, count)
        },
      },
      ...named('Evaluation', 'evaluations'),
    ),
  }),
})

const byNumber: CursorForm<Execution, number> = {
  list: 'allocations',
  key: ({ number }) => [number],
  read: ([number, ...rest]) => (isId(number) && rest.length === 0 ? number : null),
}

const byEvaluation = byId<Evaluation>('evaluations')
