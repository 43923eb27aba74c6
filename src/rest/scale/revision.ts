import type { Context } from '#resolvers/context.ts'
import { getRevision, listRevisions } from '#resolvers/job-type-list.ts'
import { json } from '../reply.ts'
import type { Route } from '../route.ts'
import { named } from '../shape.ts'
import { toScaleRevision, toScaleRevisionDetails } from './job-type-wire.ts'
import { pageDocs, pageOf, scalePage } from './page.ts'
import { pathId } from './param.ts'

const missing = { doc: 'There is no such job type or revision.', schema: named('ScaleDetail') }

/** The revisions of a job type, as the Scale v6 job types document has them. */
export const revisionRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/{name}/{version}/revisions/',
    id: 'listScaleRevisions',
    summary: 'Lists the revisions of a job type, newest first.',
    doc: 'Each shows the job type as it now stands; its own image is that of its time.',
    query: pageDocs,
    replies: { 200: { doc: 'A page of revisions.', schema: pageOf(named('ScaleRevision')) }, 404: missing },
    handler: async (ctx, request) => {
      const { name = '', version = '' } = request.params
      const find = async (window: { readonly offset: number; readonly limit: number }) => {
        const { jobType, count, rows } = await listRevisions(ctx, name, version, window)
        return { count, rows: rows.map((revision) => toScaleRevision(jobType, revision)) }
      }
      return scalePage(request, find, (row) => row)
    },
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/{name}/{version}/revisions/{revision_num}/',
    id: 'getScaleRevision',
    summary: 'Shows one revision of a job type, with its manifest.',
    doc: 'The `manifest` is an object, as it was registered, with its defaults; the document shows an empty text.',
    replies: { 200: { doc: 'The revision.', schema: named('ScaleRevisionDetails') }, 404: missing },
    handler: async (ctx, request) => {
      const { name = '', version = '' } = request.params
      const { jobType, revision } = await getRevision(ctx, name, version, pathId(request, 'revision_num'))
      return json(200, toScaleRevisionDetails(jobType, revision))
    },
  },
]
