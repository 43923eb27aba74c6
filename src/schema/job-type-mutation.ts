import { parseRegistration, registerJobType } from '#resolvers/job-type.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { defined } from './input.ts'
import { JobTypeRef } from './refs.ts'

const FindingRef = builder.objectRef<{ readonly name: string; readonly description: string }>('Finding')
FindingRef.implement({
  description: 'Something that is not wrong but should be looked at.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'What kind of finding it is, in the words of the Scale v6 documents.',
    }),
    description: t.exposeString('description', { description: 'One plain sentence.' }),
  }),
})

type Payload = Awaited<ReturnType<typeof registerJobType>>

const PayloadRef = builder.objectRef<Payload>('RegisterJobTypePayload')
PayloadRef.implement({
  description: 'The job type as it now stands.',
  fields: (t) => ({
    jobType: t.expose('jobType', { type: JobTypeRef, description: 'The job type.' }),
    isNew: t.exposeBoolean('isNew', {
      description: 'Whether its name and version were new; otherwise it got a new revision.',
    }),
    warnings: t.field({
      type: [FindingRef],
      description: 'What should be looked at.',
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
})

const Input = builder.inputType('RegisterJobTypeInput', {
  description: 'A Seed image and how to run it.',
  fields: (t) => ({
    dockerImage: t.string({ required: true, description: 'The name of the image, at most 500 characters.' }),
    manifest: t.field({ type: 'JSON', required: true, description: 'Its Seed manifest 1.0.0.' }),
    configuration: t.field({
      type: 'JSON',
      description: 'A job type configuration v6: mounts, output_workspaces, priority, settings.',
    }),
    iconCode: t.string({ description: 'An icon to show, at most 20 characters.' }),
    isPublished: t.boolean({ description: 'Whether it is offered to all users; absent means no.' }),
    isActive: t.boolean({ description: 'Whether jobs of it may be queued; absent means yes.' }),
    isPaused: t.boolean({ description: 'Whether its queued jobs are held back; absent means no.' }),
    maxScheduled: t.int({ description: 'How many jobs of it may run at once; absent or 0 means no limit.' }),
  }),
})

const result = resultOf('RegisterJobType', PayloadRef, ['InvalidInputError', 'ConflictError'])

builder.mutationField('registerJobType', (t) =>
  t.field({
    type: result.type,
    description:
      'Registers a job type: a new name and version gets revision 1, a known one its next revision. Mirrors `POST /v6/job-types/`.',
    args: { input: t.arg({ type: Input, required: true, description: 'The Seed image and how to run it.' }) },
    resolve: (_root, { input }, { ctx }) =>
      result.run(
        async () => {
          const { dockerImage, manifest, ...rest } = input
          return registerJobType(ctx, parseRegistration({ dockerImage, manifest, ...defined(rest) }))
        },
        {
          docker_image: 'input.dockerImage',
          icon_code: 'input.iconCode',
          max_scheduled: 'input.maxScheduled',
          manifest: 'input.manifest',
          configuration: 'input.configuration',
        },
      ),
  }),
)
