import { mergeJobConfiguration, withoutSecrets, workspaceNames } from '#model/documents/configuration.ts'
import { checkConfiguration } from '#model/documents/configuration-check.ts'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import { checkData, type JobData, parseData } from '#model/documents/data.ts'
import { manifestInterface } from '#model/documents/seed-manifest.ts'
import { badInput, DomainError, faultWithin, noRow, notFound, readWithin } from '#model/error.ts'
import type { Job, JobFilter, JobKey } from '#model/job.ts'
import { configurationOf, type JobType, manifestOf } from '#model/job-type.ts'
import type { WorkspaceFile } from '#model/workspace.ts'
import { recordChanges } from '#store/change.ts'
import { findJobs, insertEvent, insertJobInputFiles, insertQueuedJob, type JobSource } from '#store/job.ts'
import { findJobPage } from '#store/job-filter.ts'
import { acceptJobRequest, advanceJobRequest, type JobRequest, type JobRequestProgress } from '#store/job-request.ts'
import { findRevision } from '#store/job-type.ts'
import { writing } from '#store/store.ts'
import { ensureWorkspaces, findFiles } from '#store/workspace.ts'
import type { Context } from './context.ts'
import { workspaceLookup } from './job-type-rule.ts'

/** How long a bulk request works on before it answers; the rest is done behind it. */
const patienceMs = 2_000
const mebibyte = 1024 * 1024

/** A request to queue a job; `input` and `configuration` as they were sent. */
export type QueueInput = { readonly jobTypeId: number; readonly input?: unknown; readonly configuration?: unknown }

/** What no document lets a request say of a new job, and recipes do. */
export type JobLinks = {
  readonly recipeId?: number
  readonly batchId?: number
  /** Whether the job waits, PENDING, for a later re-queue instead of being QUEUED at once. */
  readonly isPending?: boolean
}

/**
 * Queues a job of the current revision of a job type (Scale v6 "Queue New Job").
 * Files that are not known are accepted and make the job fail when it runs.
 * @throws DomainError NOT_FOUND for an unknown type, BAD_USER_INPUT where input or configuration does not fit it
 */
export async function queueJob(ctx: Context, request: QueueInput, links: JobLinks = {}): Promise<Job> {
  const sent = readWithin('input', () => parseData(request.input))
  const type = await ctx.loaders.jobType.load(request.jobTypeId)
  if (type === null || type.family !== 'queued')
    throw notFound(`There is no job type of queued jobs with the number ${request.jobTypeId}.`, {
      path: ['job_type_id'],
      row: { noun: 'job type of queued jobs', id: request.jobTypeId },
    })
  const configuration =
    request.configuration === undefined ? null : await jobConfiguration(ctx, type, request.configuration)
  const data = readWithin('input', () => checkData(sent, manifestInterface(manifestOf(type)).inputs))
  if (!type.isActive) throw badInput(`Job Type ${type.name}:${type.version} is inactive`, { path: ['job_type_id'] })
  await checkLinks(ctx, links)
  const status = links.isPending === true ? 'PENDING' : 'QUEUED'
  const files = await findInputFiles(ctx, data)
  const job = await writing(ctx.store, async (tx) => {
    if (ctx.workspaceMode === 'open') await ensureWorkspaces(tx, workspaceNames(configuration).sort())
    const revision = await findRevision(tx, type.id, type.revisionNum)
    if (revision === null) throw new Error(`job type ${type.id} has no revision ${type.revisionNum}`)
    const jobId = await insertQueuedJob(tx, {
      jobTypeId: type.id,
      jobTypeRevisionId: revision.id,
      status,
      priority: (configuration ?? configurationOf(type)).priority,
      eventId: await insertEvent(tx, 'USER'),
      recipeId: links.recipeId ?? null,
      batchId: links.batchId ?? null,
      maxTries: type.maxTries,
      input: { files: data.files, json: data.json },
      inputFileSize: Math.ceil(files.reduce((sum, { file }) => sum + file.fileSize, 0) / mebibyte),
      configuration,
      source: sourceOf(files.map(({ file }) => file)),
    })
    const inputs = files.map(({ inputName, position, file }) => ({ inputName, position, fileId: file.id }))
    await insertJobInputFiles(tx, jobId, inputs)
    await recordChanges(tx, [{ kind: 'JOB', entityId: jobId, jobId, jobTypeId: type.id, from: null, to: status }])
    const [made] = await findJobs(tx, [jobId])
    return made
  })
  if (job === undefined) throw new Error('the job that was just made is missing')
  // The answer shows the job as it was queued, however soon an engine takes it.
  ctx.loaders.job.prime(job.id, job)
  ctx.loaders.latestExecution.prime(job.id, null)
  return job
}

async function checkLinks(ctx: Context, { recipeId, batchId }: JobLinks): Promise<void> {
  if (recipeId !== undefined && (await ctx.loaders.recipe.load(recipeId)) === null)
    throw noRow('recipe', recipeId, ['recipe'])
  if (batchId !== undefined && (await ctx.loaders.batch.load(batchId)) === null)
    throw noRow('batch', batchId, ['batch'])
}

