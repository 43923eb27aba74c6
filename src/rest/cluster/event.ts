import type { Context } from '#resolvers/context.ts'
import { getEventDefinitions, listEventResults, setEventDefinitions } from '#resolvers/event.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { exactly, integer, listOf, named, string } from '../shape.ts'
import { badRequest, posted } from './error.ts'
import { answer, done, doneDoc, fromEvents } from './wire.ts'

const mapreduce = listOf(exactly({ key: string, value: string }))

/** The schemas of events. */
export const eventSchemas = {
  ClusterEvents: exactly({ errors: string, mapreduce }),
  ClusterEventResults: exactly({ counter: integer, messages: listOf(exactly({ error: string, value: string })) }),
} as const

async function listHandler(ctx: Context): Promise<Reply> {
  const { files, definitions } = await getEventDefinitions(ctx)
  const list = files.map(({ key, source }) => ({ key, value: source }))
  return answer({ errors: definitions.errors.join('\n'), mapreduce: list })
}

async function setHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  await setEventDefinitions(ctx, fromEvents(posted(request)))
  return done()
}

async function resultHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { end, results } = await listEventResults(ctx, Number(request.params.counter))
  const messages = results.map(({ error, value }) => ({ error, value }))
  return answer({ counter: end, messages }, { 'Cache-Control': 'no-store' })
}

/** The definitions of events, and the log of their results. */
export const eventRoutes: readonly Route<Context>[] = [
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/events',
    id: 'getClusterEvents',
    summary: 'Shows the event definitions and what is wrong with them.',
    doc: 'Files that are not right are kept too; what is wrong stands in `errors`, a line for each fault.',
    replies: { 200: { doc: 'The files, and a line for each fault.', schema: named('ClusterEvents') } },
    handler: listHandler,
  },
  {
    surface: 'cluster',
    method: 'POST',
    path: '/v1/events',
    id: 'setClusterEvents',
    summary: 'Replaces the event definitions.',
    doc: 'What is wrong inside a file is stored all the same and told among the errors.',
    query: { force: { doc: 'Has no effect here.', schema: string } },
    accepts: ['application/json'],
    body: { type: 'object', properties: { errors: string, mapreduce }, required: ['mapreduce'] },
    replies: { 200: doneDoc, 400: badRequest },
    handler: setHandler,
  },
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/events/results/{counter}',
    id: 'listClusterEventResults',
    summary: 'Shows the log of event results from a position on.',
    doc: 'Results are kept while somebody asks at least every five seconds; then the log starts anew at 0.',
    replies: { 200: { doc: 'The position after the last message.', schema: named('ClusterEventResults') } },
    handler: resultHandler,
  },
]
