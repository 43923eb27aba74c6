import type { Gateway } from '#resolvers/context.ts'
import { nomadListenerSurface } from '#rest/nomad/surface.ts'
import { createHttpServer, type Handler, type HttpOptions, type HttpServer } from './http.ts'
import { logged } from './request-log.ts'
import { createRestFace } from './rest-face.ts'
import { createUsage, type Usage } from './usage.ts'

/**
 * Makes the listener for Nomad's own clients: its surface alone, with all that the command line asks for. What it
 * answers is counted in `usage`; without one it counts for itself.
 */
export function createNomadListener(
  gateway: Gateway,
  options: Omit<HttpOptions, 'report' | 'warn'>,
  usage: Usage = createUsage(gateway.now),
): HttpServer {
  const route = createRestFace(gateway, [nomadListenerSurface], usage)
  const report = (error: unknown) => gateway.log.error('A request failed', error)
  const answer: Handler = async (request, meta) =>
    (await route(request, meta)) ?? new Response('404 page not found\n', { status: 404 })
  return createHttpServer(logged(gateway, answer), { ...options, warn: gateway.log.warn, report })
}
