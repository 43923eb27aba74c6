import { badInput } from '#model/error.ts'
import type { JobOrder, JobSortField } from '#model/job-order.ts'

/** What the job list can be sorted by, in Scale's names: its own fields, and `__` from one object to another. */
const fields: Readonly<Record<string, JobSortField>> = {
  // The document's own example sorts by these two, which a job has by its type alone.
  name: 'jobTypeName',
  version: 'jobTypeVersion',
  id: 'id',
  pk: 'id',
  status: 'status',
  created: 'createdAt',
  queued: 'queuedAt',
  started: 'startedAt',
  ended: 'endedAt',
  last_status_change: 'lastStatusChange',
  last_modified: 'lastModified',
  superseded: 'supersededAt',
  is_superseded: 'isSuperseded',
  superseded_job: 'supersededJobId',
  superseded_job__id: 'supersededJobId',
  max_tries: 'maxTries',
  num_exes: 'numExes',
  configuration__priority: 'priority',
  input_file_size: 'inputFileSize',
  source_started: 'sourceStarted',
  source_ended: 'sourceEnded',
  source_sensor_class: 'sourceSensorClass',
  source_sensor: 'sourceSensor',
  source_collection: 'sourceCollection',
  source_task: 'sourceTask',
  duration: 'duration',
  job_type: 'jobTypeName',
  job_type__id: 'jobTypeId',
  job_type__name: 'jobTypeName',
  job_type__version: 'jobTypeVersion',
  job_type__title: 'jobTypeTitle',
  job_type_rev: 'jobTypeRevisionId',
  job_type_rev__id: 'jobTypeRevisionId',
  job_type_rev__revision_num: 'jobTypeRevisionNum',
  event: 'eventId',
  event__id: 'eventId',
  event__type: 'eventType',
  event__occurred: 'eventOccurred',
  // Null for every job, so ties alone are left to sort.
  ingest_event: 'id',
  recipe: 'recipeTypeTitle',
  recipe__id: 'recipeId',
  recipe__recipe_type: 'recipeTypeName',
  recipe__recipe_type__name: 'recipeTypeName',
  recipe__recipe_type__title: 'recipeTypeTitle',
  batch: 'batchTitle',
  batch__id: 'batchId',
  batch__title: 'batchTitle',
  node: 'nodeHostname',
  node__id: 'nodeId',
  node__hostname: 'nodeHostname',
  error: 'errorTitle',
  error__id: 'errorId',
  error__name: 'errorName',
  error__title: 'errorTitle',
  error__category: 'errorCategory',
}

/**
 * Reads the `order` values of a job list; a dot stands for `__`. None gives an empty order.
 * @throws DomainError BAD_USER_INPUT for a field that jobs cannot be sorted by
 */
export function toJobOrder(values: readonly string[] | null): JobOrder {
  return (values ?? []).map((value) => {
    const descending = value.startsWith('-')
    const name = (descending ? value.slice(1) : value).replaceAll('.', '__')
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) throw badInput(`Jobs cannot be ordered by "${value.slice(0, 60)}"`, { path: ['order'] })
    return { field, descending }
  })
}
