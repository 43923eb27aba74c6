import type { Position } from '#model/change.ts'
import type { JobChange } from '#model/history.ts'
import { sliceHistory } from '#resolvers/history.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { builder } from './builder.ts'
import { type CursorForm, isId, named, readSlice, toConnection } from './connection.ts'
import { EvaluationRef, ExecutionRef, JobRef } from './refs.ts'

/** Other kinds of change concern no single job; one that ever did would be refused here, loudly. */
const JobChangeKindEnum = builder.enumType('JobChangeKind', {
  description: 'What a change in the history of a job is about.',
  values: {
    JOB: { description: 'The job itself.' },
    EXECUTION: { description: 'One of its executions or allocations.' },
    EVALUATION: { description: 'One of its evaluations.' },
  },
})

const kinds = ['JOB', 'EXECUTION', 'EVALUATION'] as const

/** Why the statuses of a change are texts. */
const words =
  'A text, since each kind has statuses of its own: the values of `JobStatus`, `ExecutionStatus` or `EvaluationStatus`.'

const JobChangeRef = builder.objectRef<JobChange>('JobChange')
JobChangeRef.implement({
  description: 'One change of a job, or of what belongs to it, as it was committed.',
  fields: (t) => ({
    index: t.expose('index', {
      type: 'BigInt',
      description: 'The change index of its transaction, which changes made together share.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    kind: t.field({
      type: JobChangeKindEnum,
      description: 'What it is about.',
      resolve: (change) => {
        const kind = kinds.find((one) => one === change.kind)
        if (kind === undefined) throw new Error(`a change of a job is about ${change.kind}`)
        return kind
      },
    }),
    from: t.exposeString('from', {
      nullable: true,
      description: `The status before; null where it was made by this change, and where no status moved. ${words}`,
    }),
    to: t.exposeString('to', {
      nullable: true,
      description: `The status after; null where no status moved. ${words}`,
    }),
    job: t.field({
      type: JobRef,
      description: 'The job, as it stands now.',
      resolve: ({ jobId }, _args, { ctx }) => loadRequired(ctx.loaders.job, jobId),
    }),
    execution: t.field({
      type: ExecutionRef,
      nullable: true,
      description: 'The execution that it is about, as it stands now; null for other kinds.',
      resolve: ({ kind, entityId }, _args, { ctx }) =>
        kind === 'EXECUTION' ? ctx.loaders.execution.load(entityId) : null,
    }),
    evaluation: t.field({
      type: EvaluationRef,
      nullable: true,
      description: 'The evaluation that it is about, as it stands now; null for other kinds.',
      resolve: ({ kind, entityId }, _args, { ctx }) =>
        kind === 'EVALUATION' ? ctx.loaders.evaluation.load(entityId) : null,
    }),
  }),
})

const form: CursorForm<JobChange, Position> = {
  list: 'history',
  key: ({ index, ordinal }) => [index, ordinal],
  read: ([index, ordinal, ...rest]) =>
    isId(index) && (ordinal === 0 || (isId(ordinal) && ordinal < 2 ** 31)) && rest.length === 0
      ? { index, ordinal }
      : null,
}

builder.interfaceField(JobRef, 'history', (t) =>
  t.connection(
    {
      type: JobChangeRef,
      description:
        'The changes of it and of its executions or allocations and evaluations, newest first. It reaches back to `changeIndex.oldest`: older changes are dropped after 7 days, save the last 100,000 indexes.',
      resolve: async ({ id }, args, { ctx }) => {
        const slice = readSlice(args, form)
        const count = () => ctx.loaders.historyOf.count.load(id)
        return toConnection(await sliceHistory(ctx, id, slice), slice, form, count)
      },
    },
    ...named('JobChange', 'changes of a job'),
  ),
)
