import type { AddressInfo } from 'node:net'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createSocketClient, type Client as SocketClient } from 'graphql-ws'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { createGraphql, type GraphqlEdge, type GraphqlOptions } from '../../src/edge/graphql.ts'
import { createHttpServer, type HttpOptions } from '../../src/edge/http.ts'
import { openTestGateway, type TestGateway } from './gateway.ts'

/** An answer over HTTP, read to its end. */
export type GraphqlAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly data: Readonly<Record<string, unknown>> | null
  readonly errors: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

/** A gateway whose GraphQL edge listens on a real port. */
export type GraphqlGateway = TestGateway & {
  readonly edge: GraphqlEdge
  readonly port: number
  readonly url: string
  /** Sends one operation; answers whatever comes. */
  readonly ask: (
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<GraphqlAnswer>
  /** Sends one operation that must succeed; `T` is what its data is known to be. */
  readonly data: <T>(query: string, variables?: Readonly<Record<string, unknown>>) => Promise<T>
  readonly fetch: (path: string, init?: RequestInit) => Promise<GraphqlAnswer>
  readonly socketClient: () => SocketClient
  /** Starts a subscription and calls `heard` at each event; the function that it returns leaves at once. */
  readonly listen: (transport: Transport, query: string, heard: () => void) => () => void
  /** Events of a subscription over either transport, until the consumer stops. */
  readonly events: <T>(
    transport: Transport,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ) => AsyncIterableIterator<T>
}

/** The two ways in which a subscription travels. */
export type Transport = 'graphql-ws' | 'sse'

/** Opens a gateway with its GraphQL edge on either database. */
export async function openGraphql(
  kind: 'pglite' | 'postgres',
  options: GraphqlOptions & Pick<HttpOptions, 'slowReaderMs'> & Parameters<typeof openTestGateway>[1] = {},
): Promise<GraphqlGateway> {
  const gateway = await openTestGateway(kind, options)
  const edge = createGraphql(gateway.gateway, options)
  const http = createHttpServer((request, meta) => edge.handle(request, meta), {
    host: '127.0.0.1',
    port: 0,
    ...(options.slowReaderMs === undefined ? {} : { slowReaderMs: options.slowReaderMs }),
    warn: gateway.gateway.log.warn,
    report: (error) => gateway.bugs.push(error),
  })
  edge.attach(http)
  const { port }: AddressInfo = await http.listen()
  const url = `http://127.0.0.1:${port}/graphql`
  const read = async (path: string, init?: RequestInit): Promise<GraphqlAnswer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    const body = isJson ? JSON.parse(text) : {}
    const { data = null, errors = [] } = body
    return { status: response.status, headers: response.headers, text, data, errors }
  }
  const ask: GraphqlGateway['ask'] = (query, variables = {}, headers = {}) =>
    read('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
  const clients: SocketClient[] = []
  const socketClient = () => {
    const client = createSocketClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 })
    clients.push(client)
    return client
  }
  return {
    ...gateway,
    edge,
    port,
    url,
    ask,
    fetch: read,
    socketClient,
    data: async <T>(query: string, variables = {}) => {
      const answer = await ask(query, variables)
      expect(answer.errors).toEqual([])
      // What the test asked for is what it gets: the schema has typed it.
      return answer.data as T
    },
    listen: (transport, query, heard) => {
      const sink = { next: heard, error: () => {}, complete: () => {} }
      if (transport === 'graphql-ws') return socketClient().subscribe({ query }, sink)
      return createSseClient({ url, retryAttempts: 0 }).subscribe({ query }, sink)
    },
    events: <T>(transport: Transport, query: string, variables: Readonly<Record<string, unknown>> = {}) => {
      const payload = { query, variables: { ...variables } }
      const results =
        transport === 'sse'
          ? createSseClient({ url, retryAttempts: 0 }).iterate<Record<string, T>>(payload)
          : socketClient().iterate<Record<string, T>>(payload)
      return firstFields(results)
    },
    close: async () => {
      for (const client of clients) await client.dispose()
      await edge.dispose()
      await http.close(500)
      await gateway.close()
    },
  }
}

/** An answer that carried errors instead of an event. */
export class SubscriptionError extends Error {
  readonly code: unknown
  readonly inputPath: unknown

  constructor(error: { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }) {
    super(error.message)
    this.code = error.extensions?.code
    this.inputPath = error.extensions?.inputPath
  }
}

type Result<T> = {
  readonly data?: Record<string, T> | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

async function* firstFields<T>(results: AsyncIterableIterator<unknown>): AsyncIterableIterator<T> {
  // Both clients give execution results; their types differ in what they call extensions.
  for await (const result of results as AsyncIterableIterator<Result<T>>) {
    const [error] = result.errors ?? []
    if (error !== undefined) throw new SubscriptionError(error)
    const [event] = Object.values(result.data ?? {})
    if (event !== undefined) yield event
  }
}
