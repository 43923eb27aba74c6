import { type Evaluation, evaluationStatuses } from '#model/evaluation.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { watchEvaluations } from '#resolvers/status-watch.ts'
import type { WatchEvent } from '#resolvers/watch.ts'
import { builder } from './builder.ts'
import { EvaluationStatusEnum } from './evaluation.ts'
import { readIds } from './global-id.ts'
import { defined } from './input.ts'
import { EvaluationRef } from './refs.ts'
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

const EventRef = builder.objectRef<WatchEvent<Evaluation>>('EvaluationStatusEvent')
EventRef.implement({
  description: 'How an evaluation stands, or a change of its status.',
  interfaces: [StatusEventRef],
  fields: (t) => ({
    evaluation: t.field({
      type: EvaluationRef,
      nullable: true,
      description: rowDescription('evaluation'),
      resolve: (event, _args, { ctx }) => rowOf(event, (id) => loadRequired(ctx.loaders.evaluation, id)),
    }),
    from: t.field({
      type: EvaluationStatusEnum,
      nullable: true,
      description: fromDescription,
      resolve: (event) => fromOf(event, evaluationStatuses),
    }),
    to: t.field({
      type: EvaluationStatusEnum,
      nullable: true,
      description: toDescription,
      resolve: (event) => toOf(event, evaluationStatuses),
    }),
  }),
})

builder.subscriptionField('evaluationStatusChanged', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the status of evaluations: first how those that match stand (all of `ids` and of `jobs`, or without either those that are pending or blocked, at most 10,000), then a bookmark, then each change once and in order. Gaps and errors are told as in `jobStatusChanged`.',
    args: {
      ids: t.arg.idList({ description: 'Only these evaluations, at most 1,000; absent means any.' }),
      jobs: t.arg.idList({
        description: 'Only evaluations of these service jobs, at most 1,000; absent means of any.',
      }),
      ...startArgs(t),
    },
    subscribe: (_root, { ids, jobs, ...start }, holder) =>
      telling(() => {
        const watch = { ids: readIds(ids, 'Evaluation', ['ids']), jobIds: readIds(jobs, 'ServiceJob', ['jobs']) }
        return watchEvaluations(holder.ctx, { ...defined(watch), ...startOf(holder, start) })
      }),
    resolve: (value) => told(value),
  }),
)
