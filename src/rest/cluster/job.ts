import type { Context } from '#resolvers/context.ts'
import type { Route } from '../route.ts'

/** The jobs of the cluster. */
export const jobRoutes: readonly Route<Context>[] = []
