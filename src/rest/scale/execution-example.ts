/** What the Scale document of jobs shows of executions and their logs. */
import type { Examples } from '../route.ts'

/** The job type of all its examples but one. */
export const ingestType = {
  id: 1,
  name: 'scale-ingest',
  version: '1.0.0',
  title: 'Scale Ingest',
  description: 'Ingests a source file into a workspace',
  is_active: true,
  is_paused: false,
  is_system: true,
  is_published: false,
  icon_code: 'f013',
  unmet_resources: 'chocolate,vanilla',
}

const execution = {
  id: 3,
  status: 'COMPLETED',
  exe_num: 1,
  cluster_id: 'scale_job_1234_263x0',
  created: '2015-08-28T17:57:41.033Z',
  queued: '2015-08-28T17:57:41.010Z',
  started: '2015-08-28T17:57:44.494Z',
  ended: '2015-08-28T17:57:45.906Z',
  job: {
    id: 3,
  },
  node: {
    id: 1,
    hostname: 'machine.com',
  },
  error: null,
  job_type: ingestType,
  timeout: 1800,
  input_file_size: 10,
}

/** Its execution in full. */
export const executionDetails = {
  ...execution,
  task_results: null,
  resources: {
    resources: {
      mem: 128,
      disk: 11,
      cpus: 1,
    },
  },
  configuration: {},
  output: {
    output_data: [
      {
        name: 'output_file',
        file_id: 3,
      },
    ],
  },
}

/** The example bodies of its routes for executions; it has the brackets of the log the wrong way round. */
export const executionExamples: Examples = {
  listScaleJobExecutions: { response: { count: 57, next: null, previous: null, results: [execution] } },
  getScaleJobExecution: { response: executionDetails },
  getScaleJobExecutionLog: {
    response: [
      {
        message: '<log from job execution>',
        '@timestamp': '2015-08-28T17:57:41.033Z',
        scale_order_num: 1,
        scale_task: 123,
        scale_job_exe: 'scale_job_1234_263x0',
        scale_node: 'machine.com',
        stream: 'stdout',
      },
    ],
  },
}
