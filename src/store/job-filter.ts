import type { Expression } from 'kysely'
import { type ExpressionBuilder, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Job, JobFilter, JobKey } from '#model/job.ts'
import type { JobFamily } from '#model/status.ts'
import { jobColumns } from './job.ts'
import type { Database } from './tables.ts'

type Conditions = Expression<SqlBool>[]

/**
 * The conditions of a filter, one per kind that it names; an empty list of values matches nothing. `family` is that of
 * the rows that are read: what a job is called and where it ran lies elsewhere for each. `walked` is the column of
 * `job` whose order the rows are read in, where bounds of other times only pick among them.
 */
export function jobConditions(
  eb: ExpressionBuilder<Database, 'job'>,
  filter: JobFilter,
  family: JobFamily = 'queued',
  walked: string | null = null,
): Conditions {
  return [
    ...idConditions(eb, filter),
    ...nameConditions(filter, family),
    ...linkConditions(filter, family),
    ...timeConditions(filter, walked),
    ...sourceConditions(filter),
  ]
}

function idConditions(eb: ExpressionBuilder<Database, 'job'>, filter: JobFilter): Conditions {
  const conditions: Conditions = []
  if (filter.families) conditions.push(anyText('job.family', filter.families))
  if (filter.ids) conditions.push(anyNumber('job.id', filter.ids))
  if (filter.statuses) conditions.push(anyText('job.status', filter.statuses))
  if (filter.jobTypeIds) conditions.push(anyNumber('job.job_type_id', filter.jobTypeIds))
  if (filter.batchIds) conditions.push(anyNumber('job.batch_id', filter.batchIds))
  if (filter.recipeIds) conditions.push(anyNumber('job.recipe_id', filter.recipeIds))
  if (filter.errorIds) conditions.push(anyNumber('job.error_id', filter.errorIds))
  if (filter.isSuperseded !== undefined) conditions.push(eb('job.is_superseded', '=', filter.isSuperseded))
  if (filter.jobTypeNames) {
    const types = eb.selectFrom('job_type').select('id').where(anyText('job_type.name', filter.jobTypeNames))
    conditions.push(eb('job.job_type_id', 'in', types))
  }
  if (filter.errorCategories) {
    const errors = eb.selectFrom('job_error').select('id').where(anyText('job_error.category', filter.errorCategories))
    // An array of ids, and not a join: the few jobs that failed are then found through the index of errors.
    conditions.push(sql<SqlBool>`job.error_id = any(array(${errors}))`)
  }
  return conditions
}

/** What a filter asks of the names and titles in a table: one condition for each kind. */
export function nameMatches(
  table: 'job_type' | 'service_job',
  { names, namePrefix, text }: Pick<JobFilter, 'names' | 'namePrefix' | 'text'>,
): Conditions {
  const [name, title] = [sql.ref(`${table}.name`), sql.ref(`${table}.title`)]
  const matches: Conditions = []
  if (names) matches.push(anyText(`${table}.name`, names))
  if (namePrefix) matches.push(sql<SqlBool>`starts_with(${name}, ${namePrefix})`)
  if (text)
    matches.push(
      sql<SqlBool>`(strpos(lower(${name}), lower(${text})) > 0 or strpos(lower(${title}), lower(${text})) > 0)`,
    )
  return matches
}

/** A queued job is named by its type and a service job by itself; either are few beside the jobs, and found first. */
function nameConditions(filter: JobFilter, family: JobFamily): Conditions {
  const matches = nameMatches(family === 'queued' ? 'job_type' : 'service_job', filter)
  if (matches.length === 0) return []
  const all = sql.join(matches, sql` and `)
  return family === 'queued'
    ? [sql<SqlBool>`job.job_type_id in (select job_type.id from job_type where job_type.family = 'queued' and ${all})`]
    : [sql<SqlBool>`job.id in (select service_job.job_id from service_job where ${all})`]
}

