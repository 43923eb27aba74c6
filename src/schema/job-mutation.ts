import { badInput, notFound } from '#model/error.ts'
import type { Job } from '#model/job.ts'
import { isObject } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { cancelJobs, type JobLinks, queueJob, requeueJobs } from '#resolvers/job.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { readId, readIds } from './global-id.ts'
import { defined } from './input.ts'
import { JobFilterInput, readJobFilter } from './job-filter.ts'
import { QueuedJobRef } from './refs.ts'

const InputFilesInput = builder.inputType('JobInputFilesInput', {
  description: 'The files that fill one input of a job.',
  fields: (t) => ({
    inputName: t.string({ required: true, description: 'The input, as the manifest names it.' }),
    files: t.idList({ required: true, description: 'Ids of the files, in their order.' }),
  }),
})

const QueueJobInput = builder.inputType('QueueJobInput', {
  description: 'Which job to queue, and on what.',
  fields: (t) => ({
    jobType: t.id({
      required: true,
      description: 'The id of the job type, such as `jobTypes` lists it; its current revision is used.',
    }),
    data: t.field({
      type: 'JSON',
      description:
        'Its input as Scale data v6: `files` (numbers of files) and `json` by name of the input, such as `{files: {TEXT: [1]}, json: {WIDTH: 80}}`.',
    }),
    files: t.field({
      type: [InputFilesInput],
      description:
        'Input files by their ids, beside those in `data`. Inputs that the manifest does not name are left out.',
    }),
    configuration: t.field({
      type: 'JSON',
      description: "A job configuration v6 that is laid over the job type's; absent means the job type's alone.",
    }),
    batch: t.id({ description: 'The batch that the job belongs to, from `registerBatch`; absent means none.' }),
    recipe: t.id({ description: 'The recipe that the job belongs to, from `registerRecipe`; absent means none.' }),
    isPending: t.boolean({
      description: 'Whether the job waits as pending until it is queued again; absent means that it is queued at once.',
    }),
  }),
})

const QueuePayloadRef = builder.objectRef<{ readonly job: Job }>('QueueJobPayload')
QueuePayloadRef.implement({
  description: 'The job that was queued.',
  fields: (t) => ({ job: t.expose('job', { type: QueuedJobRef, description: 'The job.' }) }),
})

