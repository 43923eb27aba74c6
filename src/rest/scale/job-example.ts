/** What the Scale document of jobs shows, by route id. */
import type { Examples } from '../route.ts'

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

/** The example bodies of the Scale v6 job document; a reference to another document is empty here. */
export const jobExamples: Examples = {
  listScaleJobs: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          id: 3,
          job_type: {
            id: 1,
            name: 'scale-ingest',
            version: '1.0.0',
            title: 'Scale Ingest',
            description: 'Ingests a source file into a workspace',
            is_active: true,
            is_system: true,
            is_paused: false,
            is_published: false,
            icon_code: 'f013',
            unmet_resources: 'chocolate,vanilla',
          },
          job_type_rev: {
            id: 5,
            job_type: {
              id: 1,
            },
            revision_num: 1,
          },
          event: {
            id: 3,
            type: 'STRIKE_TRANSFER',
            occurred: '2015-08-28T17:57:24.261Z',
          },
          recipe: {
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
          },
          batch: {
            id: 1,
            title: 'My Batch',
            description: 'My batch of recipes',
            created: '2015-08-28T17:55:41.005Z',
          },
          is_superseded: false,
          superseded_job: null,
          status: 'COMPLETED',
          node: {
            id: 1,
            hostname: 'my-host.example.domain',
          },
          error: null,
          num_exes: 1,
          input_file_size: 64,
          input_files: {
            INPUT_FILE: ['my-file.file'],
          },
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
        },
      ],
    },
  },
  listScaleJobExecutions: {
    response: {
      count: 57,
      next: null,
      previous: null,
      results: [
        {
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
          job_type: {
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
          },
          timeout: 1800,
          input_file_size: 10,
        },
      ],
    },
  },
  getScaleJobExecution: {
    response: {
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
      job_type: {
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
      },
      timeout: 1800,
      input_file_size: 10,
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
    },
  },
  cancelScaleJobs: { request: chosen },
  requeueScaleJobs: { request: { ...chosen, priority: 101 } },
}
