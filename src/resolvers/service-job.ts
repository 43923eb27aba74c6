import { canonicalize } from '#model/documents/job-spec.ts'
import { validateJob } from '#model/documents/job-spec-check.ts'
import type { JobSpec, JobSpecMode } from '#model/documents/job-spec-type.ts'
import { badInput, notFound } from '#model/error.ts'
import { nextLaunchOf } from '#model/launch.ts'
import { definitionOf } from '#model/service-definition.ts'
import { homeRegion, type Launch, type Registration, type ServiceJob } from '#model/service-job.ts'
import { serviceJobsTopic, serviceListTopic } from '#model/topic.ts'
import { findTopicIndex } from '#store/change.ts'
import { changeServiceCount, startServiceJob as start, stopServiceJob as stop } from '#store/service-control.ts'
import { deregisterServiceJob as deregister, evaluateServiceJob as evaluate, jobNotFound } from '#store/service-end.ts'
import {
  findServiceJob as find,
  findServiceJobNames,
  findServiceJobs,
  listServiceJobs as list,
} from '#store/service-job.ts'
import { forceServiceJob as force } from '#store/service-launch.ts'
import { registerServiceJob as register } from '#store/service-register.ts'
import { reading } from '#store/store.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'
import { inTurn } from './turn.ts'

/**
 * A job specification as it was sent, with its defaults filled in and checked as the gateway's `jobSpecMode` has it.
 * @throws DomainError BAD_USER_INPUT in Nomad's words
 */
export function completeSpec(ctx: Context, sent: JobSpec): JobSpec {
  const mode = jobSpecModeOf(ctx)
  const spec = canonicalize(sent, mode)
  validateJob(spec, mode)
  return spec
}

/** How strictly this gateway reads job specifications. */
export function jobSpecModeOf(ctx: Context): JobSpecMode {
  return ctx.jobSpecMode ?? 'lenient'
}

/**
 * Registers a job of a specification that was checked and has its defaults, or registers it anew. Two indexes in one
 * step: the job's, and its evaluation's right after it. A periodic job has no evaluation. With `starts` false the
 * definition is kept and nothing runs until it is started.
 * @throws DomainError BAD_USER_INPUT where its Meta says of Genvid's counts what cannot be
 */
export async function registerServiceJob(
  ctx: Context,
  spec: JobSpec,
  { region = homeRegion, starts = true }: { readonly region?: string; readonly starts?: boolean } = {},
): Promise<Registration> {
  const definition = definitionOf(spec)
  const nextLaunch = nextLaunchOf(spec, ctx.now())?.toISOString() ?? null
  return register(ctx.store, { region, spec, definition, nextLaunch, starts })
}

/** Ends a registration. An unknown name is answered like a known one, with an evaluation that finds nothing to do. */
export async function deregisterServiceJob(ctx: Context, name: string, region = homeRegion): Promise<Registration> {
  return deregister(ctx.store, { region, name })
}

/**
 * Has the scheduler look at a job again.
 * @throws DomainError NOT_FOUND `job not found`, CONFLICT `can't evaluate periodic job`
 */
export async function evaluateServiceJob(ctx: Context, name: string, region = homeRegion): Promise<Registration> {
  return evaluate(ctx.store, { region, name })
}

/**
 * Launches a periodic job now, whatever its schedule and its other children.
 * @throws DomainError NOT_FOUND `job not found`, CONFLICT where it is not periodic, or disabled
 */
export async function forceServiceJob(ctx: Context, name: string, region = homeRegion): Promise<Launch> {
  return force(ctx.store, { region, name })
}

/**
 * Genvid's start: counts go to their initial values; a job that runs is left alone.
 * @throws DomainError NOT_FOUND `job not found`
 */
export async function startServiceJob(ctx: Context, name: string, region = homeRegion): Promise<ServiceJob> {
  const key = { region, name }
  const known = await find(ctx.store.db, key)
  if (known === null) throw notFound(jobNotFound)
  const nextLaunch = nextLaunchOf(known.spec, ctx.now())?.toISOString() ?? null
  return load(ctx, await start(ctx.store, key, nextLaunch))
}

/**
 * Genvid's stop: the definition and its counts stay; a job that is dead is left alone.
 * @throws DomainError NOT_FOUND `job not found`
 */
