import type { Execution } from '#model/execution.ts'
import { executionStatuses } from '#model/status.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { watchExecutions } from '#resolvers/status-watch.ts'
import type { WatchEvent } from '#resolvers/watch.ts'
import { builder } from './builder.ts'
import { readIdsOfFamilies } from './global-id.ts'
import { defined } from './input.ts'
import { ExecutionRef } from './refs.ts'
import { ExecutionStatusEnum } from './status.ts'
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

const EventRef = builder.objectRef<WatchEvent<Execution>>('ExecutionStatusEvent')
EventRef.implement({
  description: 'How an execution stands, or a change of its status.',
  interfaces: [StatusEventRef],
  fields: (t) => ({
    execution: t.field({
      type: ExecutionRef,
      nullable: true,
      description: rowDescription('execution'),
      resolve: (event, _args, { ctx }) => rowOf(event, (id) => loadRequired(ctx.loaders.execution, id)),
    }),
    from: t.field({
      type: ExecutionStatusEnum,
      nullable: true,
      description: fromDescription,
      resolve: (event) => fromOf(event, executionStatuses),
    }),
    to: t.field({
      type: ExecutionStatusEnum,
      nullable: true,
      description: toDescription,
      resolve: (event) => toOf(event, executionStatuses),
    }),
  }),
})

builder.subscriptionField('executionStatusChanged', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the status of executions of both families, allocations among them: first how those that match stand (all of `ids` and of `jobs`, or without either those that have not ended, at most 10,000), then a bookmark, then each change once and in order. Gaps and errors are told as in `jobStatusChanged`.',
    args: {
      ids: t.arg.idList({ description: 'Only these executions and allocations, at most 1,000; absent means any.' }),
      jobs: t.arg.idList({
        description: 'Only executions of these jobs, of either family, at most 1,000; absent means of any.',
      }),
      ...startArgs(t),
    },
    subscribe: (_root, { ids, jobs, ...start }, holder) =>
      telling(() => {
        const watch = {
          ids: readIdsOfFamilies(ids, { queued: 'JobExecution', service: 'Allocation' }, ['ids']),
          jobIds: readIdsOfFamilies(jobs, { queued: 'QueuedJob', service: 'ServiceJob' }, ['jobs']),
        }
        return watchExecutions(holder.ctx, { ...defined(watch), ...startOf(holder, start) })
      }),
    resolve: (value) => told(value),
  }),
)
