import type { JsonObject } from '#model/json.ts'
import { setSettings } from '#resolvers/setting.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'

const PayloadRef = builder.objectRef<{ readonly settings: JsonObject }>('SetSettingsPayload').implement({
  description: 'The settings as they now stand.',
  fields: (t) => ({ settings: t.expose('settings', { type: 'JSON', description: 'The settings, complete.' }) }),
})
const result = resultOf('SetSettings', PayloadRef, ['InvalidInputError'])

builder.mutationField('setSettings', (t) =>
  t.field({
    type: result.type,
    description:
      'Checks and replaces the settings of the cluster. What is left out gets its default, at any depth, and not what it was before; `faults` of the error tells all that is wrong. Mirrors `POST /v1/settings`.',
    args: { settings: t.arg({ type: 'JSON', required: true, description: 'A JSON object of settings.' }) },
    resolve: (_root, { settings }, { ctx }) => result.run(async () => ({ settings: await setSettings(ctx, settings) })),
  }),
)
