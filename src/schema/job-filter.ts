import { badInput } from '#model/error.ts'
import type { Job, JobFilter } from '#model/job.ts'
import { jobFamilies } from '#model/status.ts'
import { builder } from './builder.ts'
import { checkCount, readIds } from './global-id.ts'
import { defined } from './input.ts'
import { ErrorCategoryEnum, JobFamilyEnum, JobStatusEnum } from './status.ts'

/** The object types behind the interface of jobs. */
export const jobNodes = ['QueuedJob', 'ServiceJob'] as const

/** Which of them a job is. */
export function nodeOf({ family }: Pick<Job, 'family'>): (typeof jobNodes)[number] {
  return family === 'queued' ? 'QueuedJob' : 'ServiceJob'
}

/** A span of time, both ends of which count. */
export const TimeRangeInput = builder.inputType('TimeRange', {
  description:
    'A span of time, both ends included; an end that is absent is open. Without any end it means any time, and also none: `ended: {}` leaves no job out.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'At this moment or later.' }),
    to: t.field({ type: 'DateTime', description: 'At this moment or earlier.' }),
  }),
})

/** Which jobs a list, a cancel or a re-queue means. */
export const JobFilterInput = builder.inputType('JobFilter', {
  description:
    'Which jobs are meant. Every kind that is given must fit, and of its values any one. A kind that is absent or null means any, and an empty list means none, so an empty filter means every job; kinds that no job can fit together mean none. A list holds at most 1,000 values. Kinds that mirror parameters of the REST list `GET /v6/jobs/` name them.',
  fields: (t) => ({
    families: t.field({ type: [JobFamilyEnum], description: 'Of any of these families; absent means both.' }),
    ids: t.idList({ description: 'Any of these jobs; at most 1,000. Mirrors `job_id`.' }),
    statuses: t.field({ type: [JobStatusEnum], description: 'In any of these statuses. Mirrors `status`.' }),
    jobTypes: t.idList({ description: 'Of any of these job types, by their ids. Mirrors `job_type_id`.' }),
    jobTypeNames: t.stringList({
      description: 'Of any version of job types with these names. Mirrors `job_type_name`.',
    }),
    names: t.stringList({
      description: "With any of these names: that of a queued job's type, or a service job's own.",
    }),
    namePrefix: t.string({
      description: 'Whose name, as in `names`, begins so, letter by letter. Mirrors `prefix` of `GET /v1/jobs`.',
    }),
    text: t.string({
      description:
        'Whose name or title, as in `names`, holds this text in capitals or not; 1 to 200 characters. Other texts of a job are not searched.',
    }),
    batches: t.idList({ description: 'Queued jobs in any of these batches. Mirrors `batch_id`.' }),
    recipes: t.idList({ description: 'Queued jobs in any of these recipes. Mirrors `recipe_id`.' }),
    errors: t.idList({ description: 'Failed with any of these errors. Mirrors `error_id`.' }),
    errorCategories: t.field({
      type: [ErrorCategoryEnum],
      description: 'Failed with an error of any of these categories. Mirrors `error_category`.',
    }),
    computeNodes: t.idList({
      description: 'Whose latest execution runs or ran on any of these machines; canceled queued jobs ran on none.',
    }),
    parents: t.idList({ description: 'Service jobs that any of these periodic service jobs launched.' }),
    inputFiles: t.idList({ description: 'Queued jobs of which any of these files fills an input.' }),
    isSuperseded: t.boolean({
      description: 'Only superseded ones, or only those that are not. Mirrors `is_superseded`.',
    }),
    isDeregistered: t.boolean({
      description: 'Only service jobs that were deregistered, or only jobs that were not, queued jobs among them.',
    }),
    created: t.field({ type: TimeRangeInput, description: 'When they were made.' }),
    modified: t.field({
      type: TimeRangeInput,
      description:
        'When anything of the job last changed. Mirrors `started` and `ended` of the REST list `GET /v6/jobs/`.',
    }),
    statusChanged: t.field({ type: TimeRangeInput, description: 'When its status last changed.' }),
    started: t.field({
      type: TimeRangeInput,
      description: 'When its newest execution started; jobs without one are left out.',
    }),
    ended: t.field({ type: TimeRangeInput, description: 'When it ended; jobs that did not are left out.' }),
    sourceStartedFrom: t.field({
      type: 'DateTime',
      description: 'Its source data begins at this moment or later. Mirrors `source_started`.',
    }),
    sourceEndedTo: t.field({
      type: 'DateTime',
      description: 'Its source data ends at this moment or earlier. Mirrors `source_ended`.',
    }),
    sourceSensorClasses: t.stringList({
      description: 'Its source data is of any of these sensor classes. Mirrors `source_sensor_class`.',
    }),
    sourceSensors: t.stringList({
      description: 'Its source data is from any of these sensors. Mirrors `source_sensor`.',
    }),
    sourceCollections: t.stringList({
      description: 'Its source data is of any of these collections. Mirrors `source_collection`.',
    }),
    sourceTasks: t.stringList({
      description: 'Its source data was collected by any of these tasks. Mirrors `source_task`.',
    }),
  }),
})

