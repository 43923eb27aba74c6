/**
 * The operations that the documents describe, in their order and with their headings: the yardstick of what must have
 * a route and a row in `docs/surfaces.md`. A new surface adds its own list here.
 */
import type { Method, SurfaceName } from '#rest/route.ts'

/** One documented operation. */
export type Operation = {
  readonly surface: SurfaceName
  readonly document: string
  /** Its heading in the document. */
  readonly title: string
  readonly method: Method
  /** As the heading's call names it; what a parameter is called does not count. */
  readonly path: string
}

type Line = readonly [title: string, method: Method, path: string]

function operationsOf(surface: SurfaceName, document: string, lines: readonly Line[]): Operation[] {
  return lines.map(([title, method, path]) => ({ surface, document, title, method, path }))
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
]

/** Routes that repeat an operation under another path that its document prints, as `METHOD path`. */
export const aliases: ReadonlySet<string> = new Set(['POST /v6/job/'])

/** How an operation is told from others: its method, and its path without final slash and names of parameters. */
export function keyOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path.replace(/\{\w+\}/g, '{}').replace(/(?<=.)\/$/, '')}`
}
