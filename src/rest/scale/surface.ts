import type { Context } from '#resolvers/context.ts'
import type { Surface } from '../route.ts'
import { scaleManners } from './error.ts'
import { jobRoutes } from './job.ts'
import { jobExamples } from './job-example.ts'
import { jobSchemas } from './job-schema.ts'
import { jobTypeRoutes } from './job-type.ts'
import { jobTypeExamples } from './job-type-example.ts'
import { jobTypeSchemas } from './job-type-schema.ts'
import { referenceSchemas } from './reference-schema.ts'
import { refusal } from './refusal.ts'

const digits = { pattern: /^\d+$/, schema: { type: 'integer', format: 'int32', minimum: 1 } } as const

/** Scale v6 jobs and job types: 22 documented operations under `/v6`. */
export const scaleSurface: Surface<Context> = {
  ...scaleManners<Context>(),
  name: 'scale',
  title: 'Scale v6 jobs and job types',
  routes: [...jobRoutes, ...jobTypeRoutes],
  examples: { ...jobExamples, ...jobTypeExamples },
  refusal,
  schemas: { ...referenceSchemas, ...jobSchemas, ...jobTypeSchemas },
  pathParams: {
    job_id: { doc: 'The id of a job.', ...digits },
    exe_num: { doc: 'The number of an execution within its job, from 1.', ...digits },
    job_exe_id: { doc: 'The id of a job execution, as `execution.id` shows it.', ...digits },
    log_id: {
      doc: 'Which log to read.',
      pattern: /^(?:combined|stdout|stderr)$/,
      schema: { type: 'string', enum: ['combined', 'stdout', 'stderr'] },
    },
    name: { doc: 'The name of a job type.', pattern: /^[\w-]+$/, schema: { type: 'string', pattern: '^[\\w-]+$' } },
    version: { doc: 'The version of a job type.', pattern: /^[^/]+$/, schema: { type: 'string', minLength: 1 } },
    revision_num: { doc: 'The number of a revision, from 1.', ...digits },
  },
  owns: (path) => /^\/v6(?:\/|$)/.test(path),
}
