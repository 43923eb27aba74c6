import { type Kysely, type SqlBool, sql } from 'kysely'
import type { JobType } from '#model/job-type.ts'
import type { JobTypeFilter, JobTypePlace, Slice } from '#model/slice.ts'
import type { JobFamily } from '#model/status.ts'
import { versionKey } from '#model/version.ts'
import { jobTypeColumns } from './job-type.ts'
import { inListOrder, keyset } from './keyset.ts'
import type { Database } from './tables.ts'

/** Job types of one family that match, by name, then by version as semver orders them. */
export async function findJobTypeSlice(
  db: Kysely<Database>,
  family: JobFamily,
  filter: JobTypeFilter,
  slice: Slice<JobTypePlace>,
): Promise<JobType[]> {
  const key = {
    columns: [sql`job_type.name`, sql`job_type.version_key`, sql`job_type.id`],
    values: ({ id, name, version }: JobTypePlace) => [
      sql`${name}::text`,
      sql`${versionKey(version)}::text`,
      sql`${id}::bigint`,
    ],
    descending: false,
  }
  const { within, order } = keyset(key, slice)
  const rows = await db
    .selectFrom('job_type')
    .select(jobTypeColumns)
    .where('family', '=', family)
    .where(conditions(filter))
    .where(within)
    .orderBy(order)
    .limit(slice.limit)
    .execute()
  return inListOrder(rows, slice)
}

/** How many job types of one family match. */
export async function countJobTypes(db: Kysely<Database>, family: JobFamily, filter: JobTypeFilter): Promise<number> {
  const row = await db
    .selectFrom('job_type')
    .select(sql<number>`count(*)`.as('n'))
    .where('family', '=', family)
    .where(conditions(filter))
    .executeTakeFirstOrThrow()
  return row.n
}

function conditions({ names, isActive, isPaused, isSystem }: JobTypeFilter) {
  const all = [sql<SqlBool>`true`]
  if (names !== undefined) all.push(sql<SqlBool>`job_type.name = any(${[...names]}::text[])`)
  if (isActive !== undefined) all.push(sql<SqlBool>`job_type.is_active = ${isActive}`)
  if (isPaused !== undefined) all.push(sql<SqlBool>`job_type.is_paused = ${isPaused}`)
  if (isSystem !== undefined) all.push(sql<SqlBool>`job_type.is_system = ${isSystem}`)
  return sql<SqlBool>`${sql.join(all, sql` and `)}`
}
