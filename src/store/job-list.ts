import { expressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Job, JobFilter } from '#model/job.ts'
import type { JobOrder, JobSortField } from '#model/job-order.ts'
import type { Window } from '#model/window.ts'
import { jobColumns } from './job.ts'
import { jobConditions } from './job-filter.ts'
import type { Database } from './tables.ts'

const joins = {
  type: sql`join job_type on job_type.id = job.job_type_id`,
  revision: sql`join job_type_revision on job_type_revision.id = job.job_type_revision_id`,
  event: sql`left join event on event.id = job.event_id`,
  recipe: sql`left join recipe on recipe.id = job.recipe_id
    left join recipe_type on recipe_type.id = recipe.recipe_type_id`,
  batch: sql`left join batch on batch.id = job.batch_id`,
  node: sql`left join node on node.id = job.node_id`,
  error: sql`left join job_error on job_error.id = job.error_id`,
} as const

type Term = { readonly by: RawBuilder<unknown>; readonly join?: keyof typeof joins }

const terms: Readonly<Record<JobSortField, Term>> = {
  id: { by: sql`job.id` },
  status: { by: sql`job.status` },
  createdAt: { by: sql`job.created_at` },
  queuedAt: { by: sql`job.queued_at` },
  startedAt: { by: sql`job.started_at` },
  endedAt: { by: sql`job.ended_at` },
  lastStatusChange: { by: sql`job.last_status_change` },
  lastModified: { by: sql`job.last_modified` },
  supersededAt: { by: sql`job.superseded_at` },
  isSuperseded: { by: sql`job.is_superseded` },
  supersededJobId: { by: sql`job.superseded_job_id` },
  maxTries: { by: sql`job.max_tries` },
  numExes: { by: sql`job.num_exes` },
  priority: { by: sql`job.priority` },
  inputFileSize: { by: sql`job.input_file_size` },
  sourceStarted: { by: sql`job.source_started` },
  sourceEnded: { by: sql`job.source_ended` },
  sourceSensorClass: { by: sql`lower(job.source_sensor_class)` },
  sourceSensor: { by: sql`lower(job.source_sensor)` },
  sourceCollection: { by: sql`lower(job.source_collection)` },
  sourceTask: { by: sql`lower(job.source_task)` },
  duration: { by: sql`job.ended_at - job.started_at` },
  jobTypeId: { by: sql`job.job_type_id` },
  jobTypeName: { by: sql`lower(job_type.name)`, join: 'type' },
  jobTypeVersion: { by: sql`job_type.version_key`, join: 'type' },
  jobTypeTitle: { by: sql`lower(job_type.title)`, join: 'type' },
  jobTypeRevisionId: { by: sql`job.job_type_revision_id` },
  jobTypeRevisionNum: { by: sql`job_type_revision.revision_num`, join: 'revision' },
  eventId: { by: sql`job.event_id` },
  eventType: { by: sql`event.type`, join: 'event' },
  eventOccurred: { by: sql`event.occurred_at`, join: 'event' },
  recipeId: { by: sql`job.recipe_id` },
  recipeTypeName: { by: sql`lower(recipe_type.name)`, join: 'recipe' },
  recipeTypeTitle: { by: sql`lower(recipe_type.title)`, join: 'recipe' },
  batchId: { by: sql`job.batch_id` },
  batchTitle: { by: sql`lower(batch.title)`, join: 'batch' },
  nodeId: { by: sql`job.node_id` },
  nodeHostname: { by: sql`lower(node.hostname)`, join: 'node' },
  errorId: { by: sql`job.error_id` },
  errorName: { by: sql`lower(job_error.name)`, join: 'error' },
  errorTitle: { by: sql`lower(job_error.title)`, join: 'error' },
  errorCategory: { by: sql`lower(job_error.category)`, join: 'error' },
}

/**
 * The queued jobs in a window of a list, in the order asked for. Rising keys put nulls last and falling ones first,
 * but an unknown duration comes last either way. The rows to skip are walked as ids alone; only the window's own are
 * read in full.
 */
export async function findJobWindow(
  db: Kysely<Database>,
  filter: JobFilter,
  order: JobOrder,
  window: Window,
): Promise<Job[]> {
  const eb = expressionBuilder<Database, 'job'>()
  // `with ordinality` carries the order of the inner list through the join.
  const page = sql<{ id: number; place: number }>`unnest(array(
    select job.id from job ${joinsOf(order)}
    where job.family = 'queued' and ${eb.and(jobConditions(eb, filter))}
    order by ${orderBy(order)}
    limit ${window.limit} offset ${window.offset}
  )) with ordinality`.as<'page'>(sql`page(id, place)`)
  return db.selectFrom(page).innerJoin('job', 'job.id', 'page.id').select(jobColumns).orderBy('page.place').execute()
}

function joinsOf(order: JobOrder): RawBuilder<unknown> {
  const wanted = new Set(order.flatMap(({ field }) => terms[field].join ?? []))
  return sql.join(
    [...wanted].map((name) => joins[name]),
    sql` `,
  )
}

function orderBy(order: JobOrder): RawBuilder<unknown> {
  const isTotal = order.some(({ field }) => field === 'id')
  const tie = { field: 'id', descending: order.at(-1)?.descending ?? false } as const
  const keys = (isTotal ? order : [...order, tie]).map(({ field, descending }) => {
    const direction = descending ? sql`desc` : sql`asc`
    return field === 'duration' ? sql`${terms[field].by} ${direction} nulls last` : sql`${terms[field].by} ${direction}`
  })
  return sql.join(keys)
}