async function jobConfiguration(ctx: Context, type: JobType, sent: unknown): Promise<JobConfiguration> {
  try {
    const merged = mergeJobConfiguration(configurationOf(type), sent)
    const lookup = await workspaceLookup(ctx.store.db, merged)
    checkConfiguration(merged, manifestOf(type), lookup, ctx.workspaceMode)
    return withoutSecrets(merged, manifestOf(type))
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const { code, message, details } = error
    throw faultWithin('configuration', new DomainError(code, `Job type configuration invalid: ${message}`, details))
  }
}

type InputFile = { readonly inputName: string; readonly position: number; readonly file: WorkspaceFile }

async function findInputFiles(ctx: Context, data: JobData): Promise<InputFile[]> {
  const wanted = Object.entries(data.files).flatMap(([inputName, ids]) =>
    ids.map((id, position) => ({ inputName, position, id: Number(id) })),
  )
  if (wanted.length === 0) return []
  const ids = [...new Set(wanted.map(({ id }) => id))].filter((id) => Number.isSafeInteger(id))
  const known = new Map((await findFiles(ctx.store.db, ids)).map((file) => [file.id, file]))
  return wanted.flatMap(({ inputName, position, id }) => {
    const file = known.get(id)
    return file === undefined ? [] : [{ inputName, position, file }]
  })
}

/** Earliest start and latest end over all input files; the other values where all files agree. */
function sourceOf(files: readonly WorkspaceFile[]): JobSource {
  const times = (values: readonly (string | null)[]) => values.filter((value) => value !== null).sort(byInstant)
  const common = (values: readonly (string | null)[]) => {
    const distinct = [...new Set(values.filter((value) => value !== null))]
    return distinct.length === 1 ? (distinct[0] ?? null) : null
  }
  return {
    started: times(files.map((file) => file.sourceStarted))[0] ?? null,
    ended: times(files.map((file) => file.sourceEnded)).at(-1) ?? null,
    sensorClass: common(files.map((file) => file.sourceSensorClass)),
    sensor: common(files.map((file) => file.sourceSensor)),
    collection: common(files.map((file) => file.sourceCollection)),
    task: common(files.map((file) => file.sourceTask)),
  }
}

function byInstant(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b)
}

/**
 * One job by its id.
 * @throws DomainError NOT_FOUND where there is none
 */
export async function getJob(ctx: Context, id: number): Promise<Job> {
  const job = await ctx.loaders.job.load(id)
  if (job === null) throw noRow('job', id)
  return job
}

/** A page of queued jobs, newest first, after a key; `hasNext` says whether more follow. */
export async function listJobs(
  ctx: Context,
  filter: JobFilter,
  page: { readonly after: JobKey | null; readonly direction: 'asc' | 'desc'; readonly limit: number },
): Promise<{ readonly jobs: readonly Job[]; readonly hasNext: boolean }> {
  const rows = await findJobPage(ctx.store.db, 'queued', filter, { ...page, limit: page.limit + 1 })
  const jobs = rows.slice(0, page.limit)
  for (const job of jobs) ctx.loaders.job.prime(job.id, job)
  return { jobs, hasNext: rows.length > page.limit }
}

/**
 * Cancels all queued jobs that match and are not at their end; an empty filter means every job (Scale v6 "Cancel
 * Jobs"). The request is kept with its first part, so a crash loses none of it.
 * @returns how many jobs were canceled so far, and whether more are being canceled behind the answer
 */
export async function cancelJobs(ctx: Context, filter: JobFilter): Promise<{ changed: number; pending: boolean }> {
  return carryOut(ctx, { action: 'CANCEL', filter, priority: null })
}

/**
 * Queues FAILED and CANCELED jobs that match again, with new tries (Scale v6 "Requeue Jobs"); superseded ones never.
 * `priority` null or 0 keeps each job's own.
 * @throws DomainError BAD_USER_INPUT for a negative priority
 */
export async function requeueJobs(
  ctx: Context,
  filter: JobFilter,
  priority: number | null,
): Promise<{ changed: number; pending: boolean }> {
  if (priority !== null && priority < 0) throw badInput('A priority is 1 or more.', { path: ['priority'] })
  return carryOut(ctx, { action: 'REQUEUE', filter, priority: priority === 0 ? null : priority })
}

async function carryOut(ctx: Context, request: JobRequest): Promise<{ changed: number; pending: boolean }> {
  const until = ctx.now().getTime() + patienceMs
  const { id, ...first } = await acceptJobRequest(ctx.store, request)
  let progress: JobRequestProgress = first
  while (progress.more && ctx.now().getTime() <= until) progress = await advanceJobRequest(ctx.store, id)
  return { changed: progress.changed, pending: progress.more }
}
