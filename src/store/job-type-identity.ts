import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/** What people know a job type version by. */
export type JobTypeIdentity = { readonly name: string; readonly version: string }

/** The ids of queued job types by name and version, in no order; unknown ones are left out. */
export async function findJobTypeIds(
  db: Kysely<Database>,
  identities: readonly JobTypeIdentity[],
): Promise<(JobTypeIdentity & { readonly id: number })[]> {
  const names = identities.map(({ name }) => name)
  const versions = identities.map(({ version }) => version)
  return db
    .selectFrom('job_type')
    .select(['id', 'name', 'version'])
    .where('family', '=', 'queued')
    .where(sql<boolean>`(name, version) in (select * from unnest(${names}::text[], ${versions}::text[]))`)
    .execute()
}

/** The versions of a queued job type's name, newest first. */
export async function findVersionsOfName(db: Kysely<Database>, name: string): Promise<string[]> {
  const rows = await db
    .selectFrom('job_type')
    .select('version')
    .where('family', '=', 'queued')
    .where('name', '=', name)
    .orderBy('version_key', 'desc')
    .execute()
  return rows.map(({ version }) => version)
}
