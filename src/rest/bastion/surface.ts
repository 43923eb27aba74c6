import type { Context } from '#resolvers/context.ts'
import { clusterManners, refusalDoc } from '../cluster/error.ts'
import type { Surface } from '../route.ts'
import { bastionExamples } from './example.ts'
import { fault, jobRoutes, jobSchemas } from './job.ts'

/** The Bastion API for jobs; it words refusals as the Cluster API does. */
export const bastionSurface: Surface<Context> = {
  ...clusterManners<Context>(),
  name: 'bastion',
  title: 'Bastion API for jobs',
  routes: jobRoutes,
  examples: bastionExamples,
  refusal: { doc: refusalDoc, schema: fault },
  schemas: jobSchemas,
  pathParams: {
    jobName: { doc: 'The name of a job, percent-encoded.', pattern: /.+/s, schema: { type: 'string' } },
  },
  owns: (path) => /^\/jobs?(?:\/|$)/.test(path),
}
