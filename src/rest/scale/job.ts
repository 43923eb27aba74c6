import type { Context } from '#resolvers/context.ts'
import { getJob, queueJob } from '#resolvers/job.ts'
import { listJobWindow } from '#resolvers/job-list.ts'
import { json, type Reply } from '../reply.ts'
import { objectSchema, type RestRequest, type Route } from '../route.ts'
import { named } from '../shape.ts'
import { scaleBodyTypes } from './error.ts'
import { executionRoutes } from './execution.ts'
import { inputFileRoutes } from './file.ts'
import { bulkRoutes } from './job-bulk.ts'
import { listFilterParams, toListFilter } from './job-filter.ts'
import { toJobOrder } from './job-order.ts'
import { toScaleJob, toScaleJobDetails } from './job-wire.ts'
import { logRoutes } from './log.ts'
import { absoluteUrl, orderParam, pageDocs, pageOf, scalePage } from './page.ts'
import { dict, int, pathId, readParams, required } from './param.ts'
import { badRequest, unknown, unknownPage } from './refusal.ts'

const listParams = { ...listFilterParams, order: orderParam }

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const values = readParams(request, listParams, ctx.now())
  const filter = toListFilter(values)
  const order = toJobOrder(values.order)
  return scalePage(
    request,
    async (window) => {
      const { count, rows } = await listJobWindow(ctx, filter, order, window)
      return { count, rows: await Promise.all(rows.map((job) => toScaleJob(ctx, job))) }
    },
    (row) => row,
  )
}

const queueParams = {
  job_type_id: required(int('The id of the job type.')),
  input: dict('Data v6: file ids and JSON values by input name.'),
  configuration: dict('Job configuration v6; what it leaves out is taken from the job type.'),
}

async function queueHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { job_type_id: jobTypeId, input, configuration } = readParams(request, queueParams, ctx.now())
  const job = await queueJob(ctx, {
    jobTypeId,
    ...(input === null ? {} : { input }),
    ...(configuration === null ? {} : { configuration }),
  })
  const location = absoluteUrl(request, `/v6/jobs/${job.id}/`)
  return json(201, await toScaleJobDetails(ctx, job), { Location: location })
}

const queueRoute: Route<Context> = {
  surface: 'scale',
  method: 'POST',
  path: '/v6/jobs/',
  id: 'queueScaleJob',
  summary: 'Queues a new job of a job type.',
  doc: 'Input that is left out is empty; what the manifest requires is asked for. File ids that are not known are taken, and fail the run.',
  body: objectSchema(queueParams),
  accepts: scaleBodyTypes,
  replies: {
    201: {
      doc: 'The queued job.',
      schema: named('ScaleJobDetails'),
      headers: { Location: { doc: 'Where its details are.', schema: { type: 'string', format: 'uri' } } },
    },
    400: badRequest,
    404: unknown,
  },
  handler: queueHandler,
}

/** The routes of the Scale v6 jobs document. */
export const jobRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/jobs/',
    id: 'listScaleJobs',
    summary: 'Lists jobs, longest unmodified first unless told otherwise.',
    doc: 'Kinds of filters are joined by AND, the values of one kind by OR. Beyond the document each job shows `max_tries`, and `ingest_event`, which is always null.',
    query: { ...pageDocs, ...listParams },
    replies: { 200: { doc: 'A page of jobs.', schema: pageOf(named('ScaleJob')) }, 400: badRequest, 404: unknownPage },
    handler: listHandler,
  },
  queueRoute,
  // The document's table and its example print this path; its heading prints the other.
  { ...queueRoute, path: '/v6/job/', id: 'queueScaleJobAlias', summary: 'The same as POST /v6/jobs/.' },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/jobs/{job_id}/',
    id: 'getScaleJob',
    summary: 'Shows a job with all that belongs to it.',
    doc: '`execution` is the most recent one; while a job waits for its next run, that is the run before. Secret settings are left out.',
    replies: { 200: { doc: 'The job.', schema: named('ScaleJobDetails') }, 404: unknown },
    handler: async (ctx, request) =>
      json(200, await toScaleJobDetails(ctx, await getJob(ctx, pathId(request, 'job_id')))),
  },
  ...inputFileRoutes,
  ...executionRoutes,
  ...bulkRoutes,
  ...logRoutes,
]
