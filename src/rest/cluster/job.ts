import type { JsonObject } from '#model/json.ts'
import type { ServiceJob } from '#model/service-job.ts'
import type { Context } from '#resolvers/context.ts'
import type { Route } from '../route.ts'
import { serviceJobRoutes, statusSchema, statusWord, summarySchema, toSummary } from '../service-job.ts'
import { exactly, integer, listOf, string } from '../shape.ts'
import { badRequest, unknown } from './error.ts'

/** The schemas of jobs. */
export const jobSchemas = {
  ClusterJob: exactly({
    name: string,
    status: statusSchema,
    taskGroups: listOf(
      exactly({ name: string, count: integer, countInit: integer, countMax: integer, summary: summarySchema }),
    ),
  }),
} as const

function toItem(job: ServiceJob): JsonObject {
  const taskGroups = job.groups.map(({ name, count, countInit, countMax, summary }) => {
    return { name, count, countInit, countMax, summary: toSummary(summary) }
  })
  return { name: job.name, status: statusWord(job), taskGroups }
}

/** The jobs of the cluster. */
export const jobRoutes: readonly Route<Context>[] = serviceJobRoutes({
  surface: 'cluster',
  word: 'Cluster',
  prefix: '/v1',
  param: 'job_id',
  toItem,
  item: 'ClusterJob',
  badRequest,
  unknown,
  zeroStops: 'group',
})
