import type { Context } from '#resolvers/context.ts'
import { getExecution, listExecutions } from '#resolvers/execution.ts'
import { json, type Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { named } from '../shape.ts'
import { toScaleExecution, toScaleExecutionDetails } from './execution-wire.ts'
import { pageDocs, pageOf, scalePage } from './page.ts'
import { ints, pathId, readParams, words } from './param.ts'
import { badRequest, unknown, unknownPage } from './refusal.ts'
import { sent } from './sent.ts'
import { categoryWords, executionWords, fromExecutionStatuses } from './status-wire.ts'

const filterParams = {
  status: words('Only executions of this status; repeatable.', executionWords),
  node_id: ints('Only executions on this node; repeatable.'),
  error_id: ints('Only executions that failed with this error; repeatable.'),
  error_category: words('Only executions that failed with an error of this category; repeatable.', categoryWords),
}

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const jobId = pathId(request, 'job_id')
  const values = readParams(request, filterParams, ctx.now())
  const { status, node_id: nodeIds, error_id: errorIds, error_category: errorCategories } = values
  const statuses = fromExecutionStatuses(status)
  const filter = { jobId, statuses, ...sent({ nodeIds, errorIds, errorCategories }) }
  return scalePage(
    request,
    async (window) => {
      const { count, rows } = await listExecutions(ctx, filter, window)
      return { count, rows: await Promise.all(rows.map((execution) => toScaleExecution(ctx, execution))) }
    },
    (row) => row,
  )
}

async function detailsHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const execution = await getExecution(ctx, pathId(request, 'job_id'), pathId(request, 'exe_num'))
  return json(200, await toScaleExecutionDetails(ctx, execution))
}

/** The executions of a job. */
export const executionRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/jobs/{job_id}/executions/',
    id: 'listScaleJobExecutions',
    summary: 'Lists the executions of a job, newest first; none for an unknown job.',
    doc: 'A run that still waits in the queue is not listed. A lost one shows as FAILED, one that starts as RUNNING.',
    query: { ...pageDocs, ...filterParams },
    replies: {
      200: { doc: 'A page of executions.', schema: pageOf(named('ScaleJobExecution')) },
      400: badRequest,
      404: unknownPage,
    },
    handler: listHandler,
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/jobs/{job_id}/executions/{exe_num}/',
    id: 'getScaleJobExecution',
    summary: 'Shows one execution of a job.',
    doc: '`output` has the version, files and JSON of its data, and beside them the older `output_data` that the document shows.',
    replies: { 200: { doc: 'The execution.', schema: named('ScaleJobExecutionDetails') }, 404: unknown },
    handler: detailsHandler,
  },
]
