import { jobEvaluationsTopic } from '#model/topic.ts'
import type { Context } from '#resolvers/context.ts'
import { listJobEvaluations } from '#resolvers/evaluation.ts'
import { evaluateServiceJob, forceServiceJob } from '#resolvers/service-job.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { listOf, named } from '../shape.ts'
import { badRequest, conflict, unknown } from './error.ts'
import { toNomadEvaluations } from './evaluation-wire.ts'
import { answerRead, answerWrite, readHeaders, writeHeaders } from './header.ts'
import { toNomadLaunch, toNomadRegistration } from './job-wire.ts'
import { commonQuery, readQuery, readWaiting, regionOf } from './waiting.ts'

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { job = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, (region) => ({
    topics: [jobEvaluationsTopic(region, job)],
    share: `evaluations ${region}/${job}`,
    read: () => listJobEvaluations(ctx, job, region),
  }))
  return answerRead(request, index, await toNomadEvaluations(ctx, value))
}

async function evaluateHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const done = await evaluateServiceJob(ctx, request.params.job ?? '', regionOf(request.query))
  return answerWrite(request, done.index, toNomadRegistration(done))
}

async function forceHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const launch = await forceServiceJob(ctx, request.params.job ?? '', regionOf(request.query))
  return answerWrite(request, launch.evaluationCreateIndex, toNomadLaunch(launch))
}

const evaluate: Omit<Route<Context>, 'method' | 'id'> = {
  surface: 'nomad',
  path: '/v1/job/{job}/evaluate',
  summary: 'Has the scheduler look at a job again; a body is ignored.',
  doc: 'Every call makes a new evaluation. A periodic job cannot be evaluated.',
  query: commonQuery,
  replies: {
    200: { doc: 'The new evaluation.', schema: named('NomadRegistration'), headers: writeHeaders },
    400: badRequest,
    404: unknown,
    409: conflict,
  },
  handler: evaluateHandler,
}

const force: Omit<Route<Context>, 'method' | 'id'> = {
  surface: 'nomad',
  path: '/v1/job/{job}/periodic/force',
  summary: 'Launches a periodic job now, even beside other launches; a body is ignored.',
  doc: 'Whatever ProhibitOverlap says. The answer names the evaluation of the job that was launched.',
  query: commonQuery,
  replies: {
    200: { doc: 'The evaluation of the launched job.', schema: named('NomadLaunch'), headers: writeHeaders },
    400: badRequest,
    404: unknown,
    409: conflict,
  },
  handler: forceHandler,
}

/** The evaluations of a job: listed, made, and made by force. */
export const evaluationRoutes: readonly Route<Context>[] = [
  {
    surface: 'nomad',
    method: 'GET',
    path: '/v1/job/{job}/evaluations',
    id: 'listNomadJobEvaluations',
    summary: 'Lists the evaluations of a job by id; a job that nobody registered has none. Blocking.',
    doc: 'Beyond the document each shows ClassEligibility and EscapedComputedClass, which are always null and false.',
    query: readQuery,
    replies: {
      200: {
        doc: 'Also those of earlier jobs of that ID.',
        schema: listOf(named('NomadEvaluation')),
        headers: readHeaders,
      },
      400: badRequest,
    },
    handler: listHandler,
  },
  { ...evaluate, method: 'PUT', id: 'evaluateNomadJob' },
  { ...evaluate, method: 'POST', id: 'evaluateNomadJobByPost' },
  { ...force, method: 'PUT', id: 'forceNomadJob' },
  { ...force, method: 'POST', id: 'forceNomadJobByPost' },
]
