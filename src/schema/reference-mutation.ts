import type { JobError } from '#model/job-type.ts'
import type { Batch } from '#model/reference.ts'
import type { ComputeNode } from '#model/worker.ts'
import { registerBatch, registerJobError, registerNode } from '#resolvers/reference.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { defined } from './input.ts'
import { BatchRef, ComputeNodeRef, JobErrorRef } from './refs.ts'
import { ErrorCategoryEnum } from './status.ts'

const ErrorInput = builder.inputType('RegisterJobErrorInput', {
  description: 'Why a job may fail.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 50 letters, digits, dashes or underscores.' }),
    title: t.string({ description: 'A short heading, at most 50 characters; absent means the name.' }),
    description: t.string({ description: 'What goes wrong, at most 250 characters.' }),
    category: t.field({ type: ErrorCategoryEnum, required: true, description: 'Whose fault it is.' }),
    shouldBeRetried: t.boolean({
      description: 'Whether a job that fails so is tried again while it has tries left; absent means no.',
    }),
    jobTypeName: t.string({ description: 'The job type whose runs may report it; absent means any.' }),
  }),
})

const ErrorPayloadRef = builder.objectRef<{ readonly error: JobError }>('RegisterJobErrorPayload')
ErrorPayloadRef.implement({
  description: 'The error as it now stands.',
  fields: (t) => ({ error: t.expose('error', { type: JobErrorRef, description: 'The error.' }) }),
})
const errorResult = resultOf('RegisterJobError', ErrorPayloadRef, ['InvalidInputError'])

builder.mutationField('registerJobError', (t) =>
  t.field({
    type: errorResult.type,
    description:
      'Registers an error that workers may report, or brings the one of that name up to date. No REST document has a door for it; `GET /v6/jobs/{job_id}/` shows it as `error`.',
    args: { input: t.arg({ type: ErrorInput, required: true, description: 'The error.' }) },
    resolve: (_root, { input: { name, category, ...rest } }, { ctx }) =>
      errorResult.run(
        async () => ({ error: await registerJobError(ctx, { name, category, ...defined(rest) }) }),
        within('name', 'title', 'description', 'category'),
      ),
  }),
)

const NodePayloadRef = builder.objectRef<{ readonly computeNode: ComputeNode }>('RegisterComputeNodePayload')
NodePayloadRef.implement({
  description: 'The machine as it is now known.',
  fields: (t) => ({ computeNode: t.expose('computeNode', { type: ComputeNodeRef, description: 'The machine.' }) }),
})
const nodeResult = resultOf('RegisterComputeNode', NodePayloadRef, ['InvalidInputError'])

builder.mutationField('registerComputeNode', (t) =>
  t.field({
    type: nodeResult.type,
    description:
      'Makes a machine known. No REST document has a door for it; `GET /v6/jobs/{job_id}/` shows it as `node`.',
    args: { hostname: t.arg.string({ required: true, description: 'Its name in the network.' }) },
    resolve: (_root, { hostname }, { ctx }) =>
      nodeResult.run(async () => ({ computeNode: await registerNode(ctx, hostname) })),
  }),
)

const BatchInput = builder.inputType('RegisterBatchInput', {
  description: 'Jobs that are made together.',
  fields: (t) => ({
    title: t.string({ required: true, description: 'A short heading, 1 to 250 characters.' }),
    description: t.string({ description: 'What the batch is for, at most 2,000 characters.' }),
  }),
})

const BatchPayloadRef = builder.objectRef<{ readonly batch: Batch }>('RegisterBatchPayload')
BatchPayloadRef.implement({
  description: 'The batch that was made.',
  fields: (t) => ({ batch: t.expose('batch', { type: BatchRef, description: 'The batch.' }) }),
})
const batchResult = resultOf('RegisterBatch', BatchPayloadRef, ['InvalidInputError'])

builder.mutationField('registerBatch', (t) =>
  t.field({
    type: batchResult.type,
    description:
      'Makes a batch, to which `queueJob` can bind jobs. No REST document has a door for it; `GET /v6/jobs/{job_id}/` shows it as `batch`.',
    args: { input: t.arg({ type: BatchInput, required: true, description: 'The batch.' }) },
    resolve: (_root, { input: { title, ...rest } }, { ctx }) =>
      batchResult.run(
        async () => ({ batch: await registerBatch(ctx, { title, ...defined(rest) }) }),
        within('title', 'description'),
      ),
  }),
)

/** Says that these keys lie in `input`. */
function within(...keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [key, `input.${key}`]))
}
