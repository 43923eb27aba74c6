import { badInput } from '#model/error.ts'
import type { LogOrigin } from '#model/logger.ts'
import type { Context } from '#resolvers/context.ts'
import { getLogSource, listLogInstances, listLogSources, readLogFile, setLogSources } from '#resolvers/log-source.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { boolean, exactly, instant, listOf, named, string } from '../shape.ts'
import { badRequest, posted, unknown } from './error.ts'
import { answer, done, doneDoc, fromLogs, toLog, toMeta } from './wire.ts'

/** The schemas of logs. */
export const logSchemas = {
  ClusterLog: exactly({ id: string, group: string, job: string, task: string, fileName: string, logLevel: boolean }),
  ClusterLogMeta: exactly({
    allocID: string,
    status: { type: 'string', enum: ['pending', 'running', 'dead'] },
    jobName: string,
    taskName: string,
    fileName: string,
    createTime: instant,
    logLevel: { type: 'string', enum: ['true', 'false'] },
  }),
} as const

async function fileHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { alloc = '', task = '', fs = '' } = request.params
  const { origin, offset } = { origin: originOf(request.query), offset: offsetOf(request.query) }
  const { bytes: body } = await readLogFile(ctx, { allocationUuid: alloc, task, fileName: fs, origin, offset })
  return { status: 200, body, contentType: 'text/plain; charset=utf-8', headers: { 'Cache-Control': 'no-store' } }
}

function originOf(query: URLSearchParams): LogOrigin {
  const word = query.get('origin') ?? 'start'
  if (word === 'start' || word === 'end') return word
  throw badInput('origin must be start or end.')
}

/** A number beyond every file is none the less a number. */
function offsetOf(query: URLSearchParams): number {
  const digits = query.get('offset') ?? '0'
  if (/^\d+$/.test(digits)) return Number(digits)
  throw badInput('offset must be a number of bytes, 0 or more.')
}

/** The list of logs, their instances, and their bytes. */
export const logRoutes: readonly Route<Context>[] = [
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/log/logs',
    id: 'listClusterLogs',
    summary: 'Shows the list of logs.',
    doc: 'The list says which logs there are and where they lie, not what they hold.',
    replies: { 200: { doc: 'The logs, in the order in which they were set.', schema: listOf(named('ClusterLog')) } },
    handler: async (ctx) => answer((await listLogSources(ctx)).map(toLog)),
  },
  {
    surface: 'cluster',
    method: 'POST',
    path: '/v1/log/logs',
    id: 'setClusterLogs',
    summary: 'Replaces the list of logs as a whole.',
    doc: 'Where one log is wrong, nothing changes. group and task stand in for each other, and then job; fileName is stdout where it is left out.',
    accepts: ['application/json'],
    body: listOf({
      type: 'object',
      properties: { id: string, group: string, job: string, task: string, fileName: string, logLevel: boolean },
      required: ['id', 'job'],
    }),
    replies: { 200: doneDoc, 400: badRequest },
    handler: async (ctx, request) => {
      await setLogSources(ctx, fromLogs(posted(request)))
      return done()
    },
  },
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/log/meta/{log}',
    id: 'listClusterLogMeta',
    summary: 'Lists the instances of a log, newest first.',
    doc: 'The newest 10,000; logLevel is a text here, as the document says.',
    replies: { 200: { doc: 'One for each allocation.', schema: listOf(named('ClusterLogMeta')) }, 404: unknown },
    handler: async (ctx, request) => {
      const source = await getLogSource(ctx, request.params.log ?? '')
      return answer((await listLogInstances(ctx, source)).map(toMeta))
    },
  },
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/log/fs/{alloc}/{task}/{fs}',
    id: 'getClusterLog',
    summary: 'Shows what a task has written, byte for byte.',
    doc: 'At most the bytes that are kept; an offset beyond them gives none. The answer does not follow the log.',
    query: {
      origin: {
        doc: 'Whether to skip bytes from the start (usual) or to take the last ones.',
        schema: { type: 'string', enum: ['start', 'end'] },
      },
      offset: { doc: 'How many bytes.', schema: { type: 'integer', minimum: 0 } },
    },
    produces: [{ format: 'text', type: 'text/plain' }],
    replies: { 200: { doc: 'The bytes as they are now.', schema: string }, 400: badRequest, 404: unknown },
    handler: fileHandler,
  },
]
