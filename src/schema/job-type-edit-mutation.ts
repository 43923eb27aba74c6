import type { JobType } from '#model/job-type.ts'
import { editJobType, parseEdit, setUnmetResources } from '#resolvers/job-type-edit.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { defined } from './input.ts'
import { inputNames } from './job-type-mutation.ts'
import { FindingRef } from './job-type-validation.ts'
import { JobTypeRef } from './refs.ts'

type Edited = Pick<Awaited<ReturnType<typeof editJobType>>, 'jobType' | 'warnings'>

const EditPayloadRef = builder.objectRef<Edited>('EditJobTypePayload')
EditPayloadRef.implement({
  description: 'The job type as it now stands.',
  fields: (t) => ({
    jobType: t.expose('jobType', { type: JobTypeRef, description: 'The job type.' }),
    warnings: t.field({
      type: [FindingRef],
      description: 'What else needs care, such as recipes that use it.',
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
})

const EditInput = builder.inputType('EditJobTypeInput', {
  description: 'What changes; what is absent stays as it is.',
  fields: (t) => ({
    dockerImage: t.string({ description: 'The name of the image; an empty text changes nothing.' }),
    manifest: t.field({ type: 'JSON', description: 'A Seed manifest 1.0.0, which makes a new revision.' }),
    configuration: t.field({ type: 'JSON', description: 'A job type configuration v6 that replaces the whole one.' }),
    iconCode: t.string({ description: 'An icon to show; an empty text changes nothing.' }),
    isPublished: t.boolean({ description: 'Whether it is offered to all users.' }),
    isActive: t.boolean({ description: 'Whether jobs of it may be queued.' }),
    isPaused: t.boolean({ description: 'Whether its queued jobs are held back.' }),
    maxScheduled: t.int({ description: 'How many jobs of it may run at once; null or 0 lifts the limit.' }),
  }),
})

/** What is null changes nothing, but for `maxScheduled`, which null lifts. */
function editOf({ maxScheduled, ...rest }: typeof EditInput.$inferInput) {
  return { ...defined(rest), ...(maxScheduled === undefined ? {} : { maxScheduled }) }
}

const identity = {
  name: { required: true, description: 'The name of the job type.' },
  version: { required: true, description: 'Its version, such as `1.0.0`.' },
} as const

const editResult = resultOf('EditJobType', EditPayloadRef, ['InvalidInputError', 'NotFoundError', 'ConflictError'])

builder.mutationField('editJobType', (t) =>
  t.field({
    type: editResult.type,
    description: 'Edits a version of a job type. Mirrors `PATCH /v6/job-types/{name}/{version}/`.',
    args: {
      name: t.arg.string(identity.name),
      version: t.arg.string(identity.version),
      input: t.arg({ type: EditInput, required: true, description: 'What changes.' }),
    },
    resolve: (_root, { name, version, input }, { ctx }) =>
      editResult.run(async () => editJobType(ctx, name, version, parseEdit(name, version, editOf(input))), inputNames),
  }),
)

const UnmetPayloadRef = builder.objectRef<{ readonly jobType: JobType }>('SetUnmetResourcesPayload')
UnmetPayloadRef.implement({
  description: 'The job type as it now stands.',
  fields: (t) => ({ jobType: t.expose('jobType', { type: JobTypeRef, description: 'The job type.' }) }),
})

const unmetResult = resultOf('SetUnmetResources', UnmetPayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('setUnmetResources', (t) =>
  t.field({
    type: unmetResult.type,
    description:
      'Says which resources no node offers to a job type. No REST document has a door for it; `GET /v6/job-types/{name}/{version}/` shows it as `unmet_resources`.',
    args: {
      name: t.arg.string(identity.name),
      version: t.arg.string(identity.version),
      unmetResources: t.arg.string({
        description: 'A comma list of resources, at most 1,000 characters; null says that all are met.',
      }),
    },
    resolve: (_root, { name, version, unmetResources }, { ctx }) =>
      unmetResult.run(async () => ({ jobType: await setUnmetResources(ctx, name, version, unmetResources ?? null) })),
  }),
)
