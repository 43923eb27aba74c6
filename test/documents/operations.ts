/**
 * The operations that the documents describe, in their order and with their headings: the yardstick of what must have
 * a route and a row in `docs/surfaces.md`. A new surface adds its own list here. Where a document says what an operation does and
 * gives it no heading, the title is a short form of that.
 */
import type { Method, SurfaceName } from '#rest/route.ts'

/** One documented operation. */
export type Operation = {
  readonly surface: SurfaceName
  readonly document: string
  /** Its heading in the document. */
  readonly title: string
  /** The one that the document names first. */
  readonly method: Method
  /** The other one, where the document leaves the choice. */
  readonly also: Method | null
  /** As the heading's call names it; what a parameter is called does not count. */
  readonly path: string
}

type Line = readonly [title: string, method: Method, path: string, also?: Method]

function operationsOf(surface: SurfaceName, document: string, lines: readonly Line[]): Operation[] {
  return lines.map(([title, method, path, also = null]) => ({ surface, document, title, method, path, also }))
}

/** Every documented operation. */
export const operations: readonly Operation[] = [
  ...operationsOf('scale', 'Scale v6 jobs', [
    ['Job List', 'GET', '/v6/jobs/'],
    ['Queue New Job', 'POST', '/v6/jobs/'],
    ['Job Details', 'GET', '/v6/jobs/{id}/'],
    ['Job Input File List', 'GET', '/v6/jobs/{id}/input_files/'],
    ['Job Executions List', 'GET', '/v6/jobs/{id}/executions/'],
    ['Job Execution Details', 'GET', '/v6/jobs/{id}/executions/{exe_num}/'],
    ['Cancel Jobs', 'POST', '/v6/jobs/cancel/'],
    ['Requeue Jobs', 'POST', '/v6/jobs/requeue/'],
    ['Job Execution Log', 'GET', '/v6/job-executions/{job_exe_id}/logs/{log_id}/'],
  ]),
  ...operationsOf('scale', 'Scale v6 job types', [
    ['Job Type Names', 'GET', '/v6/job-type-names/'],
    ['Job Type List', 'GET', '/v6/job-types/'],
    ['Job Type Versions', 'GET', '/v6/job-types/{name}/'],
    ['Job Type Details', 'GET', '/v6/job-types/{name}/{version}/'],
    ['Job Type Revisions', 'GET', '/v6/job-types/{name}/{version}/revisions/'],
    ['Job Type Revision Details', 'GET', '/v6/job-types/{name}/{version}/revisions/{revision_num}/'],
    ['Add Seed Image', 'POST', '/v6/job-types/'],
    ['Validate Job Type', 'POST', '/v6/job-types/validation/'],
    ['Edit Job Type', 'PATCH', '/v6/job-types/{name}/{version}/'],
    ['Job Type Status', 'GET', '/v6/job-types/status/'],
    ['Job Types Pending', 'GET', '/v6/job-types/pending/'],
    ['Job Types Running', 'GET', '/v6/job-types/running/'],
    ['Job Type System Failures', 'GET', '/v6/job-types/system-failures/'],
  ]),
  ...operationsOf('nomad', 'Nomad /v1/job', [
    ['Query a job', 'GET', '/v1/job/{id}'],
    ['Query the allocations of a job', 'GET', '/v1/job/{id}/allocations'],
    ['Query the evaluations of a job', 'GET', '/v1/job/{id}/evaluations'],
    ['Register or update a job', 'PUT', '/v1/job/{id}', 'POST'],
    ['Create a new evaluation', 'PUT', '/v1/job/{id}/evaluate', 'POST'],
    ['Force a new instance of a periodic job', 'PUT', '/v1/job/{id}/periodic/force', 'POST'],
    ['Deregister a job', 'DELETE', '/v1/job/{id}'],
  ]),
  ...operationsOf('bastion', 'Bastion jobs', [
    ['List the jobs', 'GET', '/jobs'],
    ['Summary of a job', 'GET', '/job/{jobName}/summary'],
    ['Start a job', 'POST', '/jobs/start/{jobName}'],
    ['Stop a job', 'POST', '/jobs/stop/{jobName}'],
    ['Start all autostart jobs', 'POST', '/jobs/startall'],
    ['Stop all jobs', 'POST', '/jobs/stopall'],
    ['Change the count of a task group', 'POST', '/jobs/updatecounts'],
  ]),
  ...operationsOf('cluster', 'Cluster API', [
    ['Get the settings', 'GET', '/v1/settings'],
    ['Get the default settings', 'GET', '/v1/settings/default'],
    ['Get the settings schema', 'GET', '/v1/schemas/settings.json'],
    ['Set the settings', 'POST', '/v1/settings'],
    ['List the jobs', 'GET', '/v1/jobs'],
    ['Start a job', 'POST', '/v1/jobs/start/{job_id}'],
    ['Stop a job', 'POST', '/v1/jobs/stop/{job_id}'],
    ['Change the count of a task group', 'POST', '/v1/jobs/updatecounts'],
    ['List the logs', 'GET', '/v1/log/logs'],
    ['Set the logs', 'POST', '/v1/log/logs'],
    ['List the instances of a log', 'GET', '/v1/log/meta/{name}'],
    ['Read a log', 'GET', '/v1/log/fs/{alloc}/{task}/{fs}'],
    ['Get the default loggers', 'GET', '/v1/log/defaults'],
    ['Set a default logger', 'POST', '/v1/log/defaults/{loggerID}'],
    ['Get the loggers of an allocation', 'GET', '/v1/log/allocs/{allocID}'],
    ['Set a logger of an allocation', 'POST', '/v1/log/allocs/{allocID}/{loggerID}'],
    ['Get the events', 'GET', '/v1/events'],
    ['Update the events', 'POST', '/v1/events'],
    ['Get the event results', 'GET', '/v1/events/results/{counter}'],
    ['List the secrets', 'GET', '/v1/secrets/list'],
    ['Get a secret', 'GET', '/secrets/secret/{ID}'],
    ['Set a secret', 'POST', '/secrets/secret/{ID}'],
    ['Delete a secret', 'DELETE', '/secrets/secret/{ID}'],
  ]),
]

/**
 * Routes beside the documented ones, as `METHOD path`: operations under another path that their document prints or
 * implies, and Nomad's way to register that its command line takes.
 */
export const additions: ReadonlySet<string> = new Set([
  'POST /v6/job/',
  'PUT /v1/jobs',
  'POST /v1/jobs',
  'GET /secrets/list',
  'GET /v1/secrets/secret/{secret}',
  'POST /v1/secrets/secret/{secret}',
  'DELETE /v1/secrets/secret/{secret}',
])

/** How an operation is told from others: its method, and its path without final slash and names of parameters. */
export function keyOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path.replace(/\{\w+\}/g, '{}').replace(/(?<=.)\/$/, '')}`
}

/** The keys of an operation: one, or two where its document leaves the choice of the method. */
export function keysOf({ method, also, path }: Pick<Operation, 'method' | 'also' | 'path'>): string[] {
  return [method, ...(also === null ? [] : [also])].map((one) => keyOf({ method: one, path }))
}
