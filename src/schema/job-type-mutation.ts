import { parseRegistration, registerJobType, registerSystemJobType } from '#resolvers/job-type.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { defined } from './input.ts'
import { FindingRef } from './job-type-validation.ts'
import { JobTypeRef } from './refs.ts'

type Payload = Awaited<ReturnType<typeof registerJobType>>

function payloadOf(name: string) {
  return builder.objectRef<Payload>(name).implement({
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
}

const Input = builder.inputType('RegisterJobTypeInput', {
  description: 'A Seed image and how to run it.',
  fields: (t) => ({
    dockerImage: t.string({ required: true, description: 'The name of the image, at most 500 characters.' }),
    manifest: t.field({
      type: 'JSON',
      required: true,
      description:
        'Its Seed manifest 1.0.0: name and version, command, inputs, outputs and errors. `validateJobType` judges one without storing it.',
    }),
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

function registrationOf({ dockerImage, manifest, ...rest }: typeof Input.$inferInput) {
  return parseRegistration({ dockerImage, manifest, ...defined(rest) })
}

/** What the input of a registration or an edit is called here, by the names of the Scale v6 job types document. */
export const inputNames = {
  docker_image: 'input.dockerImage',
  icon_code: 'input.iconCode',
  max_scheduled: 'input.maxScheduled',
  manifest: 'input.manifest',
  configuration: 'input.configuration',
}

const result = resultOf('RegisterJobType', payloadOf('RegisterJobTypePayload'), ['InvalidInputError', 'ConflictError'])

builder.mutationField('registerJobType', (t) =>
  t.field({
    type: result.type,
    description:
      'Registers a job type: a new name and version gets revision 1, a known one its next revision. Mirrors `POST /v6/job-types/`.',
    args: { input: t.arg({ type: Input, required: true, description: 'The Seed image and how to run it.' }) },
    resolve: (_root, { input }, { ctx }) =>
      result.run(async () => registerJobType(ctx, registrationOf(input)), inputNames),
  }),
)

const systemResult = resultOf('RegisterSystemJobType', payloadOf('RegisterSystemJobTypePayload'), [
  'InvalidInputError',
  'ConflictError',
])

builder.mutationField('registerSystemJobType', (t) =>
  t.field({
    type: systemResult.type,
    description:
      "Registers a job type of the system's own, of which users may change the pause alone. No REST document has a door for it; what it makes is shown by `GET /v6/job-types/{name}/{version}/`.",
    args: { input: t.arg({ type: Input, required: true, description: 'The Seed image and how to run it.' }) },
    resolve: (_root, { input }, { ctx }) =>
      systemResult.run(async () => registerSystemJobType(ctx, registrationOf(input)), inputNames),
  }),
)
