import { type Context, createContext, type Gateway } from '#resolvers/context.ts'
import { onceOverRest } from '#rest/keyed.ts'
import type { RequestMeta, Surface } from '#rest/route.ts'
import { createRouter } from '#rest/router.ts'
import type { Asked, Usage } from './usage.ts'

/** What stands for all paths and methods that have no route, so that no client can make up labels. */
const unmatched: Asked = { surface: 'none', id: 'unmatched' }

/** Serves surfaces of a gateway and counts what they answer; null where no surface owns the path, which is counted too. */
export function createRestFace(
  gateway: Gateway,
  surfaces: readonly Surface<Context>[],
  usage: Usage,
): (request: Request, meta: RequestMeta) => Promise<Response | null> {
  const route = createRouter(surfaces, {
    keyed: onceOverRest,
    report: (error, { method, path }) => gateway.log.error(`${method} ${path} failed`, error),
  })
  return async (request, meta) => {
    const started = performance.now()
    let asked = unmatched
    let slept = false
    const onSleep = () => {
      slept = true
      return usage.fellAsleep()
    }
    const make = () => ({ ...createContext(gateway, meta.signal), onSleep })
    const answer = await route(make, request, meta, ({ surface, id }) => {
      asked = { surface, id }
    })
    usage.answered(asked, answer?.status ?? 404, slept ? null : (performance.now() - started) / 1000)
    return answer
  }
}
