import { manifestInterface } from '#model/documents/seed-manifest.ts'
import type { Job } from '#model/job.ts'
import { type JobType, type JobTypeRevision, manifestOf } from '#model/job-type.ts'
import type { JsonObject } from '#model/json.ts'
import { resourcesOf } from '#model/resource.ts'
import type { JobInputFile } from '#model/workspace.ts'
import type { Context } from '#resolvers/context.ts'
import { getJobConfiguration } from '#resolvers/job-configuration.ts'
import { listVersionsOfName } from '#resolvers/job-type-identity.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { fileIds, toData } from './data-wire.ts'
import { toScaleExecutionDetails } from './execution-wire.ts'
import { toJobTypeBase } from './job-type-wire.ts'
import { toBatch, toError, toEvent, toNode, toRecipe } from './reference-wire.ts'
import { toJobStatus } from './status-wire.ts'

/** A job as the job list shows it. */
export async function toScaleJob(ctx: Context, job: Job) {
  const read = await readJob(ctx, job)
  const { revision } = read
  const jobTypeRev = { id: revision.id, job_type: { id: revision.jobTypeId }, revision_num: revision.revisionNum }
  const supersededJob = job.supersededJobId === null ? null : { id: job.supersededJobId }
  return {
    ...head(job, read, jobTypeRev, supersededJob),
    ...standing(job, read),
    error: toError(read.error),
    ...tries(job),
    input_file_size: job.inputFileSize,
    input_files: read.inputFiles,
    ...times(job),
  }
}

/** A job with all that belongs to it, as the job details show it and a newly queued job is answered. */
export async function toScaleJobDetails(ctx: Context, job: Job) {
  const [read, configuration, supersededJob, successor, execution] = await Promise.all([
    readJob(ctx, job),
    getJobConfiguration(ctx, job),
    toJobReference(ctx, job.supersededJobId),
    ctx.loaders.successor.load(job.id).then((row) => toJobReference(ctx, row?.id ?? null)),
    ctx.loaders.latestExecution.load(job.id),
  ])
  const { type, revision } = read
  return {
    ...head(job, read, await toRevisionDetails(ctx, type, revision), supersededJob),
    superseded_by_job: successor,
    ...standing(job, read),
    resources: { resources: resourcesOf(manifestOf(revision), job.inputFileSize ?? 0) },
    error: toError(read.error),
    ...tries(job),
    execution: execution && (await toScaleExecutionDetails(ctx, execution)),
    input: toData(job.input),
    input_file_size: job.inputFileSize,
    input_files: read.inputFiles,
    output: toData(job.output),
    ...times(job),
    configuration,
  }
}

type Read = Awaited<ReturnType<typeof readJob>>

async function readJob(ctx: Context, job: Job) {
  const { loaders } = ctx
  const { files } = toData(job.input)
  // All are asked for at once, so that the rows of a page share one statement of each kind.
  const [type, revision, event, recipe, batch, node, error, links] = await Promise.all([
    loadRequired(loaders.jobType, job.jobTypeId),
    loadRequired(loaders.revision, job.jobTypeRevisionId),
    loadNullable(loaders.event, job.eventId),
    loadNullable(loaders.recipe, job.recipeId).then((row) => toRecipe(ctx, row)),
    loadNullable(loaders.batch, job.batchId),
    loadNullable(loaders.node, job.nodeId),
    loadNullable(loaders.error, job.errorId),
    Object.keys(files).length === 0 ? [] : loaders.inputFiles.load(job.id),
  ])
  return { type, revision, event, recipe, batch, node, error, inputFiles: toInputFiles(files, links, revision) }
}

/** The names of the known input files by input, in the manifest's order; an input that was given unknown files is empty. */
function toInputFiles(files: JsonObject, links: readonly JobInputFile[], revision: JobTypeRevision) {
  const { inputs } = manifestInterface(manifestOf(revision))
  const given = inputs.files.filter(({ name }) => fileIds(files, name).length > 0)
  const namesOf = (input: string) => links.filter((link) => link.inputName === input).map((link) => link.fileName)
  return Object.fromEntries(given.map(({ name }) => [name, namesOf(name)]))
}

function head(job: Job, read: Read, jobTypeRev: object, supersededJob: object | null) {
  return {
    id: job.id,
    job_type: toJobTypeBase(read.type),
    job_type_rev: jobTypeRev,
    event: toEvent(read.event),
    // Ingests are none of these documents' business, and their key stays.
    ingest_event: null,
    recipe: read.recipe,
    batch: toBatch(read.batch),
    is_superseded: job.isSuperseded,
    superseded_job: supersededJob,
  }
}

function standing(job: Job, read: Read) {
  return { status: toJobStatus(job.status), node: toNode(read.node) }
}

function tries(job: Job) {
  return { max_tries: job.maxTries, num_exes: job.numExes }
}

function times(job: Job) {
  return {
    source_started: job.sourceStarted,
    source_ended: job.sourceEnded,
    source_sensor_class: job.sourceSensorClass,
    source_sensor: job.sourceSensor,
    source_collection: job.sourceCollection,
    source_task: job.sourceTask,
    created: job.createdAt,
    queued: job.queuedAt,
    started: job.startedAt,
    ended: job.endedAt,
    last_status_change: job.lastStatusChange,
    superseded: job.supersededAt,
    last_modified: job.lastModified,
  }
}

/** The revision with its manifest; its job type with what the document adds to the usual keys. */
async function toRevisionDetails(ctx: Context, type: JobType, revision: JobTypeRevision) {
  const versions = await listVersionsOfName(ctx, type.name)
  return {
    id: revision.id,
    job_type: {
      ...toJobTypeBase(type),
      num_versions: versions.length,
      latest_version: versions[0] ?? type.version,
    },
    revision_num: revision.revisionNum,
    docker_image: revision.dockerImage,
    created: revision.createdAt,
    manifest: revision.manifest,
  }
}

async function toJobReference(ctx: Context, id: number | null) {
  const job = await loadNullable(ctx.loaders.job, id)
  if (job === null) return null
  const type = await loadRequired(ctx.loaders.jobType, job.jobTypeId)
  return { id: job.id, job_type: toJobTypeBase(type), status: toJobStatus(job.status) }
}
