import type { JsonObject } from '#model/json.ts'
import {
  boolean,
  decimal,
  exactly,
  freeObject,
  instant,
  integer,
  listOf,
  mapOf,
  named,
  orNull,
  string,
  wordOf,
} from '../shape.ts'
import { jobTypeBase, reference, jobStatus as status } from './reference-schema.ts'
import { executionWords } from './status-wire.ts'

const data = exactly({ files: freeObject, json: freeObject })
const resources = exactly({ resources: mapOf(decimal) })

const revisionReference = exactly({ id: integer, job_type: reference, revision_num: integer })

const revisionDetails = exactly({
  id: integer,
  job_type: exactly({ ...jobTypeBase, num_versions: integer, latest_version: string }),
  revision_num: integer,
  docker_image: string,
  created: instant,
  manifest: freeObject,
})

const jobReference = exactly({ id: integer, job_type: named('ScaleJobTypeBase'), status })

function head(revision: JsonObject, superseded: JsonObject): JsonObject {
  return {
    id: integer,
    job_type: named('ScaleJobTypeBase'),
    job_type_rev: revision,
    event: orNull(named('ScaleEvent')),
    ingest_event: { type: 'null' },
    recipe: orNull(named('ScaleRecipeReference')),
    batch: orNull(named('ScaleBatch')),
    is_superseded: boolean,
    superseded_job: orNull(superseded),
  }
}

const standing = { status, node: orNull(named('ScaleNode')) }
const failure = { error: orNull(named('ScaleError')), max_tries: integer, num_exes: integer }
const input = {
  input_file_size: orNull(decimal),
  input_files: mapOf(listOf(string)),
}

const times = {
  source_started: orNull(instant),
  source_ended: orNull(instant),
  source_sensor_class: orNull(string),
  source_sensor: orNull(string),
  source_collection: orNull(string),
  source_task: orNull(string),
  created: instant,
  queued: orNull(instant),
  started: orNull(instant),
  ended: orNull(instant),
  last_status_change: orNull(instant),
  superseded: orNull(instant),
  last_modified: instant,
}

const execution = {
  id: integer,
  status: wordOf(executionWords),
  exe_num: integer,
  cluster_id: string,
  created: instant,
  queued: instant,
  started: orNull(instant),
  ended: orNull(instant),
  job: reference,
  node: orNull(named('ScaleNode')),
  error: orNull(named('ScaleError')),
  job_type: named('ScaleJobTypeBase'),
  timeout: integer,
  input_file_size: decimal,
}

const executionOutput = exactly({
  version: string,
  files: freeObject,
  json: freeObject,
  output_data: listOf(exactly({ name: string, file_id: integer })),
})

/** The replies of the Scale v6 jobs document: jobs and their executions. */
export const jobSchemas: { readonly [name: string]: JsonObject } = {
  ScaleJob: exactly({
    ...head(revisionReference, reference),
    ...standing,
    ...failure,
    ...input,
    ...times,
  }),
  ScaleJobDetails: exactly({
    ...head(revisionDetails, jobReference),
    superseded_by_job: orNull(jobReference),
    ...standing,
    resources,
    ...failure,
    execution: orNull(named('ScaleJobExecutionDetails')),
    input: data,
    ...input,
    output: data,
    ...times,
    configuration: named('ScaleConfiguration'),
  }),
  ScaleJobExecution: exactly(execution),
  ScaleJobExecutionDetails: exactly({
    ...execution,
    task_results: orNull(freeObject),
    resources,
    configuration: freeObject,
    output: orNull(executionOutput),
  }),
}