type Given = typeof JobFilterInput.$inferInput

/**
 * Reads a filter; `nodes` are the types whose ids it may name.
 * @throws DomainError BAD_USER_INPUT for an id of another type, more than 1,000 values in one list, a span of time that
 * ends before it begins, or a text of no or too many characters
 */
export function readJobFilter(input: Given, nodes: readonly string[] = jobNodes): JobFilter {
  const { ids, jobTypes, batches, recipes, errors, computeNodes, parents, inputFiles, ...others } = input
  const { created, modified, statusChanged, started, ended, ...rest } = others
  for (const [kind, values] of Object.entries(rest))
    if (Array.isArray(values)) checkCount(values.length, ['filter', kind])
  for (const [kind, span] of Object.entries({ created, modified, statusChanged, started, ended }))
    checkSpan(span, ['filter', kind])
  checkText(rest.text)
  return withFamilies(
    defined({
      ...rest,
      ids: readIds(ids, nodes, ['filter', 'ids']),
      jobTypeIds: readIds(jobTypes, 'JobType', ['filter', 'jobTypes']),
      batchIds: readIds(batches, 'Batch', ['filter', 'batches']),
      recipeIds: readIds(recipes, 'Recipe', ['filter', 'recipes']),
      errorIds: readIds(errors, 'JobError', ['filter', 'errors']),
      nodeIds: readIds(computeNodes, 'ComputeNode', ['filter', 'computeNodes']),
      parentIds: readIds(parents, 'ServiceJob', ['filter', 'parents']),
      inputFileIds: readIds(inputFiles, 'WorkspaceFile', ['filter', 'inputFiles']),
      createdFrom: created?.from,
      createdTo: created?.to,
      modifiedFrom: modified?.from,
      modifiedTo: modified?.to,
      statusChangedFrom: statusChanged?.from,
      statusChangedTo: statusChanged?.to,
      startedFrom: started?.from,
      startedTo: started?.to,
      endedFrom: ended?.from,
      endedTo: ended?.to,
    }),
  )
}

/** @throws DomainError BAD_USER_INPUT at `path` for a span that ends before it begins */
export function checkSpan(span: Given['created'], path: readonly [string, ...string[]]): void {
  const { from, to } = span ?? {}
  if (typeof from === 'string' && typeof to === 'string' && Date.parse(from) > Date.parse(to))
    throw badInput('`from` is after `to`.', { path })
}

function checkText(text: Given['text']): void {
  if (typeof text === 'string' && (text.length === 0 || text.length > 200))
    throw badInput('text must have 1 to 200 characters.', { path: ['filter', 'text'] })
}

const queuedKinds = ['batchIds', 'recipeIds', 'inputFileIds', 'sourceStartedFrom', 'sourceEndedTo'] as const
const sourceKinds = ['sourceSensorClasses', 'sourceSensors', 'sourceCollections', 'sourceTasks'] as const
const serviceKinds = ['parentIds'] as const

/**
 * What only one family has narrows a filter to that family, whose indexes are then read alone; what no family has in
 * full leaves it none.
 */
function withFamilies(filter: JobFilter): JobFilter {
  const isOfQueued = [...queuedKinds, ...sourceKinds].some((kind) => filter[kind] !== undefined)
  const isOfService = serviceKinds.some((kind) => filter[kind] !== undefined) || filter.isDeregistered === true
  if (!isOfQueued && !isOfService) return filter
  const families = (filter.families ?? jobFamilies).filter((family) =>
    family === 'queued' ? !isOfService : !isOfQueued,
  )
  return { ...filter, families }
}
