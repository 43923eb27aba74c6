import { type Kysely, sql } from 'kysely'
import { isObject, parseJson, toJson } from '#model/json.ts'
import type { SecretInfo } from '#model/secret.ts'
import { recordChanges } from './change.ts'
import { now } from './database.ts'
import { type KeyRing, seal, unseal } from './key-ring.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

const placeOf = (id: string, version: number) => `secret|${id}|${version}`

/** All secrets by id, without their values. */
export async function findSecretInfos(db: Kysely<Database>): Promise<SecretInfo[]> {
  return db
    .selectFrom('secret')
    .select(['id', 'version', 'keys', 'created_at as createdAt', 'last_modified as lastModified'])
    .orderBy(sql`id collate "C"`)
    .execute()
}

/** The values of a secret by name, opened; null where there is no such secret. For whoever may see them, and no log. */
export async function findSecretValues(
  db: Kysely<Database>,
  keys: KeyRing,
  id: string,
): Promise<Readonly<Record<string, string>> | null> {
  const row = await db.selectFrom('secret').select(['version', 'sealed']).where('id', '=', id).executeTakeFirst()
  if (row === undefined) return null
  const values = parseJson(unseal(keys, placeOf(id, row.version), row.sealed))
  if (!isObject(values)) throw new Error(`secret ${id} holds no values`)
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

/**
 * Sets a secret: its values take the place of all that it had. They are sealed with the place and version they are for.
 * @throws DomainError UNAVAILABLE where no key is configured
 */
export async function replaceSecret(store: Store, id: string, values: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(values).sort()
  await writing(store, async (tx) => {
    // The row comes first, so that its lock decides which version is being sealed.
    const { version } = await tx
      .insertInto('secret')
      .values({ id, version: 1, keys: [], sealed: new Uint8Array() })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ version: sql<number>`secret.version + 1` }))
      .returning('version')
      .executeTakeFirstOrThrow()
    const sealed = seal(store.keys, placeOf(id, version), toJson(values))
    await tx.updateTable('secret').set({ keys: names, sealed, last_modified: now }).where('id', '=', id).execute()
    await recordChanges(tx, [{ kind: 'SECRET', entityId: 0, detail: { id, keys: names } }])
  })
}

/** Deletes a secret; false where there is none. */
export async function deleteSecret(store: Store, id: string): Promise<boolean> {
  return writing(store, async (tx) => {
    const gone = await tx.deleteFrom('secret').where('id', '=', id).returning('id').executeTakeFirst()
    if (gone !== undefined) await recordChanges(tx, [{ kind: 'SECRET', entityId: 0, detail: { id, deleted: true } }])
    return gone !== undefined
  })
}
