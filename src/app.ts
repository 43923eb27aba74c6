import { fixedText } from '#edge/fixed-text.ts'
import type { GraphqlEdge } from '#edge/graphql.ts'
import { metricType } from '#edge/metric.ts'
import { logged, pathOf } from '#edge/request-log.ts'
import { createRestFace } from '#edge/rest-face.ts'
import type { Usage } from '#edge/usage.ts'
import { usagePage } from '#edge/usage-page.ts'
import type { JsonObject } from '#model/json.ts'
import { toJson } from '#model/json.ts'
import type { Context, Gateway } from '#resolvers/context.ts'
import { isServing } from '#resolvers/health.ts'
import { type OpenApiInfo, openApi } from '#rest/openapi.ts'
import type { RequestMeta, Surface } from '#rest/route.ts'
import { surfaces } from '#rest/surfaces.ts'

/** Answers every request of a gateway; tests call it without a port. */
export type App = (request: Request, meta: RequestMeta) => Promise<Response>

/** Answers GET and HEAD of one path. */
type Page = (request: Request) => Response | Promise<Response>

/** What an app is told beside its gateway. */
export type AppOptions = {
  readonly graphql: GraphqlEdge
  /** Where requests are counted, and what `/metrics` and `/usage` show. */
  readonly usage: Usage
  /** False while the gateway drains: /readyz then says so and balancers stay away. */
  readonly isOpen: () => boolean
}

/** The name and version that the OpenAPI document carries. */
export const apiInfo: OpenApiInfo = {
  title: 'Jobgraph REST surfaces',
  version: '0.1.0',
  license: { name: 'MIT', identifier: 'MIT' },
}

/** Lays out one gateway's faces: health and use, the REST surfaces, GraphQL, and the documents that describe them. */
export function createApp(gateway: Gateway, options: AppOptions): App {
  const { graphql, usage } = options
  const rest = createRestFace(gateway, surfaces, usage)
  const documents = new Map<string, Page>([
    ['/openapi.json', document(toJson(openApi(surfaces, apiInfo)), 'application/json')],
    ...surfaces.map(surfaceDocument),
    ['/metrics', (request: Request) => metrics(usage, gateway, request)],
    ['/usage', (request: Request) => usagePage(usage, request)],
    ['/', document(toJson(directory(graphql)), 'application/json')],
  ])
  if (graphql.sdl !== null) documents.set('/schema.graphql', document(graphql.sdl, 'text/plain; charset=utf-8'))
  const answer: App = async (request, meta) => {
    const path = pathOf(meta)
    if (path === '/livez') return plain(200, 'ok')
    if (path === '/readyz') return ready(gateway, options.isOpen())
    if (path === '/graphql') return counting(usage, () => graphql.handle(request, meta))
    const found = request.method === 'GET' || request.method === 'HEAD' ? documents.get(path) : undefined
    if (found !== undefined) return found(request)
    const answered = await rest(request, meta)
    return answered ?? Response.json({ error: `Nothing is served at ${path}.` }, { status: 404 })
  }
  return logged(gateway, answer)
}

/** Answers to GraphQL over HTTP; one that streams is timed to its head. */
async function counting(usage: Usage, answer: () => Promise<Response>): Promise<Response> {
  const started = performance.now()
  const response = await answer()
  const taken = (performance.now() - started) / 1000
  usage.answered({ surface: 'graphql', id: 'graphql' }, response.status, taken)
  return response
}

/** All measures as text; what cannot be read, such as jobs of a database that does not answer, is left out. */
async function metrics({ registry }: Usage, { log }: Gateway, request: Request): Promise<Response> {
  const text = await registry.expose((error) => log.error('A measure could not be read', error))
  return new Response(request.method === 'HEAD' ? null : text, { headers: { 'Content-Type': metricType } })
}

function surfacePath(surface: Surface<Context>): string {
  return `/openapi/${surface.name}.json`
}

/** One surface's own OpenAPI document, for a client that knows no other. */
function surfaceDocument(surface: Surface<Context>): [string, Page] {
  const description = openApi([surface], { ...apiInfo, title: surface.title })
  return [surfacePath(surface), document(toJson(description), 'application/json')]
}

const directory = ({ sdl }: GraphqlEdge): JsonObject => ({
  name: 'jobgraph',
  graphql: '/graphql',
  ...(sdl === null ? {} : { schema: '/schema.graphql' }),
  openapi: ['/openapi.json', ...surfaces.map(surfacePath)],
  health: ['/livez', '/readyz'],
  metrics: '/metrics',
  usage: '/usage',
  rest: ['/v6/jobs/', '/v6/job-types/'],
})

function document(body: string, contentType: string): Page {
  return fixedText(body, { 'Content-Type': contentType, 'Cache-Control': 'no-cache' })
}

async function ready(gateway: Gateway, isOpen: boolean): Promise<Response> {
  if (!isOpen) return plain(503, 'draining')
  return (await isServing(gateway.store)) ? plain(200, 'ok') : plain(503, 'the database does not answer')
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
}
