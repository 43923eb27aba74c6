import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { type KeyRing, keyMark, seal, unseal } from './key-ring.ts'
import type { Database } from './tables.ts'

const placeOf = (jobTypeId: number, setting: string) => `setting|${jobTypeId}|${setting}`

/** Replaces the secret settings of a job type: those given are sealed and kept, all others go. */
export async function replaceJobTypeSecrets(
  tx: Transaction<Database>,
  keys: KeyRing,
  jobTypeId: number,
  secrets: ReadonlyMap<string, string>,
): Promise<void> {
  await tx.deleteFrom('job_type_secret').where('job_type_id', '=', jobTypeId).execute()
  if (secrets.size === 0) return
  const rows = [...secrets].map(([setting, value]) => ({
    job_type_id: jobTypeId,
    setting,
    sealed: seal(keys, placeOf(jobTypeId, setting), value),
  }))
  await tx.insertInto('job_type_secret').values(rows).execute()
}

/** The secret settings of a job type, opened. For the engine and nobody else: no face ever shows them. */
export async function findJobTypeSecrets(
  db: Kysely<Database>,
  keys: KeyRing,
  jobTypeId: number,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('job_type_secret').selectAll().where('job_type_id', '=', jobTypeId).execute()
  return new Map(rows.map((row) => [row.setting, unseal(keys, placeOf(jobTypeId, row.setting), row.sealed)]))
}

/** The ids of the job types with a secret under a key that is not in the ring, as a query. */
export function lockedTypes({ keys }: KeyRing): RawBuilder<{ id: number }> {
  const marks = keys.map(({ name }) => keyMark(name).toString('hex'))
  return sql<{ id: number }>`select distinct job_type_id as id from job_type_secret
    where not exists (select 1 from unnest(${marks}::text[]) as mark where starts_with(encode(sealed, 'hex'), mark))`
}

/** The job types with a secret under a key that is not in the ring, by name and version. */
export async function findLockedTypes(
  db: Kysely<Database>,
  keys: KeyRing,
): Promise<readonly { readonly id: number; readonly name: string; readonly version: string }[]> {
  return db
    .selectFrom('job_type')
    .select(['id', 'name', 'version'])
    .where(sql<boolean>`id in (${lockedTypes(keys)})`)
    .orderBy('name')
    .orderBy('version')
    .execute()
}
