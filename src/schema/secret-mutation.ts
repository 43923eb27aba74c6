import type { SecretInfo } from '#model/secret.ts'
import { removeSecret, secretValuesOf, setSecret } from '#resolvers/secret.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { checkCount } from './global-id.ts'
import { SecretRef } from './secret.ts'

const ValueInput = builder.inputType('SecretValueInput', {
  description: 'One value of a secret.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'The name of the value, unique within the secret.' }),
    value: t.string({ required: true, description: 'The value; it is sealed before it is stored.' }),
  }),
})

const SetPayloadRef = builder
  .objectRef<{ readonly secret: Pick<SecretInfo, 'id' | 'keys'> }>('SetSecretPayload')
  .implement({
    description: 'The secret as it now stands, without its values.',
    fields: (t) => ({ secret: t.expose('secret', { type: SecretRef, description: 'The secret.' }) }),
  })
const setResult = resultOf('SetSecret', SetPayloadRef, ['InvalidInputError'])

builder.mutationField('setSecret', (t) =>
  t.field({
    type: setResult.type,
    description:
      'Creates a secret, or replaces all its values. Give the values as variables: the text of an operation is more easily kept somewhere. Mirrors `POST /secrets/secret/{secret}`.',
    args: {
      name: t.arg.string({
        required: true,
        description: 'The name of the secret: letters, digits, dots, dashes and underscores.',
      }),
      values: t.arg({ type: [ValueInput], required: true, description: 'Its values, 1 to 1,000.' }),
    },
    resolve: (_root, { name, values }, { ctx }) =>
      setResult.run(
        async () => {
          checkCount(values.length, ['values'])
          return { secret: await setSecret(ctx, name, secretValuesOf(values)) }
        },
        { id: 'name' },
      ),
  }),
)

const RemovePayloadRef = builder.objectRef<{ readonly name: string }>('RemoveSecretPayload').implement({
  description: 'What was deleted.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'The name of the secret that is gone.' }) }),
})
const removeResult = resultOf('RemoveSecret', RemovePayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('removeSecret', (t) =>
  t.field({
    type: removeResult.type,
    description: 'Deletes a secret. Mirrors `DELETE /secrets/secret/{secret}`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the secret.' }) },
    resolve: (_root, { name }, { ctx }) =>
      removeResult.run(
        async () => {
          await removeSecret(ctx, name)
          return { name }
        },
        { id: 'name' },
      ),
  }),
)
