import { badInput, type DomainError } from '#model/error.ts'
import type { JobFilter } from '#model/job.ts'
import { isObject } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { cancelJobs, requeueJobs } from '#resolvers/job.ts'
import { resolveJobTypes } from '#resolvers/job-type-identity.ts'
import { empty } from '../reply.ts'
import { objectSchema, type RestRequest, type Route } from '../route.ts'
import { exactly, listOf, string } from '../shape.ts'
import { scaleJsonOnly } from './error.ts'
import { bulkFilterParams, toBulkFilter } from './job-filter.ts'
import { given, int, readParams } from './param.ts'
import { badRequest } from './refusal.ts'

const jobTypesDoc = {
  doc: 'Only jobs of these job types, besides those of job_type_ids.',
  schema: listOf({ ...exactly({ name: string, version: string }), additionalProperties: true }),
}

const priorityParam = int('The priority that the jobs get; lower runs first. 0 or nothing keeps their own.')

async function readFilter(ctx: Context, request: RestRequest): Promise<JobFilter> {
  const values = readParams(request, bulkFilterParams, ctx.now())
  const pairs = readJobTypes(request)
  return toBulkFilter(values, pairs === null ? null : await resolveJobTypes(ctx, pairs))
}

function readJobTypes(request: RestRequest): { name: string; version: string }[] | null {
  const found = given(request, 'job_types')
  if (found === null) return null
  const items = 'texts' in found ? found.texts : Array.isArray(found.json) ? found.json : [found.json]
  return items.map((item: unknown) => {
    if (!isObject(item)) throw invalidJobTypes('every item must be an object')
    const { name, version } = item
    if (typeof name !== 'string') throw invalidJobTypes('every item needs a name')
    if (typeof version !== 'string') throw invalidJobTypes('every item needs a version')
    return { name, version }
  })
}

function invalidJobTypes(fault: string): DomainError {
  return badInput(`Job types argument invalid: ${fault}`, { path: ['job_types'] })
}

const accepted = { 202: { doc: 'The request is accepted and is being carried out.' }, 400: badRequest }

/** Cancel and requeue: requests that mean many jobs at once. Without a filter they mean all. */
export const bulkRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'POST',
    path: '/v6/jobs/cancel/',
    id: 'cancelScaleJobs',
    summary: 'Cancels the jobs that match and have not ended for good.',
    doc: 'What matches when the request comes is meant: all jobs where no filter is sent, and none where a filter is an empty list. A large request goes on after the answer.',
    body: objectSchema({ ...bulkFilterParams, job_types: jobTypesDoc }),
    accepts: scaleJsonOnly,
    replies: accepted,
    handler: async (ctx, request) => {
      await cancelJobs(ctx, await readFilter(ctx, request))
      return empty(202)
    },
  },
  {
    surface: 'scale',
    method: 'POST',
    path: '/v6/jobs/requeue/',
    id: 'requeueScaleJobs',
    summary: 'Queues the failed and canceled jobs that match again.',
    doc: 'What matches when the request comes is meant: all jobs where no filter is sent, and none where a filter is an empty list. A large request goes on after the answer.',
    body: objectSchema({ ...bulkFilterParams, job_types: jobTypesDoc, priority: priorityParam }),
    accepts: scaleJsonOnly,
    replies: accepted,
    handler: async (ctx, request) => {
      const { priority } = readParams(request, { priority: priorityParam }, ctx.now())
      await requeueJobs(ctx, await readFilter(ctx, request), priority)
      return empty(202)
    },
  },
]
