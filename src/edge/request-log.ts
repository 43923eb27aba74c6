import type { Gateway } from '#resolvers/context.ts'
import type { RequestMeta } from '#rest/route.ts'
import type { Handler } from './http.ts'

/** The target without its query, which may hold what is nobody's business. */
export function pathOf({ target }: RequestMeta): string {
  return target.split(/[?#]/, 1)[0] ?? '/'
}

/** Logs each request with its answer, once its head is there. */
export function logged({ log }: Gateway, answer: Handler): Handler {
  return async (request, meta) => {
    const started = performance.now()
    const response = await answer(request, meta)
    const ms = Math.round(performance.now() - started)
    log.debug('Answered', { method: request.method, path: pathOf(meta), status: response.status, ms })
    return response
  }
}
