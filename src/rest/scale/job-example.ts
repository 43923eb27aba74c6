/**
 * What the Scale document of jobs shows, by route id. A reference to another document and what it leaves out as `...` are
 * empty here; its single quotes and loose commas are JSON's, and the set `{'hello'}` is a list.
 */
import type { Examples } from '../route.ts'
import { executionDetails, executionExamples, ingestType } from './execution-example.ts'
import { queueExample } from './queue-example.ts'

const chosen = {
  started: '2016-01-01T00:00:00Z',
  ended: '2016-01-02T00:00:00Z',
  status: 'FAILED',
  job_ids: [101, 102, 103],
  job_type_ids: [1, 2, 3],
  job_types: [
    {
      name: 'my-job-type',
      version: '1.0.0',
    },
  ],
  job_type_names: ['test-job-type'],
  batch_ids: [201, 202, 203],
  recipe_ids: [301, 302, 303],
  error_categories: ['SYSTEM'],
  error_ids: [11, 22, 33],
  is_superseded: true,
}

const event = {
  id: 3,
  type: 'STRIKE_TRANSFER',
  occurred: '2015-08-28T17:57:24.261Z',
}

const recipe = {
  id: 1,
  recipe_type: {
    id: 208,
    name: 'my-recipe-type',
    title: 'My Recipe Type',
    description: 'My Recipe Type Description',
    revision_num: 1,
  },
  recipe_type_rev: {
    id: 1,
  },
  event: {
    id: 1,
  },
}

const batch = {
  id: 1,
  title: 'My Batch',
  description: 'My batch of recipes',
  created: '2015-08-28T17:55:41.005Z',
}

const node = {
  id: 1,
  hostname: 'my-host.example.domain',
}

const inputFiles = {
  INPUT_FILE: ['my-file.file'],
}

const times = {
  source_started: '2015-08-28T17:55:41.005Z',
  source_ended: '2015-08-28T17:56:41.005Z',
  source_sensor_class: 'classA',
  source_sensor: '1',
  source_collection: '12345',
  source_task: 'my-task',
  created: '2015-08-28T17:55:41.005Z',
  queued: '2015-08-28T17:56:41.005Z',
  started: '2015-08-28T17:57:41.005Z',
  ended: '2015-08-28T17:58:41.005Z',
  last_status_change: '2015-08-28T17:58:45.906Z',
  superseded: null,
  last_modified: '2015-08-28T17:58:46.001Z',
}

const { is_active, is_system, is_paused, is_published, icon_code, unmet_resources, ...named } = ingestType

const listed = {
  id: 3,
  // The list alone shows these in another order.
  job_type: { ...named, is_active, is_system, is_paused, is_published, icon_code, unmet_resources },
  job_type_rev: {
    id: 5,
    job_type: {
      id: 1,
    },
    revision_num: 1,
  },
  event,
  recipe,
  batch,
  is_superseded: false,
  superseded_job: null,
  status: 'COMPLETED',
  node,
  error: null,
  num_exes: 1,
  input_file_size: 64,
  input_files: inputFiles,
  ...times,
}

const details = {
  id: 3,
  job_type: ingestType,
  job_type_rev: {
    id: 5,
    job_type: {
      name: 'scale-ingest',
      version: '1.0.0',
      title: 'Scale Ingest',
      description: 'Ingests a source file into a workspace',
      icon_code: 'f013',
      num_versions: 1,
      latest_version: '1.0.0',
    },
    revision_num: 1,
    docker_image: 'scale-ingest-1.0.0-seed:1.0.0',
    created: '2015-08-28T17:55:41.005Z',
    manifest: {},
  },
  event,
  recipe,
  batch,
  is_superseded: false,
  superseded_job: null,
  superseded_by_job: null,
  status: 'COMPLETED',
  node,
  resources: {
    resources: {
      mem: 128,
      disk: 11,
      cpus: 1,
    },
  },
  error: null,
  max_tries: 3,
  num_exes: 1,
  execution: { ...executionDetails, input_file_size: 64, configuration: { tasks: [] } },
  input: {
    files: { input_a: [1234], input_b: [1235, 1236] },
    json: { input_c: 999, input_d: ['hello'] },
  },
  input_file_size: 64,
  input_files: inputFiles,
  output: {
    files: { output_a: [456] },
    json: { output_b: 'success' },
  },
  ...times,
  configuration: {
    mounts: {},
    priority: 50,
    output_workspaces: {
      default: 'defaultworkspace',
      outputs: {},
    },
    settings: {},
  },
}

/** The example bodies of the Scale v6 job document. */
export const jobExamples: Examples = {
  listScaleJobs: { response: { count: 1, next: null, previous: null, results: [listed] } },
  queueScaleJob: queueExample,
  queueScaleJobAlias: queueExample,
  getScaleJob: { response: details },
  ...executionExamples,
  cancelScaleJobs: { request: chosen },
  requeueScaleJobs: { request: { ...chosen, priority: 101 } },
}
