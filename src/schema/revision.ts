import type { JobTypeRevision } from '#model/job-type.ts'
import { getRevision } from '#resolvers/job-type-list.ts'
import { sliceRevisions } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { type CursorForm, isId, named, readSlice, toConnection } from './connection.ts'
import { orNull } from './input.ts'
import { JobTypeRef, JobTypeRevisionRef } from './refs.ts'

const form: CursorForm<JobTypeRevision, number> = {
  list: 'revisions',
  key: ({ revisionNum }) => [revisionNum],
  read: ([number, ...rest]) => (isId(number) && rest.length === 0 ? number : null),
}

builder.objectField(JobTypeRef, 'revisions', (t) =>
  t.connection(
    {
      type: JobTypeRevisionRef,
      description: 'Its revisions, the newest first. Mirrors `GET /v6/job-types/{name}/{version}/revisions/`.',
      resolve: async ({ id }, args, { ctx }) => {
        const slice = readSlice(args, form)
        const count = () => ctx.loaders.revisionsOf.count.load(id)
        return toConnection(await sliceRevisions(ctx, id, slice), slice, form, count)
      },
    },
    ...named('JobTypeRevision', 'revisions of a job type'),
  ),
)

builder.queryField('jobTypeRevision', (t) =>
  t.field({
    type: JobTypeRevisionRef,
    nullable: true,
    description:
      'One revision of a job type, or null where there is none. Mirrors `GET /v6/job-types/{name}/{version}/revisions/{revision_num}/`.',
    args: {
      name: t.arg.string({ required: true, description: 'The name of the job type.' }),
      version: t.arg.string({ required: true, description: 'Its version, such as `1.0.0`.' }),
      number: t.arg.int({ required: true, description: 'The number of the revision, from 1.' }),
    },
    resolve: (_root, { name, version, number }, { ctx }) =>
      orNull(getRevision(ctx, name, version, number).then(({ revision }) => revision)),
  }),
)
