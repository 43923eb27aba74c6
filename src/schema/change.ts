import { encodeCursor } from '#model/cursor.ts'
import { getChangeHead } from '#resolvers/watch.ts'
import { builder } from './builder.ts'

const ChangeIndexRef = builder.objectRef<{ readonly index: number; readonly oldest: number; readonly cursor: string }>(
  'ChangeIndex',
)
ChangeIndexRef.implement({
  description:
    'Where the change log stands. One index counts the visible changes of the whole store, from 1 and without gaps; log lines and heartbeats take none.',
  fields: (t) => ({
    value: t.expose('index', { type: 'BigInt', description: 'The highest index; 0 while nothing was ever written.' }),
    oldest: t.expose('oldest', { type: 'BigInt', description: 'The oldest index whose changes are still kept.' }),
    cursor: t.exposeString('cursor', {
      description:
        'The place after the highest index. Ask for it first, then read, then subscribe after it: nothing is missed.',
    }),
  }),
})

builder.queryField('changeIndex', (t) =>
  t.field({
    type: ChangeIndexRef,
    description: 'Where the change log stands now.',
    resolve: async (_root, _args, { ctx }) => {
      const { index, oldest, position } = await getChangeHead(ctx)
      return { index, oldest, cursor: encodeCursor(ctx.store.id, position) }
    },
  }),
)
