import type { Context } from '#resolvers/context.ts'
import { text } from '../reply.ts'
import type { Found, Method, Route, Surface } from '../route.ts'
import { allocationRoutes } from './allocation.ts'
import { nomadManners, refusal } from './error.ts'
import { evaluationRoutes } from './evaluation.ts'
import { nomadExamples } from './example.ts'
import { jobRoutes, registerRoutes } from './job.ts'
import { documentedSuffixes, isJobPath, type JobAction, meaningOf } from './match.ts'
import { nomadSchemas } from './schema.ts'
import { supportRoutes } from './support/route.ts'
import { summaryRoutes } from './support/summary.ts'

const segment = { pattern: /.+/s, schema: { type: 'string' } } as const
const documentedRoutes = [...jobRoutes, ...allocationRoutes, ...evaluationRoutes]

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Sends a path on that is not in its shortest form; its query goes along. */
const redirects: readonly Route<Context>[] = methods.map((method) => ({
  surface: 'nomad',
  method,
  path: '{location}',
  id: `redirectNomad${method}`,
  summary: 'Sends a path on to its shortest form.',
  replies: { 301: { doc: 'The path in its shortest form.' } },
  handler: async (_ctx, { params, query }) => {
    const { location = '/' } = params
    return { status: 301, headers: { Location: query.size === 0 ? location : `${location}?${query}` } }
  },
}))

type Suffixes = typeof documentedSuffixes

/** Finds the routes of a job path by what follows the job's ID. */
function jobMatcher(routes: readonly Route<Context>[], suffixes: Suffixes, isOurs: (path: string) => boolean) {
  const byAction = Map.groupBy(routes, ({ path }): JobAction => {
    return suffixes.find(([suffix]) => path.endsWith(suffix))?.[1] ?? 'job'
  })
  return (path: string): Found<Context> | null => {
    if (!isOurs(path)) return null
    const meaning = meaningOf(path, suffixes)
    if (meaning.kind === 'other') return null
    if (meaning.kind === 'bad') return { reply: text(400, '400 Bad Request') }
    if (meaning.kind === 'redirect') return { routes: redirects, params: { location: meaning.location } }
    return { routes: byAction.get(meaning.action) ?? [], params: { job: meaning.id } }
  }
}

/** Nomad's /v1/job beside the other surfaces: the seven documented operations, and registering at /v1/jobs. */
export const nomadSurface: Surface<Context> = {
  ...nomadManners<Context>(),
  name: 'nomad',
  title: 'Nomad /v1/job',
  routes: [...documentedRoutes, ...registerRoutes],
  schemas: nomadSchemas,
  examples: nomadExamples,
  refusal,
  pathParams: { job: { doc: 'The ID of a job; it may hold slashes, encoded or not.', ...segment } },
  owns: isJobPath,
  match: jobMatcher(documentedRoutes, documentedSuffixes, isJobPath),
}

/** The same with what Nomad's command line and clients ask for besides; every path is its own. */
export const nomadListenerSurface: Surface<Context> = {
  ...nomadSurface,
  title: 'Nomad',
  routes: [...nomadSurface.routes, ...summaryRoutes, ...supportRoutes],
  pathParams: {
    ...nomadSurface.pathParams,
    evaluation: { doc: 'The id of an evaluation.', ...segment },
    allocation: { doc: 'The id of an allocation.', ...segment },
    node: { doc: 'The id of a node.', ...segment },
  },
  owns: () => true,
  match: jobMatcher(
    [...documentedRoutes, ...summaryRoutes],
    [...documentedSuffixes, ['/summary', 'summary']],
    () => true,
  ),
}
