import type { JobFilter } from '#model/job.ts'
import { bool, checkRange, ints, type ScaleParams, text, texts, time, type Values, words } from './param.ts'
import { sent } from './sent.ts'
import { categoryWords, jobWords } from './status-wire.ts'

/** The filters of the job list, as the Scale v6 jobs document names them. */
export const listFilterParams = {
  started: time('Only jobs last modified at this time or later.'),
  ended: time('Only jobs last modified at this time or earlier.'),
  source_started: time('Only jobs whose source data starts at this time or later.'),
  source_ended: time('Only jobs whose source data ends at this time or earlier.'),
  source_sensor_class: texts('Only jobs of this source sensor class; repeatable.'),
  source_sensor: texts('Only jobs of this source sensor; repeatable.'),
  source_collection: texts('Only jobs of this source collection; repeatable.'),
  source_task: texts('Only jobs of this source task; repeatable.'),
  source_tasks: texts('The same as source_task.'),
  status: words('Only jobs of this status; repeatable.', jobWords),
  job_id: ints('Only this job; repeatable.'),
  job_type_id: ints('Only jobs of this job type; repeatable.'),
  job_type_name: texts('Only jobs of a job type of this name; repeatable.'),
  batch_id: ints('Only jobs of this batch; repeatable.'),
  recipe_id: ints('Only jobs of this recipe; repeatable.'),
  error_category: words('Only jobs that failed with an error of this category; repeatable.', categoryWords),
  error_id: ints('Only jobs that failed with this error; repeatable.'),
  is_superseded: bool('Only jobs that are superseded, or only those that are not.'),
} satisfies ScaleParams

/**
 * The filter that a job list's parameters ask for.
 * @throws DomainError BAD_USER_INPUT where one of the two time ranges is empty or reversed
 */
export function toListFilter(values: Values<typeof listFilterParams>): JobFilter {
  checkRange(values.started, values.ended)
  checkRange(values.source_started, values.source_ended)
  const tasks = [...(values.source_task ?? []), ...(values.source_tasks ?? [])]
  return sent({
    ids: values.job_id,
    statuses: values.status,
    jobTypeIds: values.job_type_id,
    jobTypeNames: values.job_type_name,
    batchIds: values.batch_id,
    recipeIds: values.recipe_id,
    errorCategories: values.error_category,
    errorIds: values.error_id,
    isSuperseded: values.is_superseded,
    modifiedFrom: values.started,
    modifiedTo: values.ended,
    sourceStartedFrom: values.source_started,
    sourceEndedTo: values.source_ended,
    sourceSensorClasses: values.source_sensor_class,
    sourceSensors: values.source_sensor,
    sourceCollections: values.source_collection,
    sourceTasks: values.source_task === null && values.source_tasks === null ? null : tasks,
  })
}

/** The filters of cancel and requeue, but for `job_types`, which needs the store to be read. */
export const bulkFilterParams = {
  started: time('Only jobs last modified at this time or later.'),
  ended: time('Only jobs last modified at this time or earlier.'),
  status: text('Only jobs of this status.'),
  job_ids: ints('Only these jobs.'),
  job_type_ids: ints('Only jobs of these job types.'),
  job_type_names: texts('Only jobs of job types of these names.'),
  batch_ids: ints('Only jobs of these batches.'),
  recipe_ids: ints('Only jobs of these recipes.'),
  error_categories: words('Only jobs that failed with an error of these categories.', categoryWords),
  error_ids: ints('Only jobs that failed with these errors.'),
  is_superseded: bool('Only jobs that are superseded, or only those that are not.'),
} satisfies ScaleParams

/**
 * The filter that a bulk request asks for. `namedTypeIds` are the job types that it names by name and version, null
 * where it names none; they are added to those that it names by id.
 * @throws DomainError BAD_USER_INPUT where the time range is empty or reversed
 */
export function toBulkFilter(
  values: Values<typeof bulkFilterParams>,
  namedTypeIds: readonly number[] | null,
): JobFilter {
  checkRange(values.started, values.ended)
  const typeIds = [...(values.job_type_ids ?? []), ...(namedTypeIds ?? [])]
  return sent({
    ids: values.job_ids,
    statuses: values.status === null ? null : [values.status],
    jobTypeIds: values.job_type_ids === null && namedTypeIds === null ? null : typeIds,
    jobTypeNames: values.job_type_names,
    batchIds: values.batch_ids,
    recipeIds: values.recipe_ids,
    errorCategories: values.error_categories,
    errorIds: values.error_ids,
    isSuperseded: values.is_superseded,
    modifiedFrom: values.started,
    modifiedTo: values.ended,
  })
}
