import { badInput, notFound } from '#model/error.ts'
import type { Context } from '#resolvers/context.ts'
import { readTaskLog } from '#resolvers/task-log.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { support } from './answer.ts'
import { toFrames, toText } from './frame.ts'
import { bytesOf, getAllocation, originOf, tasksOf } from './place.ts'

/** Streams a task's log in frames, or as it is; with `follow` until the allocation ends. */
async function logHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { query, params } = request
  const task = query.get('task') ?? ''
  const type = query.get('type') ?? ''
  if (task === '') throw badInput('must provide task name')
  const [follow, plain] = [flagOf(query, 'follow'), flagOf(query, 'plain')]
  if (type !== 'stdout' && type !== 'stderr') throw badInput('must provide log type (stdout/stderr)')
  const place = { origin: originOf(query), offset: bytesOf(query, 'offset') }
  const { allocation, spec } = await getAllocation(ctx, params.allocation ?? '')
  if (!tasksOf(allocation, spec).includes(task)) {
    throw notFound(
      `task group ${JSON.stringify(allocation.taskGroup)} does not have task with name ${JSON.stringify(task)}`,
    )
  }
  const { executionId } = allocation
  const chunks = readTaskLog(ctx, { executionId, task, stream: type, ...place, follow })
  const body = plain ? toText(chunks) : toFrames(chunks, `alloc/logs/${task}.${type}.0`)
  return { status: 200, body, contentType: 'text/plain; charset=utf-8' }
}

/** Go's notion of a truth value. */
function flagOf(query: URLSearchParams, name: string): boolean {
  const word = query.get(name) || 'false'
  if (/^(?:1|t|T|true|TRUE|True)$/.test(word)) return true
  if (/^(?:0|f|F|false|FALSE|False)$/.test(word)) return false
  throw badInput(
    `Failed to parse ${name} field to boolean: strconv.ParseBool: parsing ${JSON.stringify(word)}: invalid syntax`,
  )
}

/** The logs of tasks, as `nomad logs` reads them. */
export const logRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/client/fs/logs/{allocation}', 'readNomadLog', 'Streams the log of a task.', logHandler),
  // Not Nomad's own, but where the npm package nomad-client looks for them.
  support('GET', '/v1/client/allocation/{allocation}/logs', 'readNomadLogByAllocation', 'The same.', logHandler),
]
