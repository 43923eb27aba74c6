import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { JobType, JobTypeFilter, JobTypeName } from '#model/job-type.ts'
import type { JobTypeOrder, JobTypeSortField } from '#model/job-type-order.ts'
import type { Counted, Window } from '#model/window.ts'
import { jobTypeColumns } from './job-type.ts'
import type { Database } from './tables.ts'
import { counted, total } from './window.ts'

const sortExpressions: { readonly [key in JobTypeSortField]: RawBuilder<unknown> } = {
  id: sql`job_type.id`,
  name: sql`lower(job_type.name)`,
  version: sql`job_type.version_key`,
  title: sql`lower(job_type.title)`,
  description: sql`lower(job_type.description)`,
  iconCode: sql`job_type.icon_code`,
  isActive: sql`job_type.is_active`,
  isSystem: sql`job_type.is_system`,
  isPaused: sql`job_type.is_paused`,
  isPublished: sql`job_type.is_published`,
  maxScheduled: sql`job_type.max_scheduled`,
  maxTries: sql`job_type.max_tries`,
  revisionNum: sql`job_type.revision_num`,
  dockerImage: sql`job_type.docker_image`,
  unmetResources: sql`job_type.unmet_resources`,
  createdAt: sql`job_type.created_at`,
  deprecatedAt: sql`job_type.deprecated_at`,
  pausedAt: sql`job_type.paused_at`,
  lastModified: sql`job_type.last_modified`,
}

/** A window on the queued job types that match, in the order given; rows that tie follow each other by id. */
export async function findJobTypePage(
  db: Kysely<Database>,
  filter: JobTypeFilter,
  order: JobTypeOrder,
  window: Window,
): Promise<Counted<JobType>> {
  const rows = await db
    .selectFrom('job_type')
    .select(jobTypeColumns)
    .select(total.as('total'))
    .where((eb) => eb.and(conditions('job_type', filter)))
    .orderBy(orderOf(order))
    .limit(window.limit)
    .offset(window.offset)
    .execute()
  return counted(rows)
}

/**
 * A window on the names of queued job types of which any one version matches the whole filter. Each shows its newest
 * version, which need not be the one that matched, and is sorted by that version's values.
 */
export async function findJobTypeNamePage(
  db: Kysely<Database>,
  filter: JobTypeFilter,
  order: JobTypeOrder,
  window: Window,
): Promise<Counted<JobTypeName>> {
  const latest = db
    .selectFrom('job_type')
    .selectAll('job_type')
    .distinctOn('job_type.name')
    .where('job_type.family', '=', 'queued')
    .where('job_type.name', 'in', (eb) =>
      eb
        .selectFrom('job_type as candidate')
        .select('candidate.name')
        .where((inner) => inner.and(conditions('candidate', filter))),
    )
    .orderBy('job_type.name')
    .orderBy('job_type.version_key', 'desc')
  const versions = sql<string[]>`(select array_agg(v.version order by v.version_key)
    from job_type v where v.family = 'queued' and v.name = job_type.name)`
  const rows = await db
    .selectFrom(latest.as('job_type'))
    .select(jobTypeColumns)
    .select([versions.as('versions'), total.as('total')])
    .orderBy(orderOf(order))
    .limit(window.limit)
    .offset(window.offset)
    .execute()
  const { count, rows: found } = counted(rows)
  return { count, rows: found.map(({ versions: all, ...type }) => ({ latest: type, versions: all })) }
}

function orderOf(order: JobTypeOrder): RawBuilder<unknown> {
  const keys = order.map(
    ({ field, descending }) => sql`${sortExpressions[field]} ${sql.raw(descending ? 'desc' : 'asc')} nulls last`,
  )
  return sql.join([...keys, sql`job_type.id asc`])
}

type Alias = 'job_type' | 'candidate'

function conditions(alias: Alias, filter: JobTypeFilter): Expression<SqlBool>[] {
  const column = (name: string) => sql.ref(`${alias}.${name}`)
  const all: Expression<SqlBool>[] = [sql<SqlBool>`${column('family')} = 'queued'`]
  if (filter.name !== undefined) all.push(sql<SqlBool>`${column('name')} = ${filter.name}`)
  if (filter.ids !== undefined) all.push(sql<SqlBool>`${column('id')} = any(${[...filter.ids]}::bigint[])`)
  if (filter.isActive !== undefined) all.push(sql<SqlBool>`${column('is_active')} = ${filter.isActive}`)
  if (filter.isSystem !== undefined) all.push(sql<SqlBool>`${column('is_system')} = ${filter.isSystem}`)
  if (filter.keywords !== undefined) {
    const patterns = filter.keywords.map((keyword) => `%${keyword.replace(/[\\%_]/g, '\\$&')}%`)
    all.push(sql<SqlBool>`(${column('name')} ilike any(${patterns}::text[])
      or exists (select from unnest(${column('tags')}) tag where tag ilike any(${patterns}::text[])))`)
  }
  return all
}
