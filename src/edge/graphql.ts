/** The GraphQL edge: one schema over HTTP, server-sent events and WebSockets, within the same limits. */
import type { GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { createContext, type Gateway } from '#resolvers/context.ts'
import type { RequestMeta } from '#rest/route.ts'
import { schema, sdl } from '#schema/index.ts'
import { createGraphiql, wantsPage } from './graphiql.ts'
import { keyed } from './graphql-keyed.ts'
import { counted } from './graphql-metric.ts'
import { bounded, presentable, timed } from './graphql-plugin.ts'
import { refuseUnasked, strictRequests } from './graphql-request.ts'
import { sharing } from './graphql-share.ts'
import { createSocketServer } from './graphql-socket.ts'
import { socketOperations } from './graphql-socket-operation.ts'
import { isEventStream, type UpgradeHost } from './http.ts'
import { type PersistedDocuments, prepared, textFinder } from './persisted-document.ts'
import type { Usage } from './usage.ts'

/** What the edge is told beside its gateway. */
export type GraphqlOptions = {
  /** Whether browsers get GraphiQL at `/graphql`. */
  readonly graphiql?: boolean
  /** Whether `__schema` and `__type` are answered, and the SDL is there; absent means yes. */
  readonly introspection?: boolean
  /** Documents that clients may name by digest; absent means none. */
  readonly persistedDocuments?: PersistedDocuments
  /** Whether nothing but those is run. */
  readonly persistedOnly?: boolean
  /** Where operations are counted; absent counts them nowhere. */
  readonly usage?: Usage
  /** Milliseconds after which a query or mutation is given up; absent means 10,000. Subscriptions may last. */
  readonly timeoutMs?: number
}

/** The GraphQL face of a gateway. */
export type GraphqlEdge = {
  readonly schema: GraphQLSchema
  /** The schema as text, sorted; null where introspection is off. */
  readonly sdl: string | null
  /** Answers a request to `/graphql`: queries, mutations, and subscriptions as server-sent events. */
  readonly handle: (request: Request, meta: RequestMeta) => Promise<Response>
  /** How many WebSockets are open. */
  readonly openSockets: () => number
  /** Takes WebSocket upgrades of `/graphql` on a server. */
  readonly attach: (host: UpgradeHost) => void
  /** Ends every stream where its client can resume it: sockets with 1001, server-sent events with `complete`. */
  readonly dispose: () => Promise<void>
}

/** Puts the edge of a gateway together. */
export function createGraphql(gateway: Gateway, options: GraphqlOptions = {}): GraphqlEdge {
  const report = (bug: unknown) => gateway.log.error('A GraphQL request failed', bug)
  const closing = new AbortController()
  const isIntrospectable = options.introspection ?? true
  const documents = options.persistedDocuments ?? new Map()
  const findText = textFinder(documents, options.persistedOnly ?? false)
  const yoga = createYoga<{ signal: AbortSignal }>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ signal }) => ({ ctx: createContext(gateway, signal) }),
    fetchAPI: { Request, Response, Headers, ReadableStream, TextEncoder, TextDecoder, URL, URLSearchParams },
    cors: false,
    // Our own reader bounds the body.
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    // Errors are made presentable where answers leave: by `presentable` over HTTP, by the socket's end, by `sharing`.
    maskedErrors: false,
    plugins: [
      refuseUnasked,
      ...(options.usage === undefined ? [] : [counted(options.usage)]),
      strictRequests(findText),
      bounded(isIntrospectable),
      prepared(documents),
      sharing(report, isIntrospectable),
      timed(options.timeoutMs ?? 10_000),
      keyed(report),
      presentable(report),
    ],
  })
  const page = options.graphiql === true ? createGraphiql() : null
  const operations = socketOperations(yoga.getEnveloped, findText, closing.signal, report)
  const sockets = createSocketServer(operations, report)
  return {
    schema,
    sdl: isIntrospectable ? sdl : null,
    handle: async (request, meta) => {
      if (page !== null && wantsPage(request)) return page(request)
      const response = await yoga.fetch(request, { signal: AbortSignal.any([meta.signal, closing.signal]) })
      return response.status === 406 ? unacceptable(response) : accepted(response)
    },
    openSockets: sockets.count,
    attach: sockets.attach,
    dispose: async () => {
      // Told to go away before its streams end: a `complete` would tell a client not to come back.
      const gone = sockets.dispose()
      closing.abort()
      await gone
    },
  }
}

/** Says in words what the header `Accept` of the answer names: the forms in which the request could be answered. */
function unacceptable({ headers }: Response): Response {
  const offered = headers.get('accept') ?? 'application/graphql-response+json, application/json'
  const error = { message: `This can be answered as ${offered} alone.`, extensions: { code: 'NOT_ACCEPTABLE' } }
  return Response.json({ errors: [error] }, { status: 406, headers: { accept: offered } })
}

/** The protocol of server-sent events tells what is wrong with a document in an event; a 400 would hide it. */
function accepted(response: Response): Response {
  if (response.status !== 400 || !isEventStream(response)) return response
  return new Response(response.body, { headers: response.headers })
}