export async function stopServiceJob(ctx: Context, name: string, region = homeRegion): Promise<ServiceJob> {
  return load(ctx, await stop(ctx.store, { region, name }))
}

/** Starts every job whose autostart is true and that does not run; children of periodic jobs are left alone. */
export async function startAllServiceJobs(ctx: Context, region = homeRegion): Promise<readonly ServiceJob[]> {
  const names = await findServiceJobNames(ctx.store.db, region, 'autostart')
  return eachStillThere(names, (name) => startServiceJob(ctx, name, region))
}

/** Stops every job that is not dead. */
export async function stopAllServiceJobs(ctx: Context, region = homeRegion): Promise<readonly ServiceJob[]> {
  const names = await findServiceJobNames(ctx.store.db, region, 'all')
  return eachStillThere(names, (name) => stopServiceJob(ctx, name, region))
}

/** One after another, each in a transaction of its own; a job that is deregistered meanwhile is passed over. */
async function eachStillThere(
  names: readonly string[],
  act: (name: string) => Promise<ServiceJob>,
): Promise<readonly ServiceJob[]> {
  const jobs: ServiceJob[] = []
  for (const name of names) {
    const job = await act(name).catch((error: unknown) => {
      if (error instanceof Error && error.message === jobNotFound) return null
      throw error
    })
    if (job !== null) jobs.push(job)
  }
  return jobs
}

/** A change of a task group's count. */
export type CountChange = {
  readonly jobName: string
  readonly taskGroup: string
  /** Added to the count; 0 stops what `zeroStops` says. */
  readonly delta: number
  /** Bastion's document stops the job at 0, the Cluster's the task group. */
  readonly zeroStops: 'job' | 'group'
}

/**
 * Adds to the count of a task group; concurrent calls add up exactly, and an added instance revives a stopped job.
 * @throws DomainError NOT_FOUND for an unknown job or group, BAD_USER_INPUT where the count would leave 0 to count max
 */
export async function updateServiceCount(
  ctx: Context,
  { jobName: name, taskGroup, delta, zeroStops }: CountChange,
  region = homeRegion,
): Promise<ServiceJob> {
  if (!Number.isSafeInteger(delta)) throw badInput('A count is changed by a whole number.', { path: ['count'] })
  const change = { taskGroup, delta, zeroStops }
  // All of them want the same row: one connection waits for it, not the whole pool.
  const id = await inTurn(ctx.store, `count ${region}/${name}`, () =>
    changeServiceCount(ctx.store, { region, name }, change),
  )
  return load(ctx, id)
}

async function load(ctx: Context, id: number): Promise<ServiceJob> {
  const [job] = await findServiceJobs(ctx.store.db, [id])
  if (job === undefined) throw new Error(`service job ${id} is missing`)
  return job
}

/** Which jobs a list shows; absent keys ask for all of this gateway's region. */
export type ServiceJobFilter = { readonly prefix?: string; readonly region?: string }

/** Registered jobs by name bytes, with groups and summaries; the index is that of the Bastion and Cluster lists. */
export async function listServiceJobs(
  ctx: Context,
  filter: ServiceJobFilter = {},
): Promise<Indexed<readonly ServiceJob[]>> {
  return listUnder(ctx, serviceListTopic, filter)
}

/** The same jobs with the index of Nomad's jobs table. */
export async function listNomadJobs(
  ctx: Context,
  filter: ServiceJobFilter = {},
): Promise<Indexed<readonly ServiceJob[]>> {
  return listUnder(ctx, serviceJobsTopic, filter)
}

async function listUnder(ctx: Context, topic: string, { prefix = '', region = homeRegion }: ServiceJobFilter) {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, topic),
    value: await list(tx, region, prefix),
  }))
}

/** A registered job by name with its modify index; null, with the index of the jobs table, where there is none. */
export async function findServiceJob(
  ctx: Context,
  name: string,
  region = homeRegion,
): Promise<Indexed<ServiceJob | null>> {
  return reading(ctx.store, async (tx) => {
    const value = await find(tx, { region, name })
    return { value, index: value?.modifyIndex ?? (await findTopicIndex(tx, serviceJobsTopic)) }
  })
}
