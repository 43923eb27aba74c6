import type { Context } from '#resolvers/context.ts'
import { listInputFiles } from '#resolvers/input-file.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { named } from '../shape.ts'
import { toScaleFile } from './file-wire.ts'
import { pageDocs, pageOf, scalePage } from './page.ts'
import { checkRange, choice, pathId, readParams, text, time } from './param.ts'
import { badRequest, unknown } from './refusal.ts'
import { sent } from './sent.ts'

const params = {
  started: time('Only files whose time is this or later.'),
  ended: time('Only files whose time is this or earlier.'),
  time_field: choice('Which times started and ended mean: those of the modification (usual), the data or its source.', [
    'last_modified',
    'data',
    'source',
  ]),
  file_name: text('Only files of this name.'),
  job_input: text('Only files that fill this input.'),
}

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const jobId = pathId(request, 'job_id')
  const values = readParams(request, params, ctx.now())
  checkRange(values.started, values.ended)
  const { time_field: timeField, started: from, ended: to, file_name: fileName, job_input: inputName } = values
  const filter = { jobId, timeField: timeField ?? 'last_modified', ...sent({ from, to, fileName, inputName }) }
  return scalePage(
    request,
    async (window) => {
      const { count, rows } = await listInputFiles(ctx, filter, window)
      return { count, rows: await Promise.all(rows.map((file) => toScaleFile(ctx, file))) }
    },
    (row) => row,
  )
}

/** The input files of a job. */
export const inputFileRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/jobs/{job_id}/input_files/',
    id: 'listScaleJobInputFiles',
    summary: 'Lists the input files of a job, longest unmodified first.',
    doc: 'Ids that are not known are not listed. `url` is always null: nothing serves the files.',
    query: { ...pageDocs, ...params },
    replies: { 200: { doc: 'A page of files.', schema: pageOf(named('ScaleFile')) }, 400: badRequest, 404: unknown },
    handler: listHandler,
  },
]
