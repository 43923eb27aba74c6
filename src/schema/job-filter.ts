import type { JobFilter } from '#model/job.ts'
import { builder } from './builder.ts'
import { checkCount, readIds } from './global-id.ts'
import { defined } from './input.ts'
import { ErrorCategoryEnum, JobStatusEnum } from './status.ts'

const TimeRangeInput = builder.inputType('TimeRange', {
  description: 'A span of time; an end that is absent is open.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'At this moment or later.' }),
    to: t.field({ type: 'DateTime', description: 'At this moment or earlier.' }),
  }),
})

/** Which jobs a list, a cancel or a re-queue means. */
export const JobFilterInput = builder.inputType('JobFilter', {
  description:
    'Which jobs are meant. Every kind that is given must fit, and of its values any one; an empty filter means every job.',
  fields: (t) => ({
    ids: t.idList({ description: 'Any of these jobs; at most 1,000.' }),
    statuses: t.field({ type: [JobStatusEnum], description: 'In any of these statuses.' }),
    jobTypes: t.idList({ description: 'Of any of these job types, by their ids.' }),
    jobTypeNames: t.stringList({ description: 'Of any version of job types with these names.' }),
    batches: t.idList({ description: 'In any of these batches.' }),
    recipes: t.idList({ description: 'In any of these recipes.' }),
    errors: t.idList({ description: 'Failed with any of these errors.' }),
    errorCategories: t.field({
      type: [ErrorCategoryEnum],
      description: 'Failed with an error of any of these categories.',
    }),
    isSuperseded: t.boolean({ description: 'Only superseded ones, or only those that are not.' }),
    modified: t.field({ type: TimeRangeInput, description: 'When anything of the job last changed.' }),
    sourceStartedFrom: t.field({ type: 'DateTime', description: 'Its source data begins at this moment or later.' }),
    sourceEndedTo: t.field({ type: 'DateTime', description: 'Its source data ends at this moment or earlier.' }),
    sourceSensorClasses: t.stringList({ description: 'Its source data is of any of these sensor classes.' }),
    sourceSensors: t.stringList({ description: 'Its source data is from any of these sensors.' }),
    sourceCollections: t.stringList({ description: 'Its source data is of any of these collections.' }),
    sourceTasks: t.stringList({ description: 'Its source data was collected by any of these tasks.' }),
  }),
})

/** @throws DomainError BAD_USER_INPUT for an id of another type, or more than 1,000 values in one list */
export function readJobFilter(input: typeof JobFilterInput.$inferInput): JobFilter {
  const { ids, jobTypes, batches, recipes, errors, modified, ...rest } = input
  for (const [kind, values] of Object.entries(rest))
    if (Array.isArray(values)) checkCount(values.length, ['filter', kind])
  return defined({
    ...rest,
    ids: readIds(ids, 'QueuedJob', ['filter', 'ids']),
    jobTypeIds: readIds(jobTypes, 'JobType', ['filter', 'jobTypes']),
    batchIds: readIds(batches, 'Batch', ['filter', 'batches']),
    recipeIds: readIds(recipes, 'Recipe', ['filter', 'recipes']),
    errorIds: readIds(errors, 'JobError', ['filter', 'errors']),
    modifiedFrom: modified?.from,
    modifiedTo: modified?.to,
  })
}
