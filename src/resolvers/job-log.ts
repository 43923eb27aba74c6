import { noRow } from '#model/error.ts'
import type { LogLine } from '#model/log.ts'
import { endedJobStatuses } from '#model/status.ts'
import { findLinesAfter, findTailedJob, type TailedExecution, type TailedJob } from '#store/log-tail.ts'
import type { Context } from './context.ts'
import { admit, checkJobPlace, decodeJobPlace, encodeJobPlace, type JobPlace, mostOpen } from './job-log-place.ts'
import { gapIn, isWritten, type LogGap } from './log.ts'
import { createLogBell } from './log-bell.ts'
import { type Stream, stoppable } from './wait.ts'

/** Of how many executions lines are read in one statement, and of each at least how many chunks. */
const readAtOnce = 32
const chunksAtOnce = 4
const linesPerBatch = 500

/** Which logs to follow, and from where: after a cursor, or of what is there the last lines of each execution. */
export type JobTailQuery = {
  readonly jobId: number
  readonly after?: string
  readonly last?: number
  /** How many executions that are not read to their end are followed at once; absent means 2,000. */
  readonly mostOpen?: number
}

/** Lines of a job's executions that arrived together, what was trimmed away before them, and the place after them. */
export type JobTailBatch = {
  readonly lines: readonly LogLine[]
  readonly gaps: readonly LogGap[]
  readonly cursor: string
  /** Whether the job is over and these are the last lines of its last execution. */
  readonly isEnd: boolean
}

/**
 * Follows the logs of all executions of a job of either family, also of those that are made meanwhile: each line once,
 * those of one execution in order. It ends with a queued job, and with a service job that was deregistered.
 * @throws DomainError NOT_FOUND for an unknown job, BAD_USER_INPUT or FOREIGN_CURSOR for a bad cursor
 */
export async function followJobLog(ctx: Context, query: JobTailQuery): Promise<Stream<JobTailBatch>> {
  const { jobId } = query
  const { db, id: storeId } = ctx.store
  const kept = query.after === undefined ? null : decodeJobPlace(storeId, jobId, query.after)
  // All that the cursor names, also those of which nothing is new.
  const read = [...(kept?.open.keys() ?? [])].map((number) => ({ number, order: -1 }))
  const job = await findTailedJob(db, jobId, { read, above: kept?.seen ?? 0, limit: 0 })
  if (job === null) throw noRow('job', jobId, ['job'])
  if (kept !== null) checkJobPlace(kept, job)
  const tail = query.last === undefined ? null : { last: query.last, upTo: job.newest }
  const place = kept ?? { seen: 0, open: new Map(), tail }
  return stoppable(ctx.signal, (signal) => follow(ctx, jobId, place, query.mostOpen ?? mostOpen, signal))
}

