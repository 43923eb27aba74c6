import { badInput } from '#model/error.ts'
import type { JobTypeFilter } from '#model/job-type.ts'
import type { JobTypeOrder, JobTypeSortField } from '#model/job-type-order.ts'
import type { Context } from '#resolvers/context.ts'
import { getJobType } from '#resolvers/job-type.ts'
import { listJobTypeNames, listJobTypes, listJobTypeVersions } from '#resolvers/job-type-list.ts'
import { json } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { named } from '../shape.ts'
import { jobTypeEditRoutes } from './job-type-edit.ts'
import { jobTypeStatisticRoutes } from './job-type-statistic.ts'
import { toScaleJobType, toScaleJobTypeDetails, toScaleJobTypeName } from './job-type-wire.ts'
import { orderParam, pageDocs, pageOf, scalePage } from './page.ts'
import { bool, ints, readParams, texts, type Values } from './param.ts'
import { unknownPage } from './refusal.ts'
import { revisionRoutes } from './revision.ts'

const refusal = { doc: 'A parameter is wrong.', schema: named('ScaleDetail') }
const missing = { doc: 'There is no such job type.', schema: named('ScaleDetail') }
const listParams = {
  keyword: texts('Part of a name or a tag, whatever its case; repeat it to find several.', 100, {
    type: 'string',
    maxLength: 256,
  }),
  id: ints('The id of a job type; repeat it to find several.'),
  is_active: bool('Whether the job type is active; all are listed when it is left out.'),
  is_system: bool("Whether the job type is the system's own; all are listed when it is left out."),
  order: orderParam,
}
const versionParams = { is_active: listParams.is_active }

/** The words by which a list may be sorted; on the list of names they mean the latest version's values. */
const orderWords: { readonly [word: string]: JobTypeSortField } = {
  id: 'id',
  name: 'name',
  version: 'version',
  title: 'title',
  description: 'description',
  icon_code: 'iconCode',
  is_active: 'isActive',
  is_system: 'isSystem',
  is_paused: 'isPaused',
  is_published: 'isPublished',
  max_scheduled: 'maxScheduled',
  max_tries: 'maxTries',
  revision_num: 'revisionNum',
  docker_image: 'dockerImage',
  unmet_resources: 'unmetResources',
  created: 'createdAt',
  deprecated: 'deprecatedAt',
  paused: 'pausedAt',
  last_modified: 'lastModified',
}
const nameOrderWords = { ...orderWords, latest_version: 'version' } as const

/** The routes of the Scale v6 job types document. */
export const jobTypeRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-type-names/',
    id: 'listScaleJobTypeNames',
    summary: 'Lists the names of job types.',
    doc: 'A name is listed where any one of its versions matches every filter; it shows its latest version.',
    query: { ...pageDocs, ...listParams },
    replies: {
      200: { doc: 'A page of names.', schema: pageOf(named('ScaleJobTypeName')) },
      400: refusal,
      404: unknownPage,
    },
    handler: async (ctx, request) => {
      const { filter, order } = readList(ctx, request, nameOrderWords)
      return scalePage(request, (window) => listJobTypeNames(ctx, filter, order, window), toScaleJobTypeName)
    },
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/',
    id: 'listScaleJobTypes',
    summary: 'Lists job types, one row for each version.',
    doc: 'The filters are joined by AND, the values of one filter by OR.',
    query: { ...pageDocs, ...listParams },
    replies: {
      200: { doc: 'A page of job types.', schema: pageOf(named('ScaleJobType')) },
      400: refusal,
      404: unknownPage,
    },
    handler: async (ctx, request) => {
      const { filter, order } = readList(ctx, request, orderWords)
      return scalePage(request, (window) => listJobTypes(ctx, filter, order, window), toScaleJobType)
    },
  },
  ...jobTypeStatisticRoutes,
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/{name}/',
    id: 'listScaleJobTypeVersions',
    summary: 'Lists the versions of a job type, newest first.',
    doc: 'An unknown name has no versions: its list is empty.',
    query: { ...pageDocs, ...versionParams },
    replies: {
      200: { doc: 'A page of versions.', schema: pageOf(named('ScaleJobType')) },
      400: refusal,
      404: unknownPage,
    },
    handler: async (ctx, request) => {
      const { is_active } = readParams(request, versionParams, ctx.now())
      const filter = { name: request.params.name ?? '', ...(is_active === null ? {} : { isActive: is_active }) }
      return scalePage(request, (window) => listJobTypeVersions(ctx, filter, window), toScaleJobType)
    },
  },
  {
    surface: 'scale',
    method: 'GET',
    path: '/v6/job-types/{name}/{version}/',
    id: 'getScaleJobType',
    summary: 'Shows one version of a job type, with its manifest and configuration.',
    doc: 'Defaults of the manifest and of the configuration are filled in; secret settings are left out.',
    replies: { 200: { doc: 'The job type.', schema: named('ScaleJobTypeDetails') }, 404: missing },
    handler: async (ctx, request) => {
      const { name = '', version = '' } = request.params
      return json(200, await toScaleJobTypeDetails(ctx, await getJobType(ctx, name, version)))
    },
  },
  ...jobTypeEditRoutes,
  ...revisionRoutes,
]

function readList(ctx: Context, request: RestRequest, words: typeof orderWords) {
  const values = readParams(request, listParams, ctx.now())
  return { filter: toFilter(values), order: readOrder(values.order ?? [], words) }
}

function toFilter({ keyword, id, is_active, is_system }: Values<typeof listParams>): JobTypeFilter {
  return {
    ...(keyword === null ? {} : { keywords: keyword }),
    ...(id === null ? {} : { ids: id }),
    ...(is_active === null ? {} : { isActive: is_active }),
    ...(is_system === null ? {} : { isSystem: is_system }),
  }
}

function readOrder(sent: readonly string[], words: typeof orderWords): JobTypeOrder {
  return sent.map((key) => {
    const word = key.replace(/^-/, '')
    const field = Object.hasOwn(words, word) ? words[word] : undefined
    if (field === undefined) throw badInput(`Cannot order by "${key.slice(0, 60).toWellFormed()}"`, { path: ['order'] })
    return { field, descending: key.startsWith('-') }
  })
}
