import { badInput } from '#model/error.ts'
import {
  type AllocationLogger,
  isLoggerLevel,
  type LoggerLevel,
  type LoggerSetting,
  loggerLevels,
} from '#model/logger.ts'
import { findAllocationLoggers, findDefaultLoggers, upsertDefaultLogger, upsertLoggerOverride } from '#store/logger.ts'
import type { Context } from './context.ts'
import { getLogAllocation, tasksOf } from './log-source.ts'

/** The default loggers by name: every log with levels (at first `info`), and those that were set by themselves. */
export async function listDefaultLoggers(ctx: Context): Promise<readonly (LoggerSetting & { level: LoggerLevel })[]> {
  return findDefaultLoggers(ctx.store.db)
}

/**
 * Sets a default logger, known or not, and returns all of them.
 * @throws DomainError BAD_USER_INPUT for a level that is none
 */
export async function setDefaultLogger(ctx: Context, logger: string, level: string) {
  await upsertDefaultLogger(ctx.store, logger, levelOf(level))
  return listDefaultLoggers(ctx)
}

/**
 * The loggers of an allocation by name; where nothing was set for it, the default stands.
 * @throws DomainError NOT_FOUND for an unknown allocation
 */
export async function listAllocationLoggers(ctx: Context, uuid: string): Promise<readonly AllocationLogger[]> {
  const allocation = await getLogAllocation(ctx, uuid)
  return findAllocationLoggers(ctx.store.db, allocation, await tasksOf(ctx, allocation))
}

/**
 * Sets a logger of one allocation, known or not, and returns all of that allocation. An empty level goes back to the
 * default.
 * @throws DomainError NOT_FOUND for an unknown allocation, BAD_USER_INPUT for a level that is none
 */
export async function setAllocationLogger(ctx: Context, uuid: string, logger: string, level: string) {
  const wanted = level === '' ? null : levelOf(level)
  const { executionId } = await getLogAllocation(ctx, uuid)
  await upsertLoggerOverride(ctx.store, executionId, logger, wanted)
  return listAllocationLoggers(ctx, uuid)
}

function levelOf(word: string): LoggerLevel {
  if (isLoggerLevel(word)) return word
  throw badInput(`A log level is one of ${loggerLevels.join(', ')}.`, { path: ['level'] })
}