async function* follow(
  ctx: Context,
  jobId: number,
  place: JobPlace,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<JobTailBatch, void, undefined> {
  const { feed, db, id: storeId } = ctx.store
  const bell = createLogBell(feed, jobId, signal)
  /** Those that are to be looked at though nothing rang for them. */
  let owed = new Set<number>()
  let isAll = true
  try {
    while (!signal.aborted && !feed.isStopped) {
      bell.listen(new Set([...place.open.values()].map(({ id }) => id)))
      const rung = owed.size === 0 && !isAll ? await bell.next() : { executionIds: new Set<number>(), isAll }
      const asked = [...place.open].flatMap(([number, { id, order }]) =>
        rung.isAll || owed.has(number) || rung.executionIds.has(id) ? [{ number, order }] : [],
      )
      const limit = Math.max(0, most - place.open.size)
      const job = await findTailedJob(db, jobId, { read: asked, above: place.seen, limit })
      // Who is new is listened to before it is looked at again.
      isAll = admit(place, job?.executions ?? [])
      const unread = (job?.executions ?? []).filter(({ number, lineCount }) => lineCount > orderOf(place, number))
      for (const batch of merge(await read(ctx, place, unread))) {
        for (const { executionId, upTo, number } of batch.reached)
          place.open.set(number, { id: executionId, order: upTo })
        yield { ...batch, cursor: encodeJobPlace(storeId, jobId, place), isEnd: false }
      }
      owed = new Set(unread.flatMap(({ number, lineCount }) => (lineCount > orderOf(place, number) ? [number] : [])))
      closeRead(place, job, ctx.now())
      if (job === null || (isOver(job) && place.open.size === 0 && place.seen >= job.newest)) {
        yield { lines: [], gaps: [], cursor: encodeJobPlace(storeId, jobId, place), isEnd: true }
        return
      }
      // Those that waited for room join as soon as there is some.
      isAll ||= place.seen < job.newest && place.open.size < most
    }
  } finally {
    bell.close()
  }
}

function orderOf({ open }: JobPlace, number: number): number {
  return open.get(number)?.order ?? 0
}

function isOver({ family, status, isDeregistered }: TailedJob): boolean {
  return family === 'queued' ? endedJobStatuses.includes(status) : isDeregistered
}

function closeRead(place: JobPlace, job: TailedJob | null, now: Date): void {
  for (const execution of job?.executions ?? [])
    if (isWritten(execution, now) && orderOf(place, execution.number) >= execution.lineCount)
      place.open.delete(execution.number)
}

/** Something that was read: a line with what was trimmed away before it, or what was trimmed at the end. */
type Item = {
  readonly executionId: number
  readonly number: number
  readonly line: LogLine | null
  readonly gap: LogGap | null
  readonly upTo: number
  readonly at: number
}

async function read(ctx: Context, place: JobPlace, unread: readonly TailedExecution[]): Promise<Item[]> {
  // Those that waited longest come first: who is read goes to the end of the map below.
  const ranks = new Map([...place.open.keys()].map((number, rank) => [number, rank]))
  const picked = unread.toSorted((a, b) => (ranks.get(a.number) ?? 0) - (ranks.get(b.number) ?? 0)).slice(0, readAtOnce)
  if (picked.length === 0) return []
  const places = picked.map(({ id, number }) => ({ executionId: id, after: orderOf(place, number) }))
  const found = await findLinesAfter(ctx.store.db, places, chunksAtOnce)
  return picked.flatMap(({ id: executionId, number, lineCount }, index) => {
    const { lines = [], isWhole = true } = found[index] ?? {}
    const log = place.open.get(number)
    if (log !== undefined && place.open.delete(number)) place.open.set(number, log)
    const items: Item[] = []
    let [after, at] = [places[index]?.after ?? 0, 0]
    for (const line of lines) {
      // Times may run back; the order within the execution must not.
      at = Math.max(at, Date.parse(line.at))
      items.push({
        executionId,
        number,
        line,
        at,
        upTo: line.order,
        gap: gapIn(executionId, after, line.order, [line]),
      })
      after = line.order
    }
    const gap = isWhole ? gapIn(executionId, after, lineCount, []) : null
    if (gap !== null) items.push({ executionId, number, line: null, at, upTo: lineCount, gap })
    return items
  })
}

/** The items by time, in batches; sorting is stable, so those of one execution stay in their order. */
function merge(items: readonly Item[]) {
  const sorted = items.toSorted((a, b) => a.at - b.at)
  return Array.from({ length: Math.ceil(sorted.length / linesPerBatch) }, (_, place) => {
    const own = sorted.slice(place * linesPerBatch, (place + 1) * linesPerBatch)
    const gaps = [...Map.groupBy(own, ({ number }) => number).values()].flatMap(joined)
    return { lines: own.flatMap(({ line }) => line ?? []), gaps, reached: own }
  })
}

/** The gaps of one execution as one. */
function joined(items: readonly Item[]): LogGap[] {
  const gaps = items.flatMap(({ gap }) => gap ?? [])
  const [first, last] = [gaps[0], gaps.at(-1)]
  if (first === undefined || last === undefined) return []
  return [{ ...first, lineCount: gaps.reduce((sum, { lineCount }) => sum + lineCount, 0), lastOrder: last.lastOrder }]
}
