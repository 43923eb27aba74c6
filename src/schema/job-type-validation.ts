import type { Finding, JobTypeValidation } from '#model/documents/configuration-check.ts'
import { validateJobType } from '#resolvers/job-type.ts'
import { builder } from './builder.ts'

/** An error or a warning by the name that the Scale v6 documents give it. */
export const FindingRef = builder.objectRef<Finding>('Finding')
FindingRef.implement({
  description: 'Something about a manifest or a configuration that should be looked at.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'What kind of finding it is, in the words of the Scale v6 documents.',
    }),
    description: t.exposeString('description', { description: 'One plain sentence.' }),
  }),
})

const ValidationRef = builder.objectRef<JobTypeValidation>('JobTypeValidation')
ValidationRef.implement({
  description: 'What was found in a manifest and a configuration.',
  fields: (t) => ({
    isValid: t.exposeBoolean('isValid', { description: 'Whether a job type could be registered so.' }),
    errors: t.field({
      type: [FindingRef],
      description: 'What stands against it; at most one.',
      resolve: ({ errors }) => [...errors],
    }),
    warnings: t.field({
      type: [FindingRef],
      description: 'What is not wrong but should be looked at; none where there is an error.',
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
})

builder.queryField('validateJobType', (t) =>
  t.field({
    type: ValidationRef,
    description:
      'Judges a manifest and a configuration without storing them. Mirrors `POST /v6/job-types/validation/`.',
    args: {
      manifest: t.arg({ type: 'JSON', required: true, description: 'The Seed manifest 1.0.0.' }),
      configuration: t.arg({
        type: 'JSON',
        description: 'A job type configuration v6; absent means that the defaults are judged.',
      }),
    },
    resolve: (_root, { manifest, configuration }, { ctx }) => validateJobType(ctx, manifest, configuration ?? null),
  }),
)
