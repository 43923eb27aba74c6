import { createApp } from '../../src/app.ts'
import { createGraphql, type GraphqlEdge } from '../../src/edge/graphql.ts'
import { createHttpServer } from '../../src/edge/http.ts'
import { createUsage, type Usage } from '../../src/edge/usage.ts'
import { addGauges } from '../../src/edge/usage-gauge.ts'
import { openTestGateway, type TestGateway } from './gateway.ts'

/** A gateway with all that one port serves. */
export type TestApp = TestGateway & {
  readonly url: string
  readonly graphql: GraphqlEdge
  readonly usage: Usage
  /** Asks the port for a path. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
}

/** Opens a whole gateway on either database and serves it on a free port. */
export async function openApp(kind: 'pglite' | 'postgres'): Promise<TestApp> {
  const test = await openTestGateway(kind)
  const usage = createUsage(test.gateway.now)
  const graphql = createGraphql(test.gateway, { usage })
  const stopGauges = addGauges(usage.registry, test.gateway, graphql)
  const app = createApp(test.gateway, { graphql, usage, isOpen: () => true })
  const http = createHttpServer(app, {
    host: '127.0.0.1',
    port: 0,
    warn: test.gateway.log.warn,
    report: (error) => test.bugs.push(error),
  })
  graphql.attach(http)
  const { port } = await http.listen()
  const url = `http://127.0.0.1:${port}`
  return {
    ...test,
    url,
    graphql,
    usage,
    get: (path, init) => fetch(`${url}${path}`, init),
    close: async () => {
      await graphql.dispose()
      await http.close(500)
      stopGauges()
      await test.close()
    },
  }
}
