import { badInput } from '#model/error.ts'
import type { LogInstance, LogSource } from '#model/logger.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { getLogSource, listLogInstances, listLogSources } from '#resolvers/log-source.ts'
import { TaskStateNameEnum } from './allocation.ts'
import { builder } from './builder.ts'
import { largestPage, longestList, usualPage } from './connection.ts'
import { orNull } from './input.ts'
import { AllocationRef } from './refs.ts'

const InstanceRef = builder.objectRef<LogInstance>('LogInstance').implement({
  description: 'One instance of a log: the file of one allocation. Mirrors an item of `GET /v1/log/meta/{log}`.',
  fields: (t) => ({
    allocation: t.field({
      type: AllocationRef,
      description: 'The allocation that writes it.',
      resolve: ({ executionId }, _args, { ctx }) => loadRequired(ctx.loaders.execution, executionId),
    }),
    status: t.expose('status', { type: TaskStateNameEnum, description: 'Where the task stands.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the allocation was made.' }),
  }),
})

/** A named log of the Cluster's list. */
export const LogSourceRef = builder.objectRef<LogSource>('LogSource').implement({
  description: "A named log: one file of one task of a service job's group. Mirrors an item of `GET /v1/log/logs`.",
  fields: (t) => ({
    name: t.exposeString('id', { description: 'Its name, unique among logs; `id` in REST.' }),
    jobName: t.exposeString('job', { description: 'The name of the job, which need not exist.' }),
    taskGroup: t.exposeString('taskGroup', { description: "The job's group of tasks; `group` in REST." }),
    task: t.exposeString('task', { description: 'The task that writes it.' }),
    fileName: t.exposeString('fileName', { description: '`stdout`, `stderr`, or the name of a file.' }),
    hasLevel: t.exposeBoolean('hasLevel', {
      description: 'Whether its id is also the name of a logger, whose level can be set; `logLevel` in REST.',
    }),
    instances: t.field({
      type: [InstanceRef],
      description:
        'Its instances among the newest allocations of its group, newest first. Mirrors `GET /v1/log/meta/{log}`.',
      args: {
        first: t.arg.int({ description: 'Looks at this many allocations, 0 to 1,000; absent means 50.' }),
      },
      resolve: async (source, { first }, { ctx }) => {
        const limit = first ?? usualPage
        if (limit < 0 || limit > largestPage)
          throw badInput(`first must be between 0 and ${largestPage}.`, { path: ['first'] })
        return [...(await listLogInstances(ctx, source, limit))]
      },
    }),
  }),
})

builder.queryField('logSources', (t) =>
  t.field({
    type: [LogSourceRef],
    description:
      'The list of logs, in the order in which it was set; at most the first 10,000. Mirrors `GET /v1/log/logs`.',
    resolve: async (_root, _args, { ctx }) => (await listLogSources(ctx)).slice(0, longestList),
  }),
)

builder.queryField('logSource', (t) =>
  t.field({
    type: LogSourceRef,
    nullable: true,
    description:
      'One log of the list, or null where none has that name. With `instances` it mirrors `GET /v1/log/meta/{log}`.',
    args: { name: t.arg.string({ required: true, description: 'Its name, such as `logSources` lists it.' }) },
    resolve: (_root, { name }, { ctx }) => orNull(getLogSource(ctx, name)),
  }),
)
