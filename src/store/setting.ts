import type { Kysely } from 'kysely'
import { isObject, type JsonObject } from '#model/json.ts'
import { recordChanges } from './change.ts'
import { json, now } from './database.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** The settings as they were last set, or null where they never were. */
export async function findSettings(db: Kysely<Database>): Promise<JsonObject | null> {
  const row = await db.selectFrom('settings').select('document').executeTakeFirst()
  return isObject(row?.document) ? row.document : null
}

/** Replaces the settings as a whole. */
export async function replaceSettings(store: Store, document: JsonObject): Promise<void> {
  const values = { document: json(document), last_modified: now }
  await writing(store, async (tx) => {
    await tx
      .insertInto('settings')
      .values(values)
      .onConflict((conflict) => conflict.column('singleton').doUpdateSet(values))
      .execute()
    await recordChanges(tx, [{ kind: 'SETTINGS', entityId: 0 }])
  })
}
