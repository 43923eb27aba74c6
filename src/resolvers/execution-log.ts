import { notFound } from '#model/error.ts'
import type { Execution } from '#model/execution.ts'
import type { LogLine } from '#model/log.ts'
import type { Context } from './context.ts'
import { listLines } from './log.ts'

/** As many lines as one answer of the Scale v6 log route holds. */
const mostLines = 10_000

/** Which part of an execution's log to read. */
export type LogQuery = {
  readonly executionId: number
  /** Only these streams; absent means all. */
  readonly streams?: readonly string[]
  /** Only lines of this moment or later, as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. */
  readonly from?: string
}

/**
 * The lines of an execution's log by time and then order number, at most 10,000 (Scale v6 "Job Execution Log").
 * @throws DomainError NOT_FOUND for an unknown execution
 */
export async function readLog(
  ctx: Context,
  query: LogQuery,
): Promise<{ readonly execution: Execution; readonly lines: readonly LogLine[] }> {
  const execution = await ctx.loaders.execution.load(query.executionId)
  if (execution === null) throw notFound(`There is no execution ${query.executionId}.`)
  const found = await listLines(ctx, { ...query, limit: mostLines })
  const timed = found.map((line) => ({ line, at: toMicroseconds(line.at) }))
  // The store compares to the millisecond; workers may tell more.
  const wanted = query.from === undefined ? timed : timed.filter(({ at }) => at >= (query.from ?? at))
  wanted.sort((a, b) => (a.at === b.at ? a.line.order - b.line.order : a.at < b.at ? -1 : 1))
  return { execution, lines: wanted.map(({ line }) => line) }
}

/** The same UTC time with six digits of a second, so that texts compare as instants do. */
function toMicroseconds(at: string): string {
  const [whole = '', fraction = ''] = at.replace(/Z$/, '').split('.')
  return `${whole}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}