const queueResult = resultOf('QueueJob', QueuePayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('queueJob', (t) =>
  t.field({
    type: queueResult.type,
    description:
      'Queues a job of a job type that is registered; a worker with room then runs it. Mirrors `POST /v6/jobs/`.',
    args: { input: t.arg({ type: QueueJobInput, required: true, description: 'Which job, and on what.' }) },
    resolve: (_root, { input }, { ctx }) =>
      queueResult.run(
        async () => {
          const jobTypeId = readId(input.jobType, 'JobType', ['job_type_id'])
          const configuration = input.configuration ?? undefined
          const links = linksOf(input)
          const data = inputOf(input)
          await checkFiles(ctx, input)
          return { job: await queueJob(ctx, { jobTypeId, input: data, configuration }, links) }
        },
        {
          job_type_id: 'input.jobType',
          configuration: 'input.configuration',
          batch: 'input.batch',
          recipe: 'input.recipe',
          input_files: 'input.files',
          input: (rest) => placeOf(input, rest),
        },
      ),
  }),
)

function linksOf({ batch, recipe, isPending }: typeof QueueJobInput.$inferInput): JobLinks {
  return defined({
    batchId: typeof batch === 'string' ? readId(batch, 'Batch', ['batch']) : null,
    recipeId: typeof recipe === 'string' ? readId(recipe, 'Recipe', ['recipe']) : null,
    isPending,
  })
}

/** The input document with the files that were given by id. */
function inputOf({ data, files }: typeof QueueJobInput.$inferInput): unknown {
  if (files === null || files === undefined || files.length === 0) return data ?? undefined
  const document = data ?? {}
  const given = isObject(document) ? (document.files ?? {}) : null
  if (!isObject(document) || !isObject(given))
    throw badInput('data must be an object of files and json.', { path: ['input'] })
  const named = files.map(({ inputName, files: ids }, place): [string, unknown] => [
    inputName,
    readIds(ids, 'WorkspaceFile', ['input_files', place, 'files']),
  ])
  const twice = named.findIndex(
    ([name], place) => Object.hasOwn(given, name) || named.findIndex((one) => one[0] === name) < place,
  )
  if (twice >= 0)
    throw badInput(`The input ${files[twice]?.inputName} is given twice.`, {
      path: ['input_files', twice, 'inputName'],
    })
  return { ...document, files: { ...given, ...Object.fromEntries(named) } }
}

/** Numbers may stand for files that come later, as the Scale document has it; an id is given only to a file that is there. */
async function checkFiles(ctx: Context, { files }: typeof QueueJobInput.$inferInput): Promise<void> {
  const given = (files ?? []).flatMap(({ files: ids }, place) =>
    ids.map((id, position) => ({ id, path: ['input_files', place, 'files', position] })),
  )
  const found = await Promise.all(given.map(({ id }) => ctx.loaders.file.load(readId(id, 'WorkspaceFile'))))
  const missing = given[found.indexOf(null)]
  if (missing !== undefined) throw notFound(`There is no file with the id '${missing.id}'.`, { path: missing.path })
}

/** Where in the arguments a place of the input document was given: in it, or in `files`. */
function placeOf({ files }: typeof QueueJobInput.$inferInput, place: readonly string[]): readonly string[] {
  const [member, name, ...rest] = place
  const given = member === 'files' ? (files ?? []).findIndex(({ inputName }) => inputName === name) : -1
  return given < 0 ? ['input', 'data', ...place] : ['input', 'files', String(given), 'files', ...rest]
}

type Bulk = Awaited<ReturnType<typeof cancelJobs>>

function bulkPayload(name: string, done: string) {
  return builder.objectRef<Bulk>(name).implement({
    description: `How far the request came. A large one is carried out behind the answer, and survives a restart.`,
    fields: (t) => ({
      changed: t.expose('changed', { type: 'SafeInt', description: `How many jobs were ${done} so far.` }),
      isOngoing: t.exposeBoolean('pending', { description: `Whether more are being ${done} behind this answer.` }),
    }),
  })
}

const cancelResult = resultOf('CancelJobs', bulkPayload('CancelJobsPayload', 'canceled'), ['InvalidInputError'])

builder.mutationField('cancelJobs', (t) =>
  t.field({
    type: cancelResult.type,
    description:
      'Cancels the queued jobs that match and can be canceled, and ends their commands. Mirrors `POST /v6/jobs/cancel/`.',
    args: {
      filter: t.arg({
        type: JobFilterInput,
        required: true,
        description: 'Which are meant; an empty filter means every job.',
      }),
    },
    resolve: (_root, { filter }, { ctx }) =>
      cancelResult.run(async () => cancelJobs(ctx, readJobFilter(filter, ['QueuedJob']))),
  }),
)

const requeueResult = resultOf('RequeueJobs', bulkPayload('RequeueJobsPayload', 'queued again'), ['InvalidInputError'])

builder.mutationField('requeueJobs', (t) =>
  t.field({
    type: requeueResult.type,
    description:
      'Queues the failed and canceled jobs that match again, with new tries; superseded ones never. Mirrors `POST /v6/jobs/requeue/`.',
    args: {
      filter: t.arg({
        type: JobFilterInput,
        required: true,
        description: 'Which are meant; an empty filter means every job.',
      }),
      priority: t.arg.int({
        description: 'Their new priority, from 1, where lower runs first; absent or 0 keeps their own.',
      }),
    },
    resolve: (_root, { filter, priority }, { ctx }) =>
      requeueResult.run(async () => {
        if (typeof priority === 'number' && priority < 0)
          throw badInput('priority must not be negative.', { path: ['priority'] })
        return requeueJobs(ctx, readJobFilter(filter, ['QueuedJob']), priority ?? null)
      }),
  }),
)
