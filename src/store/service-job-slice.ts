import { type Kysely, sql } from 'kysely'
import type { Job } from '#model/job.ts'
import type { Slice } from '#model/slice.ts'
import { jobColumns } from './job.ts'
import { inListOrder, type Keyset, keyset } from './keyset.ts'
import type { Database } from './tables.ts'

/** A service job as a row of a list by name. */
export type NamedJob = Job & { readonly name: string }

const byName: Keyset<string> = {
  columns: [sql`service_job.name collate "C"`],
  values: (name) => [sql`${name}`],
  descending: false,
}

/** Registered service jobs whose name begins with a prefix, as a slice of the list by the bytes of their names. */
export async function findServiceJobSlice(
  db: Kysely<Database>,
  region: string,
  prefix: string,
  slice: Slice<string>,
): Promise<NamedJob[]> {
  const { within, order } = keyset(byName, slice)
  const rows = await selectRegistered(db, region, prefix)
    .innerJoin('job', 'job.id', 'service_job.job_id')
    .select(jobColumns)
    .select('service_job.name')
    .where(within)
    .orderBy(order)
    .limit(slice.limit)
    .execute()
  return inListOrder(rows, slice)
}

/** How many there are. */
export async function countServiceJobs(db: Kysely<Database>, region: string, prefix: string): Promise<number> {
  const row = await selectRegistered(db, region, prefix).select(sql<number>`count(*)`.as('n')).executeTakeFirstOrThrow()
  return row.n
}

function selectRegistered(db: Kysely<Database>, region: string, prefix: string) {
  // In the collation of the index, a prefix is a stretch of it.
  return db
    .selectFrom('service_job')
    .where('service_job.region', '=', region)
    .where('service_job.deregistered_at', 'is', null)
    .where(sql<boolean>`starts_with(service_job.name collate "C", ${prefix})`)
}
