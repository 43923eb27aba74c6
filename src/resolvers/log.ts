import { badInput } from '#model/error.ts'
import type { Execution } from '#model/execution.ts'
import type { LogLine } from '#model/log.ts'
import { endedExecutionStatuses } from '#model/status.ts'
import { findLines, type LineQuery } from '#store/log.ts'
import { findMissing, findTailedExecution } from '#store/log-tail.ts'
import { reading } from '#store/store.ts'
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

/** Which lines of a log are wanted: members are joined by AND, values of one member by OR; an absent member means any. */
export type LineFilter = {
  readonly streams?: readonly string[]
  readonly tasks?: readonly string[]
  /** A text that occurs in the line. */
  readonly contains?: string
  /** Whether `contains` looks past the case of letters. */
  readonly ignoreCase?: boolean
}

/** A test for the lines that a filter means. */
export function lineTest({ streams, tasks, contains, ignoreCase }: LineFilter): (line: LogLine) => boolean {
  const [wantedStreams, wantedTasks] = [streams && new Set(streams), tasks && new Set(tasks)]
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text)
  const wanted = contains === undefined ? undefined : fold(contains)
  return ({ stream, task, bytes }) =>
    (wantedStreams?.has(stream) ?? true) &&
    (wantedTasks?.has(task) ?? true) &&
    (wanted === undefined || fold(new TextDecoder().decode(bytes)).includes(wanted))
}

/** Lines of one execution that were trimmed away before they were read. */
export type LogGap = {
  readonly executionId: number
  readonly lineCount: number
  /** The order number of the first and of the last of them; lines that are kept may lie between. */
  readonly firstOrder: number
  readonly lastOrder: number
}

/** What of the order numbers after one place is missing among lines up to another; null where nothing is. */
export function gapIn(executionId: number, after: number, upTo: number, lines: readonly LogLine[]): LogGap | null {
  const lineCount = upTo - after - lines.length
  if (lineCount <= 0) return null
  const hole = lines.findIndex(({ order }, place) => order !== after + 1 + place)
  const firstOrder = after + 1 + (hole < 0 ? lines.length : hole)
  const back = lines.toReversed().findIndex(({ order }, place) => order !== upTo - place)
  return { executionId, lineCount, firstOrder, lastOrder: upTo - (back < 0 ? lines.length : back) }
}

/** Which log to follow, after which order number, and of which streams; absent means of all. */
export type TailQuery = { readonly executionId: number; readonly after: number; readonly streams?: readonly string[] }

/** Lines that arrived together, what is missing of them, and whether the log ends with them. */
export type TailBatch = {
  readonly lines: readonly LogLine[]
  /** What was trimmed away up to `upTo`, of whichever stream. */
  readonly gap: LogGap | null
  /** The order number up to which everything was read; later than the last line where others were passed over. */
  readonly upTo: number
  readonly ended: boolean
}

/**
 * Follows an execution's log after an order number: what is there, then what comes, each line once and in order. The
 * stream ends after the last line of an ended execution, with a batch that says so. A batch may have no lines.
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
    try {
      // The status is read before the lines: an execution that had ended then has no line that is not found now.
      const execution = await findTailedExecution(db, executionId)
      const written = execution?.lineCount ?? 0
      const isOver = execution === null || isWritten(execution, ctx.now())
      const { isFull, ...batch } = written > after ? await readOn(ctx, { ...query, after }, written) : nothing(after)
      const ended = isOver && !isFull
      if (batch.upTo > after || ended) yield { ...batch, ended }
      if (ended) return
      after = batch.upTo
      if (!isFull) await touched.promise
    } finally {
      touched.forget()
    }
  }
}

/** What was read at once; `isFull` means that there may be more. */
type Part = Omit<TailBatch, 'ended'> & { readonly isFull: boolean }

function nothing(upTo: number): Part {
  return { lines: [], gap: null, upTo, isFull: false }
}

/** Reads on, knowing how many lines were written. */
function readOn({ store }: Context, { executionId, after, streams }: TailQuery, written: number): Promise<Part> {
  const read = async (db: typeof store.db): Promise<Part> => {
    const lines = await findLines(db, { executionId, after, limit: tailBatch, ...(streams ? { streams } : {}) })
    const isFull = lines.length === tailBatch
    const last = lines.at(-1)?.order ?? after
    const upTo = isFull ? last : Math.max(written, last)
    if (!streams) return { lines, gap: gapIn(executionId, after, upTo, lines), upTo, isFull }
    const missing = await findMissing(db, executionId, after, upTo)
    return { lines, gap: missing && { executionId, ...missing }, upTo, isFull }
  }
  // Lines and count of one moment: what is trimmed in between must be neither told twice nor lost.
  return streams ? reading(store, read) : read(store.db)
}

/** Whether no more lines can come of an execution: it has ended, and has had its time to deliver where it was canceled. */
export function isWritten(
  { family, status, endedAt }: Pick<Execution, 'family' | 'status' | 'endedAt'>,
  now: Date,
): boolean {
  if (!endedExecutionStatuses.includes(status)) return false
  // An allocation ends when its node says so, and that is after its last lines.
  if (family === 'service' || status !== 'CANCELED' || endedAt === null) return true
  return now.getTime() - Date.parse(endedAt) > afterCancelMs
}
