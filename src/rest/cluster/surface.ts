import type { Context } from '#resolvers/context.ts'
import type { Surface } from '../route.ts'
import { clusterManners, errorSchemas, refusal } from './error.ts'
import { eventRoutes, eventSchemas } from './event.ts'
import { clusterExamples } from './example.ts'
import { jobRoutes, jobSchemas } from './job.ts'
import { logRoutes, logSchemas } from './log.ts'
import { loggerRoutes, loggerSchemas } from './logger.ts'
import { readSecretBody, secretRoutes, secretSchemas } from './secret.ts'
import { settingRoutes, settingSchemas } from './setting.ts'

const segment = { pattern: /.+/s, schema: { type: 'string' } } as const
const manners = clusterManners<Context>()

/** The Cluster API: settings, jobs, logs, loggers, events and secrets. */
export const clusterSurface: Surface<Context> = {
  ...manners,
  readBody: (request, route, limit) =>
    secretRoutes.includes(route) ? readSecretBody(request, limit) : manners.readBody(request, route, limit),
  name: 'cluster',
  title: 'Cluster API',
  routes: [...settingRoutes, ...jobRoutes, ...logRoutes, ...loggerRoutes, ...eventRoutes, ...secretRoutes],
  examples: clusterExamples,
  refusal,
  schemas: {
    ...errorSchemas,
    ...settingSchemas,
    ...jobSchemas,
    ...logSchemas,
    ...loggerSchemas,
    ...eventSchemas,
    ...secretSchemas,
  },
  pathParams: {
    job_id: { doc: 'The name of a job, percent-encoded.', ...segment },
    log: { doc: 'The id of a log in the list of logs.', ...segment },
    alloc: { doc: 'The id of an allocation.', ...segment },
    task: { doc: 'The name of a task, or of a group that has one task alone.', ...segment },
    fs: { doc: 'Which log file: stdout, stderr, or a file that the list of logs names.', ...segment },
    logger: { doc: 'The id of a logger.', ...segment },
    counter: {
      doc: 'A position in the log of results, from 0.',
      pattern: /^\d+$/,
      schema: { type: 'integer', minimum: 0 },
    },
    secret: {
      doc: 'The id of a secret.',
      pattern: /^[A-Za-z0-9_.-]+$/,
      schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]+$' },
    },
  },
  owns: (path) => /^\/(?:v1\/(?:settings|schemas|jobs|log|events|secrets)|secrets)(?:\/|$)/.test(path),
}
