/** What the Bastion and Cluster documents say alike of jobs: their routes, and the parts of what they show. */
import { badInput } from '#model/error.ts'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { type ServiceJob, serviceWordOf, type TaskGroupSummary } from '#model/service-job.ts'
import { serviceListTopic } from '#model/topic.ts'
import { waitFor } from '#resolvers/blocking.ts'
import type { Context } from '#resolvers/context.ts'
import {
  type CountChange,
  listServiceJobs,
  startServiceJob,
  stopServiceJob,
  updateServiceCount,
} from '#resolvers/service-job.ts'
import { posted } from './cluster/error.ts'
import { answer, done, doneDoc } from './cluster/wire.ts'
import { waitMsOf } from './nomad/waiting.ts'
import type { Reply } from './reply.ts'
import type { ParamDocs, ReplyDoc, RestRequest, Route } from './route.ts'
import { exactly, integer, listOf, named, string } from './shape.ts'

/** Wherein the two documents differ. */
export type JobFace = {
  readonly surface: 'bastion' | 'cluster'
  /** The word in operation ids, such as `Bastion` in `listBastionJobs`. */
  readonly word: string
  /** Stands before `/jobs`; empty for Bastion. */
  readonly prefix: string
  /** The name of the path parameter that holds a job's name. */
  readonly param: string
  /** One item of the list, and the name of its schema. */
  readonly toItem: (job: ServiceJob) => JsonObject
  readonly item: string
  readonly badRequest: ReplyDoc
  readonly unknown: ReplyDoc
  readonly zeroStops: CountChange['zeroStops']
}

const waitIndex: ParamDocs = {
  waitIndex: {
    doc: 'The change index of the list. Sent along, the answer waits for a higher one; absent or 0 answers at once.',
    schema: { ...integer, minimum: 0 },
  },
}

const waitQuery: ParamDocs = {
  wait: {
    doc: 'How long to wait at most, as a Go duration such as `90s`; absent or 0 means 5 minutes, the most is 10.',
    schema: string,
  },
}

/** The four routes that both documents have: list, start, stop and change of a count. */
export function serviceJobRoutes(face: JobFace): readonly Route<Context>[] {
  return [listRoute(face), startRoute(face), stopRoute(face), countRoute(face)]
}

function listRoute({ surface, word, prefix, toItem, item, badRequest }: JobFace): Route<Context> {
  return {
    surface,
    method: 'GET',
    path: `${prefix}/jobs`,
    id: `list${word}Jobs`,
    summary: 'Lists the jobs by name; with the header waitIndex it waits for a change.',
    doc: 'The answer carries the index of the list as waitIndex. Jobs that have ended or were stopped stay in it as dead.',
    headers: waitIndex,
    query: waitQuery,
    replies: { 200: { doc: 'The jobs.', schema: listOf(named(item)), headers: waitIndex }, 400: badRequest },
    handler: async (ctx, request) => listReply(ctx, request, toItem),
  }
}

function startRoute({ surface, word, prefix, param, unknown }: JobFace): Route<Context> {
  return {
    surface,
    method: 'POST',
    path: `${prefix}/jobs/start/{${param}}`,
    id: `start${word}Job`,
    summary: 'Has a job start, with its initial counts; one that runs is left alone.',
    doc: 'The answer comes when the start is written; what runs follows behind it.',
    replies: { 200: doneDoc, 404: unknown },
    handler: async (ctx, { params }) => {
      await startServiceJob(ctx, params[param] ?? '')
      return done()
    },
  }
}

function stopRoute({ surface, word, prefix, param, unknown }: JobFace): Route<Context> {
  return {
    surface,
    method: 'POST',
    path: `${prefix}/jobs/stop/{${param}}`,
    id: `stop${word}Job`,
    summary: 'Has a job stop; it stays in the list, and its counts stay.',
    doc: 'The answer comes when the stop is written; what runs ends behind it.',
    replies: { 200: doneDoc, 404: unknown },
    handler: async (ctx, { params }) => {
      await stopServiceJob(ctx, params[param] ?? '')
      return done()
    },
  }
}

function countRoute({ surface, word, prefix, zeroStops, badRequest, unknown }: JobFace): Route<Context> {
  return {
    surface,
    method: 'POST',
    path: `${prefix}/jobs/updatecounts`,
    id: `update${word}JobCounts`,
    summary: `Adds to the count of a task group; 0 stops the ${zeroStops === 'job' ? 'job' : 'task group'}.`,
    doc: 'A count that would leave 0 to the most allowed is refused, and nothing changes. A stopped job starts again where its count grows.',
    accepts: ['application/json'],
    body: {
      type: 'object',
      properties: { jobID: string, taskGroup: string, count: integer },
      required: ['jobID', 'taskGroup', 'count'],
    },
    replies: { 200: doneDoc, 400: badRequest, 404: unknown },
    handler: async (ctx, request) => {
      await updateServiceCount(ctx, { ...fromCounts(posted(request)), zeroStops })
      return done()
    },
  }
}

async function listReply(ctx: Context, request: RestRequest, toItem: JobFace['toItem']): Promise<Reply> {
  const wait = {
    topics: [serviceListTopic],
    index: waitIndexOf(request.headers),
    timeoutMs: waitMsOf(request.query),
    // Both documents read the same list.
    share: 'service list',
  }
  const { index, value } = await waitFor(ctx, wait, () => listServiceJobs(ctx))
  return answer(value.map(toItem), { waitIndex: String(index) })
}

/** @throws DomainError BAD_USER_INPUT where it is no whole number */
function waitIndexOf(headers: Headers): bigint {
  const digits = headers.get('waitIndex') || '0'
  if (!/^\d{1,100}$/.test(digits)) throw badInput('waitIndex must be a whole number, 0 or more.')
  return BigInt(digits)
}

/** @throws DomainError BAD_USER_INPUT that names the member; a missing count is no 0, which would stop something */
function fromCounts(value: Json): Omit<CountChange, 'zeroStops'> {
  if (!isObject(value)) throw badInput('The body must be an object.')
  const { jobID, taskGroup, count } = value
  if (typeof jobID !== 'string') throw badInput('jobID must be a text.')
  if (typeof taskGroup !== 'string') throw badInput('taskGroup must be a text.')
  if (!Number.isSafeInteger(count)) throw badInput('count must be a whole number.')
  return { jobName: jobID, taskGroup, delta: Number(count) }
}

/** Nomad's word for the status, as both documents show it. */
export function statusWord({ status }: ServiceJob): string {
  return serviceWordOf(status)
}

/** The six counts of a task group, in the documents' order. */
export function toSummary({ queued, complete, failed, running, starting, lost }: TaskGroupSummary): JsonObject {
  return { queued, complete, failed, running, starting, lost }
}

/** The same for OpenAPI. */
export const summarySchema = exactly({
  queued: integer,
  complete: integer,
  failed: integer,
  running: integer,
  starting: integer,
  lost: integer,
})

/** The schema of a job's status. */
export const statusSchema: JsonObject = { type: 'string', enum: ['pending', 'running', 'dead'] }
