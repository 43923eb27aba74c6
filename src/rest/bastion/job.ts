import { notFound } from '#model/error.ts'
import type { JsonObject } from '#model/json.ts'
import type { ServiceJob } from '#model/service-job.ts'
import type { Context } from '#resolvers/context.ts'
import { findServiceJob, startAllServiceJobs, stopAllServiceJobs } from '#resolvers/service-job.ts'
import { answer, done, doneDoc } from '../cluster/wire.ts'
import type { ReplyDoc, Route } from '../route.ts'
import { serviceJobRoutes, statusSchema, statusWord, summarySchema, toSummary } from '../service-job.ts'
import { boolean, exactly, integer, listOf, named, string } from '../shape.ts'

/** The schemas of jobs and of refusals. */
export const jobSchemas = {
  BastionJob: exactly({
    name: string,
    status: statusSchema,
    autostart: boolean,
    byCluster: boolean,
    taskGroups: listOf(exactly({ name: string, count: integer, summary: summarySchema })),
  }),
  BastionError: exactly({ error: string }),
} as const

/** The schema of a refusal's body. */
export const fault = named('BastionError')

const unknown: ReplyDoc = { doc: 'There is no such job or task group.', schema: fault }

function toItem(job: ServiceJob): JsonObject {
  const { name, autostart, byCluster } = job
  const taskGroups = job.groups.map((group) => {
    return { name: group.name, count: group.count, summary: toSummary(group.summary) }
  })
  return { name, status: statusWord(job), autostart, byCluster, taskGroups }
}

const shared = serviceJobRoutes({
  surface: 'bastion',
  word: 'Bastion',
  prefix: '',
  param: 'jobName',
  toItem,
  item: 'BastionJob',
  badRequest: { doc: 'A parameter or the body is wrong.', schema: fault },
  unknown,
  zeroStops: 'job',
})

/** The Bastion document's seven operations. */
export const jobRoutes: readonly Route<Context>[] = [
  ...shared,
  {
    surface: 'bastion',
    method: 'GET',
    path: '/job/{jobName}/summary',
    id: 'getBastionJobSummary',
    summary: 'Shows one job as the list does.',
    doc: 'The six counts of each task group say how far it has come.',
    replies: { 200: { doc: 'The job.', schema: named('BastionJob') }, 404: unknown },
    handler: async (ctx, { params }) => {
      const { value } = await findServiceJob(ctx, params.jobName ?? '')
      if (value === null) throw notFound('job not found')
      return answer(toItem(value))
    },
  },
  {
    surface: 'bastion',
    method: 'POST',
    path: '/jobs/startall',
    id: 'startAllBastionJobs',
    summary: 'Has every job start whose autostart is true.',
    doc: 'One job is started after another, each with its initial counts; those that run are left alone.',
    replies: { 200: doneDoc },
    handler: async (ctx) => {
      await startAllServiceJobs(ctx)
      return done()
    },
  },
  {
    surface: 'bastion',
    method: 'POST',
    path: '/jobs/stopall',
    id: 'stopAllBastionJobs',
    summary: 'Has every job stop, whatever its autostart.',
    doc: 'One job is stopped after another; each stays in the list, and its counts stay.',
    replies: { 200: doneDoc },
    handler: async (ctx) => {
      await stopAllServiceJobs(ctx)
      return done()
    },
  },
]
