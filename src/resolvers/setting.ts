import { fullSettings, parseSettings } from '#model/documents/settings.ts'
import { readWithin } from '#model/error.ts'
import type { JsonObject } from '#model/json.ts'
import { findSettings, replaceSettings } from '#store/setting.ts'
import type { Context } from './context.ts'

/** The settings of the cluster in full: what was never set has its default. */
export async function getSettings(ctx: Context): Promise<JsonObject> {
  return fullSettings((await findSettings(ctx.store.db)) ?? {})
}

/**
 * Replaces the settings of the cluster and returns them in full. What the document leaves out gets its default, not
 * what was set before.
 * @throws DomainError BAD_USER_INPUT with all faults in its details; then nothing has changed
 */
export async function setSettings(ctx: Context, document: unknown): Promise<JsonObject> {
  const settings = readWithin('settings', () => parseSettings(document))
  await replaceSettings(ctx.store, settings)
  return settings
}
