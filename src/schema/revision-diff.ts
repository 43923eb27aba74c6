import type { JsonChange } from '#model/json-diff.ts'
import { diffRevision } from '#resolvers/revision-diff.ts'
import { builder } from './builder.ts'
import { revisionInFull } from './document.ts'
import { readId } from './global-id.ts'
import { JobTypeRevisionRef } from './refs.ts'

const JsonChangeKindEnum = builder.enumType('JsonChangeKind', {
  description: 'What became of a value in a document.',
  values: {
    ADDED: { description: 'It is only in the later document.' },
    REMOVED: { description: 'It is only in the earlier document.' },
    CHANGED: { description: 'It is another in the later document.' },
  },
})

const JsonChangeRef = builder.objectRef<JsonChange>('JsonChange')
JsonChangeRef.implement({
  description: 'One difference between two documents.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description:
        'Where, as a JSON pointer (RFC 6901): in the later document, or in the earlier for what was removed.',
    }),
    kind: t.expose('kind', { type: JsonChangeKindEnum, description: 'What became of it.' }),
    from: t.expose('from', {
      type: 'JSON',
      nullable: true,
      description: 'The value in the earlier document; null for what was added.',
    }),
    to: t.expose('to', {
      type: 'JSON',
      nullable: true,
      description: 'The value in the later document; null for what was removed.',
    }),
  }),
})

builder.objectField(JobTypeRevisionRef, 'diff', (t) =>
  t.field({
    type: [JsonChangeRef],
    nullable: true,
    description:
      'What its manifest changed since another revision, in the order of the earlier document; null for a first revision that is compared with none. Lists whose members all have names are compared by name, others by place. For a service job the manifest is its specification.',
    args: {
      since: t.arg.id({
        description:
          'The id of the `JobTypeRevision` to compare with, also of another version; absent means the one before.',
      }),
    },
    resolve: async (revision, { since }, { ctx }) => {
      const sinceId = typeof since === 'string' ? readId(since, 'JobTypeRevision', ['since']) : null
      return diffRevision(ctx, await revisionInFull(ctx, revision), sinceId)
    },
  }),
)
