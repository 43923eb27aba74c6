import type { AllocationLogger, LoggerLevel } from '#model/logger.ts'
import { setAllocationLogger, setDefaultLogger } from '#resolvers/logger.ts'
import { builder } from './builder.ts'
import { longestList } from './connection.ts'
import { resultOf } from './error.ts'
import { AllocationLoggerRef, DefaultLoggerRef, LoggerLevelEnum } from './logger.ts'

type Defaults = { readonly defaultLoggers: { readonly logger: string; readonly level: LoggerLevel }[] }

const DefaultPayloadRef = builder.objectRef<Defaults>('SetDefaultLoggerPayload').implement({
  description: 'The default loggers as they now stand.',
  fields: (t) => ({
    defaultLoggers: t.expose('defaultLoggers', {
      type: [DefaultLoggerRef],
      description: 'All of them by name, at most the first 10,000.',
    }),
  }),
})
const defaultResult = resultOf('SetDefaultLogger', DefaultPayloadRef, ['InvalidInputError'])

builder.mutationField('setDefaultLogger', (t) =>
  t.field({
    type: defaultResult.type,
    description: 'Sets a default logger, which need not be known. Mirrors `POST /v1/log/defaults/{logger}`.',
    args: {
      logger: t.arg.string({ required: true, description: 'The name of the logger.' }),
      level: t.arg({ type: LoggerLevelEnum, required: true, description: 'Its new level.' }),
    },
    resolve: (_root, { logger, level }, { ctx }) =>
      defaultResult.run(async () => ({
        defaultLoggers: (await setDefaultLogger(ctx, logger, level)).slice(0, longestList),
      })),
  }),
)

type OfAllocation = { readonly allocationLoggers: AllocationLogger[] }

const AllocationPayloadRef = builder.objectRef<OfAllocation>('SetAllocationLoggerPayload').implement({
  description: 'The loggers of the allocation as they now stand.',
  fields: (t) => ({
    allocationLoggers: t.expose('allocationLoggers', {
      type: [AllocationLoggerRef],
      description: 'All of them by name, at most the first 10,000.',
    }),
  }),
})
const allocationResult = resultOf('SetAllocationLogger', AllocationPayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('setAllocationLogger', (t) =>
  t.field({
    type: allocationResult.type,
    description:
      'Sets a logger of one allocation, which need not be known. Mirrors `POST /v1/log/allocs/{alloc}/{logger}`.',
    args: {
      allocation: t.arg.string({ required: true, description: 'The UUID of the allocation.' }),
      logger: t.arg.string({ required: true, description: 'The name of the logger.' }),
      level: t.arg({ type: LoggerLevelEnum, description: 'Its new level; absent or null goes back to the default.' }),
    },
    resolve: (_root, { allocation, logger, level }, { ctx }) =>
      allocationResult.run(async () => {
        const loggers = await setAllocationLogger(ctx, allocation, logger, level ?? '')
        return { allocationLoggers: loggers.slice(0, longestList) }
      }),
  }),
)
