import { type AllocationLogger, effectiveLevel, type LoggerLevel } from '#model/logger.ts'
import { listAllocationLoggers, listDefaultLoggers } from '#resolvers/logger.ts'
import { builder } from './builder.ts'
import { longestList } from './connection.ts'
import { orNull } from './input.ts'

/** The levels of loggers. */
export const LoggerLevelEnum = builder.enumType('LoggerLevel', {
  description: 'How much a logger tells, from `DEBUG`, which tells most, to `PANIC`; in lower case in REST.',
  values: {
    DEBUG: { value: 'debug', description: 'Everything, for whoever looks for a fault.' },
    INFO: { value: 'info', description: 'What goes on as it should. Where nothing was set, this holds.' },
    WARNING: { value: 'warning', description: 'What may become a fault.' },
    ERROR: { value: 'error', description: 'What failed.' },
    FATAL: { value: 'fatal', description: 'What the task cannot survive.' },
    PANIC: { value: 'panic', description: 'What must never happen.' },
  },
})

/** A logger by default. */
export const DefaultLoggerRef = builder
  .objectRef<{ readonly logger: string; readonly level: LoggerLevel }>('DefaultLogger')
  .implement({
    description: 'A logger and its default level. Mirrors a member of `GET /v1/log/defaults`.',
    fields: (t) => ({
      logger: t.exposeString('logger', { description: 'The name of the logger.' }),
      level: t.expose('level', { type: LoggerLevelEnum, description: 'Its level where an allocation has no other.' }),
    }),
  })

/** A logger of one allocation. */
export const AllocationLoggerRef = builder.objectRef<AllocationLogger>('AllocationLogger').implement({
  description: 'A logger of one allocation. Mirrors a member of `GET /v1/log/allocs/{alloc}`.',
  fields: (t) => ({
    logger: t.exposeString('logger', { description: 'The name of the logger.' }),
    level: t.expose('level', {
      type: LoggerLevelEnum,
      nullable: true,
      description: 'The level that was set for this allocation; null, an empty text in REST, means the default.',
    }),
    defaultLevel: t.expose('defaultLevel', { type: LoggerLevelEnum, description: 'The default of the logger.' }),
    effectiveLevel: t.field({
      type: LoggerLevelEnum,
      description: 'The level by which it really goes.',
      resolve: effectiveLevel,
    }),
  }),
})

builder.queryField('defaultLoggers', (t) =>
  t.field({
    type: [DefaultLoggerRef],
    description:
      'The default loggers by name: every log with levels, and those that were set by themselves; at most the first 10,000. Mirrors `GET /v1/log/defaults`.',
    resolve: async (_root, _args, { ctx }) => (await listDefaultLoggers(ctx)).slice(0, longestList),
  }),
)

builder.queryField('allocationLoggers', (t) =>
  t.field({
    type: [AllocationLoggerRef],
    nullable: true,
    description:
      'The loggers of an allocation by name, at most the first 10,000; null where there is no such allocation. Mirrors `GET /v1/log/allocs/{alloc}`.',
    args: { allocation: t.arg.string({ required: true, description: 'The UUID of the allocation.' }) },
    resolve: async (_root, { allocation }, { ctx }) =>
      (await orNull(listAllocationLoggers(ctx, allocation)))?.slice(0, longestList) ?? null,
  }),
)
