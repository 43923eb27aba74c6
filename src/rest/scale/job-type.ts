import type { Context } from '#resolvers/context.ts'
import type { Route } from '../route.ts'

/** The routes of the Scale v6 job types document. */
export const jobTypeRoutes: readonly Route<Context>[] = []
