import { parseRegister } from '#model/documents/job-spec.ts'
import { badInput } from '#model/error.ts'
import { jobTopic } from '#model/topic.ts'
import type { Context } from '#resolvers/context.ts'
import {
  completeSpec,
  deregisterServiceJob,
  findServiceJob,
  jobSpecModeOf,
  registerServiceJob,
} from '#resolvers/service-job.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { freeObject, named, string } from '../shape.ts'
import { badRequest, unknown } from './error.ts'
import { answerMissing, answerRead, answerWrite, readHeaders, writeHeaders } from './header.ts'
import { toNomadJob, toNomadRegistration } from './job-wire.ts'
import { commonQuery, readQuery, readWaiting, regionOf } from './waiting.ts'

async function getHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { job = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, (region) => ({
    topics: [jobTopic(region, job)],
    share: `job ${region}/${job}`,
    read: () => findServiceJob(ctx, job, region),
  }))
  return value === null ? answerMissing(index, 'job not found') : answerRead(request, index, toNomadJob(value))
}

/** Registers under an ID that the path names, or where it names none under whatever the job says. */
async function registerHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const text = request.body.kind === 'text' ? request.body.text : ''
  const sent = parseRegister(text, request.params.job ?? null, jobSpecModeOf(ctx))
  const region = regionOf(request.query, sent.region)
  const done = await registerServiceJob(ctx, completeSpec(ctx, sent.job), { region })
  return answerWrite(request, done.index, toNomadRegistration(done))
}

async function deregisterHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { job = '' } = request.params
  const region = regionOf(request.query)
  if (job === '') throw badInput('missing job ID for evaluation')
  const done = await deregisterServiceJob(ctx, job, region)
  return answerWrite(request, done.index, toNomadRegistration(done))
}

const sentJob = {
  ...freeObject,
  description:
    'The specification, in the form of NomadJob. What is left out gets its default, and what the server writes is not read.',
}

const register: Omit<Route<Context>, 'method' | 'path' | 'id'> = {
  surface: 'nomad',
  summary: 'Registers a job, or registers it anew.',
  doc: 'Members match in any case and unknown ones are ignored. Every registration makes a new evaluation.',
  query: commonQuery,
  // Nomad does not look at the media type.
  accepts: ['application/json'],
  body: { type: 'object', properties: { Job: sentJob, Region: string }, required: ['Job'] },
  replies: {
    200: {
      doc: 'What was written: the job first, its evaluation right after it.',
      schema: named('NomadRegistration'),
      headers: writeHeaders,
    },
    400: badRequest,
  },
  handler: registerHandler,
}

/** Registering by a path that names no job, as the command line does. */
export const registerRoutes: readonly Route<Context>[] = [
  { ...register, method: 'PUT', path: '/v1/jobs', id: 'registerNomadJobUnnamed' },
  { ...register, method: 'POST', path: '/v1/jobs', id: 'registerNomadJobUnnamedByPost' },
]

/** A job: read, registered, deregistered. */
export const jobRoutes: readonly Route<Context>[] = [
  {
    surface: 'nomad',
    method: 'GET',
    path: '/v1/job/{job}',
    id: 'getNomadJob',
    summary: 'Shows the specification and the status of a job. Blocking.',
    doc: 'Every member is shown, also those that were left out. The document shows an empty Status; here it is always pending, running or dead.',
    query: readQuery,
    replies: {
      200: { doc: 'The job.', schema: named('NomadJob'), headers: readHeaders },
      400: badRequest,
      404: { ...unknown, headers: readHeaders },
    },
    handler: getHandler,
  },
  { ...register, method: 'PUT', path: '/v1/job/{job}', id: 'registerNomadJob' },
  { ...register, method: 'POST', path: '/v1/job/{job}', id: 'registerNomadJobByPost' },
  {
    surface: 'nomad',
    method: 'DELETE',
    path: '/v1/job/{job}',
    id: 'deregisterNomadJob',
    summary: 'Deregisters a job and stops what runs of it; an unknown one is no mistake. A body is ignored.',
    doc: 'The job is not found any more; its evaluations and allocations stay listed.',
    query: commonQuery,
    replies: {
      200: { doc: 'The evaluation that stops it.', schema: named('NomadRegistration'), headers: writeHeaders },
      400: badRequest,
    },
    handler: deregisterHandler,
  },
]
