import { noRow } from '#model/error.ts'
import { familyOf } from '#model/status.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { type SummaryEvent, watchSummary } from '#resolvers/summary-watch.ts'
import { builder } from './builder.ts'
import { readId } from './global-id.ts'
import { ServiceJobRef } from './refs.ts'
import { cursorOf, telling, told } from './stream.ts'
import { TaskGroupRef, taskGroupsOf } from './task-group.ts'

const EventRef = builder.objectRef<SummaryEvent>('ServiceJobSummaryEvent')
EventRef.implement({
  description: 'The summary of a service job, as it was at one change index.',
  fields: (t) => ({
    cursor: t.string({
      description: 'The place of this state in the change log: the streams of statuses go on after it.',
      resolve: ({ position }, _args, holder) => cursorOf(holder, { kind: 'BOOKMARK', position }),
    }),
    index: t.field({
      type: 'BigInt',
      description: 'The change index of this state.',
      resolve: ({ position }) => position.index,
    }),
    job: t.field({
      type: ServiceJobRef,
      description: 'The job as it stands now, which may be further on.',
      resolve: ({ job }, _args, { ctx }) => loadRequired(ctx.loaders.job, job.id),
    }),
    taskGroups: t.field({
      type: [TaskGroupRef],
      description: 'Its task groups at that index, with their summaries, in the order of the specification.',
      resolve: ({ job }) => taskGroupsOf(job),
    }),
    isEnd: t.exposeBoolean('isEnd', {
      description:
        'Whether the job is deregistered and nothing of it is queued, starting or running; the stream then completes.',
    }),
  }),
})

builder.subscriptionField('serviceJobSummaryChanged', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the summary of a service job: the present one, then each time that it differs, until the job is deregistered and nothing of it runs. A stopped job is followed on, for it may be started again. States in quick succession are told as one. Mirrors the `summary` in `GET /jobs` of Bastion and the Cluster.',
    args: { job: t.arg.id({ required: true, description: 'The id of the service job.' }) },
    subscribe: (_root, { job }, holder) =>
      telling(() => {
        const id = readId(job, 'ServiceJob', ['job'])
        if (familyOf(id) !== 'service') throw noRow('job', id, ['job'])
        return watchSummary(holder.ctx, id)
      }),
    resolve: (value) => told(value),
  }),
)