function linkConditions(
  { nodeIds, parentIds, inputFileIds, isDeregistered }: JobFilter,
  family: JobFamily,
): Conditions {
  const conditions: Conditions = []
  if (nodeIds && family === 'queued') conditions.push(anyNumber('job.node_id', nodeIds))
  if (nodeIds && family === 'service')
    conditions.push(sql<SqlBool>`exists (select from execution where execution.job_id = job.id
      and execution.family = 'service' and execution.number = job.num_exes and ${anyNumber('execution.node_id', nodeIds)})`)
  if (parentIds)
    conditions.push(sql<SqlBool>`job.id in (select service_job.job_id from service_job
      where ${anyNumber('service_job.parent_id', parentIds)})`)
  if (inputFileIds)
    conditions.push(sql<SqlBool>`job.id in (select job_input_file.job_id from job_input_file
      where ${anyNumber('job_input_file.file_id', inputFileIds)})`)
  if (isDeregistered === true && family === 'queued') conditions.push(sql<SqlBool>`false`)
  if (isDeregistered !== undefined && family === 'service')
    conditions.push(sql<SqlBool>`exists (select from service_job where service_job.job_id = job.id
      and service_job.deregistered_at ${isDeregistered ? sql`is not null` : sql`is null`})`)
  return conditions
}

/** Both ends of each span of time belong to it. */
function timeConditions(filter: JobFilter, walked: string | null): Conditions {
  // `is true` keeps the planner from an index of that time: it takes the bounds of two times to be independent, and
  // so would rather read all jobs within one of them and sort.
  const bound = (column: string, condition: RawBuilder<SqlBool>) =>
    walked === null || walked === column ? condition : sql<SqlBool>`(${condition}) is true`
  const from = (column: string, at: string | undefined) => (at ? [bound(column, sql`${sql.ref(column)} >= ${at}`)] : [])
  const to = (column: string, at: string | undefined) => (at ? [bound(column, sql`${sql.ref(column)} <= ${at}`)] : [])
  return [
    ...from('job.last_modified', filter.modifiedFrom),
    ...to('job.last_modified', filter.modifiedTo),
    ...from('job.created_at', filter.createdFrom),
    ...to('job.created_at', filter.createdTo),
    ...from('job.last_status_change', filter.statusChangedFrom),
    ...to('job.last_status_change', filter.statusChangedTo),
    ...from('job.started_at', filter.startedFrom),
    ...to('job.started_at', filter.startedTo),
    ...from('job.ended_at', filter.endedFrom),
    ...to('job.ended_at', filter.endedTo),
  ]
}

function sourceConditions(filter: JobFilter): Conditions {
  const conditions: Conditions = []
  if (filter.sourceStartedFrom) conditions.push(sql<SqlBool>`job.source_started >= ${filter.sourceStartedFrom}`)
  if (filter.sourceEndedTo) conditions.push(sql<SqlBool>`job.source_ended <= ${filter.sourceEndedTo}`)
  if (filter.sourceSensorClasses) conditions.push(anyText('job.source_sensor_class', filter.sourceSensorClasses))
  if (filter.sourceSensors) conditions.push(anyText('job.source_sensor', filter.sourceSensors))
  if (filter.sourceCollections) conditions.push(anyText('job.source_collection', filter.sourceCollections))
  if (filter.sourceTasks) conditions.push(anyText('job.source_task', filter.sourceTasks))
  return conditions
}

/** One value is compared as such: then an index that starts with the column still gives its rows in order. */
function anyNumber(column: string, values: readonly number[]): Expression<SqlBool> {
  if (values.length === 1) return sql<SqlBool>`${sql.ref(column)} = ${values[0]}`
  return sql<SqlBool>`${sql.ref(column)} = any(${[...values]}::bigint[])`
}

function anyText(column: string, values: readonly string[]): Expression<SqlBool> {
  if (values.length === 1) return sql<SqlBool>`${sql.ref(column)} = ${values[0]}`
  return sql<SqlBool>`${sql.ref(column)} = any(${[...values]}::text[])`
}

/**
 * A page of jobs by last modification and id, newest or oldest first, after a key. Row comparison on one index: a deep
 * page costs what the first does.
 */
export async function findJobPage(
  db: Kysely<Database>,
  family: JobFamily | null,
  filter: JobFilter,
  page: { readonly after: JobKey | null; readonly direction: 'asc' | 'desc'; readonly limit: number },
): Promise<Job[]> {
  let query = db
    .selectFrom('job')
    .select(jobColumns)
    .where((eb) => eb.and(jobConditions(eb, filter)))
  if (family !== null) query = query.where('family', '=', family)
  if (page.after !== null) {
    const { lastModified, id } = page.after
    query = query.where(
      page.direction === 'asc'
        ? sql<SqlBool>`(job.last_modified, job.id) > (${lastModified}::timestamptz, ${id})`
        : sql<SqlBool>`(job.last_modified, job.id) < (${lastModified}::timestamptz, ${id})`,
    )
  }
  return query
    .orderBy('job.last_modified', page.direction)
    .orderBy('job.id', page.direction)
    .limit(page.limit)
    .execute()
}
