import { decodeCursor } from '#model/cursor.ts'
import type { Job } from '#model/job.ts'
import { type JobStatus, jobStatuses } from '#model/status.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { type WatchEvent, watchJobs } from '#resolvers/watch.ts'
import { builder } from './builder.ts'
import { readIds } from './global-id.ts'
import { defined } from './input.ts'
import { JobRef } from './refs.ts'
import { JobStatusEnum } from './status.ts'
import { cursorDescription, cursorOf, StreamEventKindEnum, telling, told } from './stream.ts'

const EventRef = builder.objectRef<WatchEvent<Job>>('JobStatusEvent')
EventRef.implement({
  description: 'How a job stands, or a change of its status.',
  fields: (t) => ({
    kind: t.expose('kind', { type: StreamEventKindEnum, description: 'What this event tells.' }),
    cursor: t.string({ description: cursorDescription, resolve: (event, _args, holder) => cursorOf(holder, event) }),
    index: t.field({
      type: 'BigInt',
      description: 'The change index up to which everything was told; 0 amid a snapshot.',
      resolve: ({ position }) => position.index,
    }),
    job: t.field({
      type: JobRef,
      nullable: true,
      description:
        'The job: in a snapshot as it stood then, else as it stands now, which may be further on. Null in a bookmark.',
      resolve: async (event, _args, { ctx }) => {
        if (event.kind === 'SNAPSHOT') return event.row
        return event.kind === 'CHANGE' ? loadRequired(ctx.loaders.job, event.change.entityId) : null
      },
    }),
    from: t.field({
      type: JobStatusEnum,
      nullable: true,
      description: 'The status before the change; null where the job was made by it, and in other events.',
      resolve: (event) => (event.kind === 'CHANGE' ? statusOf(event.change.from) : null),
    }),
    to: t.field({
      type: JobStatusEnum,
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
        if (event.kind === 'SNAPSHOT') return event.row.lastStatusChange
        return event.kind === 'CHANGE' ? event.change.at : null
      },
    }),
  }),
})

function statusOf(word: string | null): JobStatus | null {
  return jobStatuses.find((status) => status === word) ?? null
}

builder.subscriptionField('jobStatusChanged', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the status of jobs: first how those that match stand (all of `ids`, or without `ids` those not at their end, at most 10,000), then a bookmark, then each change once and in order. Errors end the stream with `extensions.code` COMPACTED or FOREIGN_CURSOR where `after` cannot be resumed from.',
    args: {
      ids: t.arg.idList({ description: 'Only these jobs, at most 1,000; absent means any.' }),
      jobTypes: t.arg.idList({ description: 'Only jobs of these job types; absent means of any.' }),
      after: t.arg.string({ description: 'Resume after the cursor of an event: no snapshot, only what came since.' }),
      snapshot: t.arg.boolean({
        defaultValue: true,
        description: 'Whether a stream that starts anew begins with a snapshot.',
      }),
    },
    subscribe: (_root, { ids, jobTypes, after, snapshot }, holder) =>
      telling(holder, () => {
        const watch = {
          ...defined({
            ids: readIds(ids, 'QueuedJob', ['ids']),
            jobTypeIds: readIds(jobTypes, 'JobType', ['jobTypes']),
          }),
          after: typeof after === 'string' ? decodeCursor(holder.ctx.store.id, after) : null,
          snapshot: snapshot ?? true,
        }
        return watchJobs(holder.ctx, watch)
      }),
    resolve: (value) => told(value),
  }),
)
