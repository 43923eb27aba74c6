import { randomUUID } from 'node:crypto'
import { createGraphql } from '#edge/graphql.ts'
import { validateWithin } from '#edge/graphql-plugin.ts'
import { createHttpServer, type HttpServer } from '#edge/http.ts'
import { createNomadListener } from '#edge/nomad-listener.ts'
import { readPersistedDocuments } from '#edge/persisted-document.ts'
import { createUsage, type Usage } from '#edge/usage.ts'
import { addGauges } from '#edge/usage-gauge.ts'
import { startHousekeeping } from '#engine/housekeeping.ts'
import type { Gateway, Log } from '#resolvers/context.ts'
import { ensureBuiltinErrors } from '#store/job-error.ts'
import { openStore, type Store } from '#store/store.ts'
import { type App, createApp } from './app.ts'
import type { Config } from './config.ts'
import { startEngines } from './engines.ts'
import { type Home, openHome } from './home.ts'
import { checkSecretKeys } from './secret-key.ts'

/** A gateway that serves. */
export type Server = {
  readonly url: string
  readonly gateway: Gateway
  /** Drains and stops: nothing accepted is lost, streams end with a cursor to resume from. */
  readonly stop: () => Promise<void>
}

const engineGraceMs = 8_000
const httpGraceMs = 3_000

/** Puts a gateway together and starts it: config → store → engine → app → HTTP and WebSocket. */
export async function startServer(config: Config, log: Log): Promise<Server> {
  const { graphiql, introspection, persistedOnly, persistedDocuments: directory } = config
  const persistedDocuments =
    directory === null ? new Map() : readPersistedDocuments(directory, validateWithin(introspection))
  const home = openHome(config.dataDirectory)
  let app: App | null = null
  let isOpen = false
  const http = createHttpServer(async (request, meta) => (app === null ? starting() : app(request, meta)), {
    host: config.host,
    port: config.port,
    allowedHosts: config.allowedHosts,
    allowedOrigins: config.allowedOrigins,
    warn: log.warn,
    report: (error) => log.error('A request failed', error),
  })
  const { port } = await http.listen()
  try {
    const store = await openStore({
      url: config.databaseUrl,
      directory: home.database,
      keys: [...config.secretKeys, home.secretKey],
      log: (message, error) => log.error(message, error),
    })
    await checkSecretKeys(store)
    await ensureBuiltinErrors(store.db)
    const gateway = createGateway(config, log, store, home)
    const usage = createUsage(gateway.now)
    const graphql = createGraphql(gateway, {
      usage,
      graphiql,
      introspection,
      persistedDocuments,
      persistedOnly,
    })
    graphql.attach(http)
    const stopGauges = addGauges(usage.registry, gateway, graphql)
    const housekeeping = startHousekeeping(store, (message, error) => log.error(message, error))
    const engines = await startEngines(config, gateway, home)
    const nomad = await openNomadListener(config, gateway, usage)
    app = createApp(gateway, { graphql, usage, isOpen: () => isOpen })
    isOpen = true
    const stop = async () => {
      isOpen = false
      await engines.stop(engineGraceMs)
      await housekeeping.stop()
      // Before the feed: a stream that ends by itself would tell its client not to come back.
      await graphql.dispose()
      await store.feed.stop()
      await Promise.all([http.close(httpGraceMs), nomad?.close(httpGraceMs)])
      await store.close()
      stopGauges()
      home.leave()
    }
    return { url: `http://${display(config.host)}:${port}`, gateway, stop }
  } catch (error) {
    await http.close(0)
    home.leave()
    throw error
  }
}

function createGateway(config: Config, log: Log, store: Store, home: Home): Gateway {
  return {
    store,
    log,
    now: () => new Date(),
    newId: randomUUID,
    workspaceMode: config.workspaceMode,
    workspacesDirectory: home.workspaces,
    revealSecrets: config.revealSecrets,
    jobSpecMode: config.nomadStrict ? 'strict' : 'lenient',
  }
}

/** The listener for Nomad's own clients, where one is asked for. */
async function openNomadListener(config: Config, gateway: Gateway, usage: Usage): Promise<HttpServer | null> {
  if (config.nomadPort === null) return null
  const { host, allowedHosts, allowedOrigins } = config
  const listener = createNomadListener(gateway, { host, port: config.nomadPort, allowedHosts, allowedOrigins }, usage)
  await listener.listen()
  return listener
}

/** The embedded database takes seconds to start; whoever asks meanwhile is told to come back. */
function starting(): Response {
  return new Response('starting', { status: 503, headers: { 'Retry-After': '1', 'Content-Type': 'text/plain' } })
}

function display(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
