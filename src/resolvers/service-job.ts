import type { JsonObject } from '#model/json.ts'
import { homeRegion, type Launch, type Registration, type ServiceJob } from '#model/service-job.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'

/**
 * Registers a job of a specification that `parseJobSpec` accepted, or registers it anew. Two indexes in one step: the
 * job's, and its evaluation's right after it. A periodic job has no evaluation.
 */
export async function registerServiceJob(_ctx: Context, _spec: JsonObject, _region = homeRegion): Promise<Registration> {
  throw new Error('unfinished')
}

/** Ends a registration. An unknown name is answered like a known one, with an evaluation that finds nothing to do. */
export async function deregisterServiceJob(_ctx: Context, _name: string, _region = homeRegion): Promise<Registration> {
  throw new Error('unfinished')
}

/**
 * Has the scheduler look at a job again.
 * @throws DomainError NOT_FOUND `job not found`, CONFLICT `can't evaluate periodic job`
 */
export async function evaluateServiceJob(_ctx: Context, _name: string, _region = homeRegion): Promise<Registration> {
  throw new Error('unfinished')
}

/**
 * Launches a periodic job now, whatever its schedule and its other children.
 * @throws DomainError NOT_FOUND `job not found`, CONFLICT where it is not periodic, or disabled
 */
export async function forceServiceJob(_ctx: Context, _name: string, _region = homeRegion): Promise<Launch> {
  throw new Error('unfinished')
}

/** Genvid's start: counts go to their initial values. @throws DomainError NOT_FOUND */
export async function startServiceJob(_ctx: Context, _name: string, _region = homeRegion): Promise<ServiceJob> {
  throw new Error('unfinished')
}

/** Genvid's stop: the definition and its counts stay. @throws DomainError NOT_FOUND */
export async function stopServiceJob(_ctx: Context, _name: string, _region = homeRegion): Promise<ServiceJob> {
  throw new Error('unfinished')
}

/** Starts every job whose autostart is true and that does not run; children of periodic jobs are left alone. */
export async function startAllServiceJobs(_ctx: Context, _region = homeRegion): Promise<readonly ServiceJob[]> {
  throw new Error('unfinished')
}

/** Stops every job that is not dead. */
export async function stopAllServiceJobs(_ctx: Context, _region = homeRegion): Promise<readonly ServiceJob[]> {
  throw new Error('unfinished')
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
 * Adds to the count of a task group; concurrent calls add up exactly.
 * @throws DomainError NOT_FOUND for an unknown job or group, BAD_USER_INPUT where the count would leave 0 to count max
 */
export async function updateServiceCount(_ctx: Context, _change: CountChange, _region = homeRegion): Promise<ServiceJob> {
  throw new Error('unfinished')
}

/** Registered jobs by name bytes, with groups and summaries; the index is that of the Bastion and Cluster lists. */
export async function listServiceJobs(
  _ctx: Context,
  _filter: { readonly prefix?: string; readonly region?: string } = {},
): Promise<Indexed<readonly ServiceJob[]>> {
  throw new Error('unfinished')
}

/** The same jobs with the index of Nomad's jobs table. */
export async function listNomadJobs(
  _ctx: Context,
  _filter: { readonly prefix?: string; readonly region?: string } = {},
): Promise<Indexed<readonly ServiceJob[]>> {
  throw new Error('unfinished')
}

/** A registered job by name with its modify index; null, with the index of the jobs table, where there is none. */
export async function findServiceJob(_ctx: Context, _name: string, _region = homeRegion): Promise<Indexed<ServiceJob | null>> {
  throw new Error('unfinished')
}
