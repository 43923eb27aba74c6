import type { JobTypeName } from '#model/job-type.ts'
import { listJobTypeNames } from '#resolvers/job-type-list.ts'
import { builder } from './builder.ts'
import { named } from './connection.ts'
import { checkCount } from './global-id.ts'
import { defined } from './input.ts'
import { JobTypeRef } from './refs.ts'
import { windowConnection } from './window-connection.ts'

const JobTypeNameRef = builder.objectRef<JobTypeName>('JobTypeName')
JobTypeNameRef.implement({
  description: 'All versions of a job type that share one name.',
  fields: (t) => ({
    name: t.string({ description: 'The name.', resolve: ({ latest }) => latest.name }),
    latest: t.expose('latest', { type: JobTypeRef, description: 'The newest version, as semantic versioning has it.' }),
    versions: t.stringList({
      description: 'Every version, the oldest first.',
      resolve: ({ versions }) => [...versions],
    }),
  }),
})

builder.queryField('jobTypeNames', (t) =>
  t.connection(
    {
      type: JobTypeNameRef,
      description:
        'The names of which any one version fits all that is given, each with its versions, by name. Mirrors `GET /v6/job-type-names/`.',
      args: {
        keywords: t.arg.stringList({
          description: 'Part of the name or of a tag, in upper or lower case; one of these is enough.',
        }),
        isActive: t.arg.boolean({ description: 'Only with an active version, or only with an inactive one.' }),
        isSystem: t.arg.boolean({ description: "Only the product's own, or only the others." }),
      },
      resolve: async (_root, { keywords, isActive, isSystem, ...args }, { ctx }) => {
        checkCount(keywords?.length ?? 0, ['keywords'])
        const filter = defined({ keywords, isActive, isSystem })
        return windowConnection('jobTypeNames', args, (window) => listJobTypeNames(ctx, filter, [], window))
      },
    },
    ...named('JobTypeName', 'names of job types'),
  ),
)
