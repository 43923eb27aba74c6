import { loggerLevels } from '#model/logger.ts'
import type { Context } from '#resolvers/context.ts'
import { listAllocationLoggers, listDefaultLoggers, setAllocationLogger, setDefaultLogger } from '#resolvers/logger.ts'
import type { Route } from '../route.ts'
import { named } from '../shape.ts'
import { badRequest, posted, unknown } from './error.ts'
import { answer, fromLogger, toLoggers } from './wire.ts'

/** The schemas of loggers: levels by the name of the logger. */
export const loggerSchemas = {
  ClusterLoggers: { type: 'object', additionalProperties: { type: 'string', enum: [...loggerLevels] } },
  ClusterAllocationLoggers: { type: 'object', additionalProperties: { type: 'string', enum: ['', ...loggerLevels] } },
} as const

const defaults = { doc: 'The default loggers.', schema: named('ClusterLoggers') }
const allocations = {
  doc: 'The loggers of the allocation; an empty level means the default.',
  schema: named('ClusterAllocationLoggers'),
}

/** The levels of loggers, by default and by allocation. */
export const loggerRoutes: readonly Route<Context>[] = [
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/log/defaults',
    id: 'getClusterDefaultLoggers',
    summary: 'Shows the default loggers.',
    doc: 'Levels by the name of the logger.',
    replies: { 200: defaults },
    handler: async (ctx) => answer(toLoggers(await listDefaultLoggers(ctx))),
  },
  {
    surface: 'cluster',
    method: 'POST',
    path: '/v1/log/defaults/{logger}',
    id: 'setClusterDefaultLogger',
    summary: 'Sets a default logger.',
    doc: 'The body names the logger of the path and nothing else. One that nobody knows is made.',
    accepts: ['application/json'],
    body: named('ClusterLoggers'),
    replies: { 200: defaults, 400: badRequest },
    handler: async (ctx, request) => {
      const { logger = '' } = request.params
      return answer(toLoggers(await setDefaultLogger(ctx, logger, fromLogger(posted(request), logger))))
    },
  },
  {
    surface: 'cluster',
    method: 'GET',
    path: '/v1/log/allocs/{alloc}',
    id: 'getClusterAllocationLoggers',
    summary: 'Shows the loggers of an allocation.',
    doc: 'Levels by the name of the logger; an empty one was not set for the allocation, and the default counts.',
    replies: { 200: allocations, 404: unknown },
    handler: async (ctx, request) => answer(toLoggers(await listAllocationLoggers(ctx, request.params.alloc ?? ''))),
  },
  {
    surface: 'cluster',
    method: 'POST',
    path: '/v1/log/allocs/{alloc}/{logger}',
    id: 'setClusterAllocationLogger',
    summary: 'Sets a logger of an allocation; an empty level goes back to the default.',
    doc: 'The body names the logger of the path and nothing else.',
    accepts: ['application/json'],
    body: named('ClusterAllocationLoggers'),
    replies: { 200: allocations, 400: badRequest, 404: unknown },
    handler: async (ctx, request) => {
      const { alloc = '', logger = '' } = request.params
      const level = fromLogger(posted(request), logger)
      return answer(toLoggers(await setAllocationLogger(ctx, alloc, logger, level)))
    },
  },
]
