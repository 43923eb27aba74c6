import { defaultSettings } from '#model/documents/settings.ts'
import { settingsSchema } from '#model/documents/settings-schema.ts'
import { isObject, type JsonObject } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { getSettings, setSettings } from '#resolvers/setting.ts'
import type { Route } from '../route.ts'
import { freeObject, named } from '../shape.ts'
import { posted } from './error.ts'
import { answer } from './wire.ts'

const { $schema, ...shape } = settingsSchema

/** The schemas of settings: as they are sent, and complete as they are answered. */
export const settingSchemas = { ClusterSettingsInput: shape, ClusterSettings: completed(shape) }

/** The same schema where nothing may be left out, at any depth. */
function completed(schema: JsonObject): JsonObject {
  if (!isObject(schema.properties)) return schema
  const members = Object.entries(schema.properties)
  return {
    ...schema,
    properties: Object.fromEntries(
      members.map(([name, member]) => [name, isObject(member) ? completed(member) : member]),
    ),
    required: members.map(([name]) => name),
  }
}

const settings = { doc: 'The settings, complete.', schema: named('ClusterSettings') }

/** The settings of the cluster and the schema that checks them. */
export const settingRoutes: readonly Route<Context>[] = [
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/settings',
    id: 'getClusterSettings',
    summary: 'Shows the settings.',
    doc: 'Values that nobody has set are the defaults. Members that the schema does not know are kept as they were sent.',
    replies: { 200: settings },
    handler: async (ctx) => answer(await getSettings(ctx)),
  },
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/settings/default',
    id: 'getClusterDefaultSettings',
    summary: 'Shows the default settings.',
    doc: 'What an empty object posted as settings would give.',
    replies: { 200: settings },
    handler: async () => answer(defaultSettings),
  },
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/schemas/settings.json',
    id: 'getClusterSettingsSchema',
    summary: 'Shows the JSON Schema by which settings are checked.',
    doc: 'It carries the defaults, and refers to nothing outside of it.',
    replies: { 200: { doc: 'A JSON Schema, draft 7.', schema: freeObject } },
    handler: async () => answer(settingsSchema),
  },
  {
    surface: 'cluster',
    method: 'POST',
    path: '/v1/settings',
    id: 'setClusterSettings',
    summary: 'Checks and sets the settings; what is missing gets its default.',
    doc: 'Values that are left out get their defaults, at any depth, and not what they were before.',
    accepts: ['application/json'],
    body: named('ClusterSettingsInput'),
    replies: {
      200: settings,
      400: { doc: 'The settings are not valid; nothing has changed.', schema: named('ClusterSettingsError') },
    },
    handler: async (ctx, request) => answer(await setSettings(ctx, posted(request))),
  },
]
