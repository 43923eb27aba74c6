import type { Context } from '#resolvers/context.ts'
import { readLog } from '#resolvers/execution-log.ts'
import { loadNullable } from '#resolvers/loaders.ts'
import { empty, json, type Reply, text } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { exactly, instant, integer, listOf, orNull, string, wordOf } from '../shape.ts'
import { logPage, logPolicy, logText, toHits, toRecord } from './log-wire.ts'
import { pathId, readParams, time } from './param.ts'
import { badRequest, unknown } from './refusal.ts'
import { sent } from './sent.ts'

const params = { started: time('Only lines logged at this time or later.') }

async function logHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const executionId = pathId(request, 'job_exe_id')
  const { started: from } = readParams(request, params, ctx.now())
  const { log_id: log } = request.params
  const streams = log === undefined || log === 'combined' ? null : [log]
  const { execution, lines } = await readLog(ctx, { executionId, ...sent({ streams, from }) })
  if (lines.length === 0) return empty(204)
  if (request.format === 'txt') return text(200, logText(lines))
  if (request.format === 'html') {
    const headers = { 'Content-Security-Policy': logPolicy }
    return { status: 200, headers, body: logPage(lines), contentType: 'text/html; charset=utf-8' }
  }
  const node = await loadNullable(ctx.loaders.node, execution.nodeId)
  const records = lines.map((line) => toRecord(execution, node, line))
  return json(200, request.format === 'hits' ? toHits(execution, records) : records)
}

const record = exactly({
  message: string,
  '@timestamp': instant,
  scale_order_num: integer,
  scale_task: integer,
  scale_job_exe: string,
  scale_node: orNull(string),
  stream: wordOf(['stdout', 'stderr']),
})

/** The same in the envelope of a search engine's reply. */
const hits = exactly({
  took: integer,
  hits: exactly({
    total: integer,
    hits: listOf(exactly({ _index: string, _id: string, _source: record, sort: listOf(integer) })),
  }),
})

/** The log of an execution. */
export const logRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-executions/{job_exe_id}/logs/{log_id}/',
    id: 'getScaleJobExecutionLog',
    summary: 'Shows the log of an execution: one stream, or both combined.',
    doc: 'As JSON records, as plain text or as a page of HTML; `format=hits` wraps the records as a search engine does.',
    query: {
      ...params,
      format: { doc: 'The form of the answer.', schema: { type: 'string', enum: ['json', 'txt', 'html', 'hits'] } },
    },
    produces: [
      { format: 'json', type: 'application/json' },
      { format: 'txt', type: 'text/plain' },
      { format: 'html', type: 'text/html' },
      { format: 'hits', type: 'application/json' },
    ],
    replies: {
      200: { doc: 'The lines by time and order, at most 10,000.', schema: { anyOf: [listOf(record), hits] } },
      204: { doc: 'There are no lines, or none yet.' },
      400: badRequest,
      404: unknown,
    },
    handler: logHandler,
  },
]
