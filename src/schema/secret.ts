import type { SecretInfo } from '#model/secret.ts'
import { getSecretValues, listSecrets, type SecretValue } from '#resolvers/secret.ts'
import { builder } from './builder.ts'
import { longestList } from './connection.ts'
import { orNull } from './input.ts'

/** A secret without its values. */
export const SecretRef = builder.objectRef<Pick<SecretInfo, 'id' | 'keys'>>('Secret').implement({
  description: 'A secret, without its values. Mirrors an item of `GET /secrets/list`.',
  fields: (t) => ({
    name: t.exposeString('id', { description: 'Its name, unique among secrets; an item of `keys` in REST.' }),
    keys: t.stringList({ description: 'The names of its values, in order.', resolve: ({ keys }) => [...keys] }),
  }),
})

builder.queryField('secrets', (t) =>
  t.field({
    type: [SecretRef],
    description: 'The secrets by name, without their values; at most the first 10,000. Mirrors `GET /secrets/list`.',
    resolve: async (_root, _args, { ctx }) => (await listSecrets(ctx)).slice(0, longestList),
  }),
)

const ValueRef = builder.objectRef<SecretValue>('SecretValue').implement({
  description: 'One value of a secret, in clear.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The name of the value within the secret.' }),
    value: t.exposeString('value', { description: 'The value, which nothing may log or keep.' }),
  }),
})

builder.queryField('secretValues', (t) =>
  t.field({
    type: [ValueRef],
    nullable: true,
    description:
      'Reveals the values of a secret, by their names; null where there is no such secret. Refused with `FORBIDDEN` where the operator has set `REVEAL_SECRETS` to `off`. No other field shows a value. Mirrors `GET /secrets/secret/{secret}`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the secret.' }) },
    resolve: async (_root, { name }, { ctx }) => {
      const values = await orNull(getSecretValues(ctx, name))
      return values === null ? null : Object.entries(values).map(([key, value]) => ({ key, value }))
    },
  }),
)
