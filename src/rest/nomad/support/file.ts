import { badInput, notFound } from '#model/error.ts'
import type { Context } from '#resolvers/context.ts'
import { listTaskLogs, readTaskLog } from '#resolvers/task-log.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { answerPlain } from '../header.ts'
import { support } from './answer.ts'
import { type FileEntry, filesOf } from './file-tree.ts'
import { toText } from './frame.ts'
import { bytesOf, getAllocation, tasksOf } from './place.ts'

type Found = { readonly executionId: number; readonly entry: FileEntry }

/** The file or directory that `?path=` names. */
async function findEntry(ctx: Context, request: RestRequest, usualPath: string): Promise<Found> {
  const path = request.query.get('path') || usualPath
  if (path === '') throw badInput('must provide a file name')
  const { allocation, spec } = await getAllocation(ctx, request.params.allocation ?? '')
  const { executionId } = allocation
  const streams = await listTaskLogs(ctx, executionId)
  const entry = filesOf(tasksOf(allocation, spec), streams, allocation.lastModified).find(path)
  if (entry === null) throw notFound(`stat ${path}: no such file or directory`)
  return { executionId, entry }
}

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { entry } = await findEntry(ctx, request, '/')
  return answerPlain(
    request,
    entry.members.map(({ info }) => info),
  )
}

async function statHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { entry } = await findEntry(ctx, request, '')
  return answerPlain(request, entry.info)
}

/** Sends a file from an offset on, at most `limit` bytes where one is given. */
async function readHandler(
  ctx: Context,
  request: RestRequest,
  part: { offset: number; limit?: number },
): Promise<Reply> {
  const { executionId, entry } = await findEntry(ctx, request, '')
  if (entry.log === null) throw badInput(`file ${JSON.stringify(request.query.get('path'))} is a directory`)
  const chunks = readTaskLog(ctx, { executionId, ...entry.log, origin: 'start', ...part, follow: false })
  return { status: 200, body: toText(chunks), contentType: 'text/plain; charset=utf-8' }
}

async function readAtHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const limit = bytesOf(request.query, 'limit')
  return readHandler(ctx, request, { offset: bytesOf(request.query, 'offset'), ...(limit === 0 ? {} : { limit }) })
}

/** The files of an allocation, as `nomad fs` reads them. */
export const fileRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/client/fs/ls/{allocation}', 'listNomadFiles', 'Lists a directory.', listHandler),
  support('GET', '/v1/client/fs/stat/{allocation}', 'statNomadFile', 'Shows a file or directory.', statHandler),
  support('GET', '/v1/client/fs/cat/{allocation}', 'readNomadFile', 'Sends a file.', (ctx, request) =>
    readHandler(ctx, request, { offset: 0 }),
  ),
  support('GET', '/v1/client/fs/readat/{allocation}', 'readNomadFileAt', 'Sends a part of a file.', readAtHandler),
]
