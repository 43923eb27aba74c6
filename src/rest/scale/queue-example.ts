/** How the Scale document of jobs shows a job being queued. */
import type { Example } from '../route.ts'

const testJob = {
  id: 1,
  name: 'test-job',
  version: '1.0.0',
  title: null,
  description: null,
  is_active: true,
  is_paused: false,
  is_system: true,
  is_published: false,
  icon_code: null,
  unmet_resources: 'chocolate,vanilla',
}

const manifest = {
  job: {
    maintainer: {
      name: 'John Doe',
      email: 'jdoe@example.com',
    },
    jobVersion: '1.0.0',
    title: 'Test Job',
    description: 'This is a test job',
    timeout: 10,
    interface: {
      inputs: {
        files: [
          {
            name: 'input_a',
          },
        ],
      },
      command: '',
      outputs: {
        files: [
          {
            pattern: '*.png',
            multiple: true,
            name: 'output_a',
          },
        ],
      },
    },
    packageVersion: '1.0.0',
    name: 'test-job',
  },
  seedVersion: '1.0.0',
}

const input = {
  files: {
    input_a: [1],
  },
  json: {},
}

/** The example of the Scale document of job types, to which the request refers. */
const configuration = {
  mounts: {
    mount_1: { type: 'host', host_path: '/the/host/path' },
    mount_2: { type: 'volume', driver: 'docker-driver', driver_opts: { opt_1: 'foo' } },
  },
  output_workspaces: {
    default: 'workspace_1',
    outputs: { output_1: 'workspace_2' },
  },
  priority: 100,
  settings: { setting_1: 'foo', setting_2: 'bar' },
}

/** A request, whose input is the one that its answer shows, and the answer. */
export const queueExample: Example = {
  request: { input, job_type_id: 1, configuration },
  response: {
    id: 1,
    job_type: testJob,
    status: 'QUEUED',
    job_type_rev: {
      id: 1,
      job_type: testJob,
      revision_num: 1,
      docker_image: 'fake',
      created: '2018-11-01T13:30:22.485611Z',
      manifest,
    },
    event: {
      id: 1,
      type: 'USER',
      occurred: '2018-11-01T13:30:22.522060Z',
    },
    recipe: null,
    batch: null,
    is_superseded: false,
    superseded_job: null,
    node: null,
    error: null,
    num_exes: 1,
    input_file_size: 1,
    input_files: {
      input_a: ['my-file.file'],
    },
    source_started: null,
    source_ended: null,
    created: '2018-11-01T13:30:22.530638Z',
    queued: '2018-11-01T13:30:22.593052Z',
    started: null,
    ended: null,
    last_status_change: '2018-11-01T13:30:22.593052Z',
    superseded: null,
    last_modified: '2018-11-01T13:30:23.026289Z',
    superseded_by_job: null,
    resources: {
      resources: {
        mem: 128,
        gpus: 0,
        disk: 1,
        cpus: 0.25,
      },
    },
    execution: null,
    input,
    output: {
      files: {},
      json: {},
    },
  },
}
