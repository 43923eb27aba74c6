import { decodeCursor } from '#model/cursor.ts'
import type { Execution } from '#model/execution.ts'
import { type ExecutionStatus, executionStatuses } from '#model/status.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { type WatchEvent, watchExecutions } from '#resolvers/watch.ts'
import { builder } from './builder.ts'
import { readIds } from './global-id.ts'
import { defined } from './input.ts'
import { ExecutionRef } from './refs.ts'
import { ExecutionStatusEnum } from './status.ts'
import { cursorDescription, cursorOf, StreamEventKindEnum, telling, told } from './stream.ts'

const EventRef = builder.objectRef<WatchEvent<Execution>>('ExecutionStatusEvent')
EventRef.implement({
  description: 'How an execution stands, or a change of its status.',
  fields: (t) => ({
    kind: t.expose('kind', { type: StreamEventKindEnum, description: 'What this event tells.' }),
    cursor: t.string({ description: cursorDescription, resolve: (event, _args, holder) => cursorOf(holder, event) }),
    index: t.field({
      type: 'BigInt',
      description: 'The change index up to which everything was told; 0 amid a snapshot.',
      resolve: ({ position }) => position.index,
    }),
    execution: t.field({
      type: ExecutionRef,
      nullable: true,
      description:
        'The execution: in a snapshot as it stood then, else as it stands now, which may be further on. Null in a bookmark.',
      resolve: async (event, _args, { ctx }) => {
        if (event.kind === 'SNAPSHOT') return event.row
        return event.kind === 'CHANGE' ? loadRequired(ctx.loaders.execution, event.change.entityId) : null
      },
    }),
    from: t.field({
      type: ExecutionStatusEnum,
      nullable: true,
      description: 'The status before the change; null where the execution was made by it, and in other events.',
      resolve: (event) => (event.kind === 'CHANGE' ? statusOf(event.change.from) : null),
    }),
    to: t.field({
      type: ExecutionStatusEnum,
      nullable: true,
      description: 'The status after the change, or at the time of the snapshot; null in a bookmark.',
      resolve: (event) => {
        if (event.kind === 'SNAPSHOT') return event.row.status
        return event.kind === 'CHANGE' ? statusOf(event.change.to) : null
      },
    }),
    at: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the status changed; null in a bookmark.',
      resolve: (event) => {
        if (event.kind === 'SNAPSHOT') return event.row.endedAt ?? event.row.startedAt ?? event.row.createdAt
        return event.kind === 'CHANGE' ? event.change.at : null
      },
    }),
  }),
})

function statusOf(word: string | null): ExecutionStatus | null {
  return executionStatuses.find((status) => status === word) ?? null
}

builder.subscriptionField('executionStatusChanged', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the status of executions: first how those that match stand (all of `ids` and of `jobs`, or without either those that have not ended, at most 10,000), then a bookmark, then each change once and in order. Errors end the stream as in `jobStatusChanged`.',
    args: {
      ids: t.arg.idList({ description: 'Only these executions, at most 1,000; absent means any.' }),
      jobs: t.arg.idList({ description: 'Only executions of these jobs, at most 1,000; absent means of any.' }),
      after: t.arg.string({ description: 'Resume after the cursor of an event: no snapshot, only what came since.' }),
      snapshot: t.arg.boolean({
        defaultValue: true,
        description: 'Whether a stream that starts anew begins with a snapshot.',
      }),
    },
    subscribe: (_root, { ids, jobs, after, snapshot }, holder) =>
      telling(holder, () => {
        const watch = {
          ...defined({ ids: readIds(ids, 'JobExecution', ['ids']), jobIds: readIds(jobs, 'QueuedJob', ['jobs']) }),
          after: typeof after === 'string' ? decodeCursor(holder.ctx.store.id, after) : null,
          snapshot: snapshot ?? true,
        }
        return watchExecutions(holder.ctx, watch)
      }),
    resolve: (value) => told(value),
  }),
)
