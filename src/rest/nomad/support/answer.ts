/** How the supporting routes are described: they are no document's, so their replies have no schema. */
import type { Context } from '#resolvers/context.ts'
import type { Method, Route } from '../../route.ts'

/** A supporting route; it is served on the listener of its own alone, and OpenAPI does not show it. */
export function support(
  method: Method,
  path: string,
  id: string,
  summary: string,
  handler: Route<Context>['handler'],
): Route<Context> {
  return { surface: 'nomad', method, path, id, summary, replies: { 200: { doc: summary } }, handler }
}
