import type { Context } from '#resolvers/context.ts'
import type { Route } from '../route.ts'

/** The routes of the Scale v6 jobs document. */
export const jobRoutes: readonly Route<Context>[] = []
