import { createContext, type Gateway } from '#resolvers/context.ts'
import { onceOverRest } from '#rest/keyed.ts'
import { nomadListenerSurface } from '#rest/nomad/surface.ts'
import { createRouter } from '#rest/router.ts'
import { createHttpServer, type HttpOptions, type HttpServer } from './http.ts'

/** Makes the listener for Nomad's own clients: its surface alone, with all that the command line asks for. */
export function createNomadListener(gateway: Gateway, options: Omit<HttpOptions, 'report'>): HttpServer {
  const { log } = gateway
  const route = createRouter([nomadListenerSurface], {
    keyed: onceOverRest,
    report: (error, { method, path }) => log.error(`${method} ${path} failed`, error),
  })
  const report = (error: unknown) => log.error('A request failed', error)
  return createHttpServer(
    async (request, meta) => {
      const answer = await route(() => createContext(gateway, meta.signal), request, meta)
      return answer ?? new Response('404 page not found\n', { status: 404 })
    },
    { ...options, report },
  )
}
