/** What the Scale document of job types shows, by route id; what it leaves out as `...` is empty here. */
import type { Examples } from '../route.ts'
import { configuration, manifest } from './seed-image-example.ts'

const validation = {
  is_valid: true,
  errors: [],
  warnings: [
    {
      name: 'EXAMPLE_WARNING',
      description: 'This is an example warning.',
    },
  ],
}

const clock = {
  id: 3,
  name: 'scale-clock',
  version: '1.0',
  title: 'Scale Clock',
  description: '',
  is_active: true,
  is_paused: false,
  is_published: true,
  icon_code: 'f013',
  unmet_resources: 'chocolate,vanilla',
}

const firstJob = {
  name: 'my-job',
  version: '1.0.0',
  title: 'My first job',
  description: 'My very first job',
  is_active: true,
  is_paused: false,
  is_published: false,
  icon_code: 'f013',
  unmet_resources: 'chocolate,vanilla',
}

/** The example bodies of the Scale v6 job type document. */
export const jobTypeExamples: Examples = {
  listScaleJobTypeNames: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          name: 'my-job',
          title: 'My Job',
          description: 'A simple job type',
          icon_code: 'f013',
          versions: ['1.0.0'],
          latest_version: '1.0.0',
        },
      ],
    },
  },
  listScaleJobTypes: {
    response: {
      count: 2,
      next: null,
      previous: null,
      results: [
        {
          id: 3,
          name: 'my-job',
          version: '1.0.0',
          title: 'My Job',
          description: 'A simple job type',
          icon_code: 'f013',
          is_published: true,
          is_active: true,
          is_paused: false,
          is_system: false,
          max_scheduled: 1,
          revision_num: 1,
          docker_image: 'my-job-1.0.0-seed:1.0.0',
          created: '2015-03-11T00:00:00Z',
          deprecated: null,
          paused: null,
          last_modified: '2015-03-11T00:00:00Z',
        },
      ],
    },
  },
  listScaleJobTypeVersions: {
    response: {
      count: 2,
      next: null,
      previous: null,
      results: [
        {
          id: 3,
          name: 'my-job',
          version: '1.0.0',
          title: 'My Job',
          description: 'A simple job type',
          icon_code: 'f013',
          is_published: true,
          is_active: true,
          is_paused: false,
          is_system: false,
          max_scheduled: 1,
          revision_num: 1,
          docker_image: 'my-job-1.0.0-seed:1.0.0',
          unmet_resources: 'chocolate,vanilla',
          created: '2015-03-11T00:00:00Z',
          deprecated: null,
          paused: null,
          last_modified: '2015-03-11T00:00:00Z',
        },
      ],
    },
  },
  getScaleJobType: {
    response: {
      id: 3,
      name: 'my-job',
      version: '1.0.0',
      title: 'My Job',
      description: 'A simple job type',
      icon_code: 'f013',
      is_published: true,
      is_active: true,
      is_paused: false,
      is_system: false,
      max_scheduled: 1,
      max_tries: 3,
      revision_num: 1,
      docker_image: 'my-job-1.0.0-seed:1.0.0',
      unmet_resources: 'chocolate,vanilla',
      manifest: {},
      configuration: {},
      recipe_types: [],
      created: '2015-03-11T00:00:00Z',
      deprecated: null,
      paused: null,
      last_modified: '2015-03-11T00:00:00Z',
    },
  },
  listScaleRevisions: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          id: 3,
          job_type: firstJob,
          revision_num: 1,
          docker_image: 'my-job-1.0.0-seed:1.0.0',
          created: '2015-03-11T00:00:00Z',
        },
      ],
    },
  },
  getScaleRevision: {
    response: {
      id: 3,
      job_type: firstJob,
      revision_num: 1,
      docker_image: 'my-job-1.0.0-seed:1.0.0',
      manifest: '',
      created: '2015-03-11T00:00:00Z',
    },
  },
  registerScaleJobType: {
    request: {
      icon_code: 'f1c5',
      max_scheduled: 1,
      docker_image: 'test-1.0.0-seed:1.0.0',
      configuration,
      manifest,
      auto_update: true,
    },
    response: {
      id: 3,
      name: 'test',
      version: '1.0.0',
      title: 'Job to demonstrate job type APIs',
      description: 'Reads input file and spit out specified number of bytes as output',
      icon_code: 'f1c5',
      is_published: true,
      is_active: true,
      is_paused: false,
      is_system: false,
      max_scheduled: 1,
      max_tries: 3,
      revision_num: 1,
      docker_image: 'test-1.0.0-seed:1.0.0',
      unmet_resources: 'chocolate,vanilla',
      manifest: {},
      configuration: {},
      created: '2015-03-11T00:00:00Z',
      deprecated: null,
      paused: null,
      last_modified: '2015-03-11T00:00:00Z',
    },
  },
  validateScaleJobType: {
    request: {
      configuration,
      manifest,
    },
    response: validation,
  },
  editScaleJobType: {
    request: {
      icon_code: '012F',
      is_published: true,
      is_active: true,
      is_paused: false,
      max_scheduled: 1,
      configuration,
    },
    response: validation,
  },
  listScaleJobTypeStatuses: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          job_type: {
            id: 1,
            name: 'scale-ingest',
            version: '1.0',
            title: 'Scale Ingest',
            description: 'Ingests a source file into a workspace',
            is_active: true,
            is_paused: false,
            is_published: true,
            icon_code: 'f013',
            unmet_resources: 'chocolate,vanilla',
          },
          job_counts: [
            {
              status: 'RUNNING',
              count: 1,
              most_recent: '2015-08-31T22:09:12.674Z',
              category: null,
            },
            {
              status: 'FAILED',
              count: 2,
              most_recent: '2015-08-31T19:28:30.799Z',
              category: 'SYSTEM',
            },
            {
              status: 'COMPLETED',
              count: 57,
              most_recent: '2015-08-31T21:51:40.900Z',
              category: null,
            },
          ],
        },
        {
          job_type: {
            id: 3,
            name: 'scale-clock',
            version: '1.0',
            title: 'Scale Clock',
            description: 'Monitors a directory for incoming files to ingest',
            is_active: true,
            is_paused: false,
            is_published: true,
            icon_code: 'f013',
            unmet_resources: 'chocolate,vanilla',
          },
          job_counts: [],
        },
      ],
    },
  },
  listScalePendingJobTypes: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          job_type: clock,
          count: 1,
          longest_pending: '2015-09-08T15:43:15.681Z',
        },
      ],
    },
  },
  listScaleRunningJobTypes: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          job_type: clock,
          count: 1,
          longest_running: '2015-09-08T15:43:15.681Z',
        },
      ],
    },
  },
  listScaleSystemFailures: {
    response: {
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          job_type: clock,
          error: {
            id: 1,
            name: 'Unknown',
            description: 'The error that caused the failure is unknown.',
            category: 'SYSTEM',
            is_builtin: true,
            should_be_retried: true,
            created: '2015-03-11T00:00:00Z',
            last_modified: '2015-03-11T00:00:00Z',
          },
          count: 38,
          first_error: '2015-08-28T23:29:28.719Z',
          last_error: '2015-09-08T16:27:42.243Z',
        },
      ],
    },
  },
}
