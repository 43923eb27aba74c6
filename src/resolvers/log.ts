import { badInput } from '#model/error.ts'
import type { LogLine } from '#model/log.ts'
import { type ExecutionStatus, endedExecutionStatuses } from '#model/status.ts'
import { findExecutions } from '#store/execution.ts'
import { findLines, type LineQuery } from '#store/log.ts'
import type { Context } from './context.ts'
import { nextTouch, type Stream, stoppable } from './wait.ts'

const tailBatch = 500
const floorMs = 1_000
/** How long a canceled execution may still deliver what its command had written. */
const afterCancelMs = 15_000

/** Lines of an execution's log, in order; at most `limit` (up to 10,000). */
export async function listLines(ctx: Context, query: LineQuery): Promise<readonly LogLine[]> {
  if (query.limit < 0 || query.limit > 10_000) throw badInput('At most 10000 log lines can be read at once.')
  return findLines(ctx.store.db, query)
}

/** Which part of a log to follow. */
export type TailQuery = { readonly executionId: number; readonly after: number; readonly stream?: string }

/** Lines that arrived together, and whether the log ends with them. */
export type TailBatch = { readonly lines: readonly LogLine[]; readonly ended: boolean }

/**
 * Follows an execution's log after an order number: what is there, then what comes, each line once and in order. The
 * stream ends after the last line of an ended execution, with a batch that says so.
 */
export function followLog(ctx: Context, query: TailQuery): Stream<TailBatch> {
  return stoppable(ctx.signal, (signal) => tail(ctx, query, signal))
}

async function* tail(ctx: Context, query: TailQuery, signal: AbortSignal): AsyncGenerator<TailBatch, void, undefined> {
  const { executionId } = query
  const { feed, db } = ctx.store
  let after = query.after
  while (!signal.aborted && !feed.isStopped) {
    const touched = nextTouch(feed, `log:${executionId}`, floorMs, signal)
    // The status is read before the lines: an execution that had ended then has no line that is not found now.
    const ended = await hasEnded(ctx, executionId)
    const stream = query.stream === undefined ? {} : { stream: query.stream }
    const lines = await findLines(db, { executionId, after, limit: tailBatch, ...stream })
    const last = lines.at(-1)
    if (last !== undefined) after = last.order
    const complete = ended && lines.length < tailBatch
    if (lines.length > 0 || complete) yield { lines, ended: complete }
    if (complete) touched.forget()
    if (complete) return
    if (lines.length === 0) await touched.promise
    touched.forget()
  }
}

async function hasEnded(ctx: Context, executionId: number): Promise<boolean> {
  const [execution] = await findExecutions(ctx.store.db, [executionId])
  if (execution === undefined) return true
  if (!isEnd(execution.status)) return false
  if (execution.status !== 'CANCELED' || execution.endedAt === null) return true
  return ctx.now().getTime() - Date.parse(execution.endedAt) > afterCancelMs
}

function isEnd(status: ExecutionStatus): boolean {
  return endedExecutionStatuses.includes(status)
}
