/** JSON Schemas of what the job type routes answer, for the OpenAPI document. */
import type { JsonObject } from '#model/json.ts'
import { boolean, exactly, freeObject, instant, integer, listOf, mapOf, named, orNull, string } from '../shape.ts'
import { errorShape, jobCategory, jobStatus, jobTypeBase } from './reference-schema.ts'

const mount = {
  oneOf: [
    exactly({ type: { const: 'host' }, host_path: string }),
    exactly({ type: { const: 'volume' }, driver: string, driver_opts: mapOf(string) }),
  ],
}

const recipeType = exactly({
  id: integer,
  name: string,
  title: string,
  description: string,
  revision_num: integer,
  is_active: boolean,
  is_system: boolean,
  created: instant,
  deprecated: orNull(instant),
  last_modified: instant,
})

const type = {
  ...jobTypeBase,
  max_scheduled: orNull(integer),
  max_tries: integer,
  revision_num: { ...integer, minimum: 1 },
  docker_image: string,
  created: instant,
  deprecated: orNull(instant),
  paused: orNull(instant),
  last_modified: instant,
}

const { id, version, ...nameShape } = jobTypeBase
const revision = {
  id: integer,
  job_type: named('ScaleJobTypeBase'),
  revision_num: { ...integer, minimum: 1 },
  docker_image: string,
  created: instant,
}
const findings = listOf(exactly({ name: string, description: string }))
const count = { ...integer, minimum: 0 }

/** The pending or running jobs of one job type; `longest` is the name of the time. */
function longest(name: string): JsonObject {
  return exactly({ job_type: named('ScaleJobTypeBase'), count, [name]: instant })
}

/** The replies of the Scale v6 job types document. */
export const jobTypeSchemas: { readonly [name: string]: JsonObject } = {
  ScaleConfiguration: exactly({
    mounts: mapOf(mount),
    output_workspaces: exactly({ default: string, outputs: mapOf(string) }),
    priority: integer,
    settings: mapOf(string),
  }),
  ScaleJobType: exactly(type),
  ScaleJobTypeDetails: exactly({
    ...type,
    manifest: freeObject,
    configuration: named('ScaleConfiguration'),
    recipe_types: listOf(recipeType),
  }),
  ScaleJobTypeName: exactly({ ...nameShape, versions: listOf(string), latest_version: string }),
  ScaleRevision: exactly(revision),
  ScaleRevisionDetails: exactly({ ...revision, manifest: freeObject }),
  ScaleValidation: exactly({ is_valid: boolean, errors: findings, warnings: findings }),
  ScaleJobTypeStatus: exactly({
    job_type: named('ScaleJobTypeBase'),
    job_counts: listOf(exactly({ status: jobStatus, count, most_recent: instant, category: orNull(jobCategory) })),
  }),
  ScalePendingJobType: longest('longest_pending'),
  ScaleRunningJobType: longest('longest_running'),
  ScaleSystemFailure: exactly({
    job_type: named('ScaleJobTypeBase'),
    error: exactly({ ...errorShape, created: instant, last_modified: instant }),
    count,
    first_error: instant,
    last_error: instant,
  }),
}
