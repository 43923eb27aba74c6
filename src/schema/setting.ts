import { defaultSettings } from '#model/documents/settings.ts'
import { settingsSchema } from '#model/documents/settings-schema.ts'
import { getSettings } from '#resolvers/setting.ts'
import { builder } from './builder.ts'

builder.queryField('settings', (t) =>
  t.field({
    type: 'JSON',
    description:
      'The settings of the cluster, complete: what was never set has its default. Mirrors `GET /v1/settings`.',
    resolve: (_root, _args, { ctx }) => getSettings(ctx),
  }),
)

builder.queryField('defaultSettings', (t) =>
  t.field({
    type: 'JSON',
    description: 'The settings of a cluster that nobody has set. Mirrors `GET /v1/settings/default`.',
    resolve: () => defaultSettings,
  }),
)

builder.queryField('settingsSchema', (t) =>
  t.field({
    type: 'JSON',
    description: 'The JSON Schema, draft 7, by which settings are checked. Mirrors `GET /v1/schemas/settings.json`.',
    resolve: () => settingsSchema,
  }),
)
