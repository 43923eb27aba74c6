import { type Change, endOf, isAfter, origin, type Position } from '#model/change.ts'
import { DomainError, notFound } from '#model/error.ts'
import type { Execution } from '#model/execution.ts'
import type { Job } from '#model/job.ts'
import { endedJobStatuses, type JobStatus, jobStatuses } from '#model/status.ts'
import { findLogHead } from '#store/change.ts'
import { readExecutionSnapshot, readJobSnapshot, type Snapshot } from '#store/snapshot.ts'
import type { Context } from './context.ts'
import { follow, type Stream, stoppable } from './wait.ts'

/**
 * What a watcher is told. `position` is where to resume: everything up to it has been told. Amid a snapshot nothing
 * has been told completely, so the position there is the origin, and resuming from it gives a fresh snapshot.
 */
export type WatchEvent<T> =
  | { readonly kind: 'SNAPSHOT'; readonly position: Position; readonly row: T }
  | { readonly kind: 'CHANGE'; readonly position: Position; readonly change: Change }
  | { readonly kind: 'BOOKMARK'; readonly position: Position }

/** Where a watch starts. */
export type WatchStart = {
  /** Resume after this place; null or the origin start anew. */
  readonly after: Position | null
  /** Whether a watch that starts anew tells the present state first. */
  readonly snapshot: boolean
  /** How long and how many skipped changes pass before a bookmark; absent means 10 s and 1,000. */
  readonly pace?: { readonly bookmarkMs: number; readonly bookmarkChanges: number }
  /** The most rows that a first state may have; absent means 10,000. More is no first state but an export. */
  readonly mostRows?: number
}

const usualPace = { bookmarkMs: 10_000, bookmarkChanges: 1_000 }
const usualMost = 10_000

/** Which jobs to watch; kinds are joined by AND, and an absent one means any. */
export type JobWatch = WatchStart & { readonly ids?: readonly number[]; readonly jobTypeIds?: readonly number[] }

/**
 * Tells how queued jobs stand and every later change of their status, each once and in order. The first state is all
 * of the jobs named, or where none are named those that are not at their end.
 * @throws DomainError (from the stream) NOT_FOUND for a job that does not exist, TOO_LARGE for more than 10,000 rows,
 * COMPACTED or FOREIGN_CURSOR for a place that cannot be resumed from
 */
export function watchJobs(ctx: Context, watch: JobWatch): Stream<WatchEvent<Job>> {
  const { ids, jobTypeIds } = watch
  const isMeant = among(ids)
  const isOfType = among(jobTypeIds)
  const matches = (change: Change) => change.kind === 'JOB' && isMeant(change.entityId) && isOfType(change.jobTypeId)
  const filter = {
    ...(ids === undefined ? { statuses: activeStatuses } : { ids }),
    ...(jobTypeIds === undefined ? {} : { jobTypeIds }),
  }
  const read = (limit: number) => readJobSnapshot(ctx.store, filter, limit)
  return stoppable(ctx.signal, (signal) => watchRows({ ...ctx, signal }, watch, matches, read, () => known(ctx, ids)))
}

const activeStatuses: readonly JobStatus[] = jobStatuses.filter((status) => !endedJobStatuses.includes(status))

async function known(ctx: Context, ids: readonly number[] = []): Promise<void> {
  const jobs = await Promise.all(ids.map((id) => ctx.loaders.job.load(id)))
  const missing = ids.find((_id, place) => jobs[place] === null)
  if (missing !== undefined) throw notFound(`There is no job ${missing}.`)
}

/** Which executions to watch: these, those of these jobs, or (both absent) all. */
export type ExecutionWatch = WatchStart & { readonly ids?: readonly number[]; readonly jobIds?: readonly number[] }

/**
 * Tells how executions of queued jobs stand and every later change of their status, each once and in order. The first
 * state is all of those that are named directly or by their job, or where none are named those that have not ended.
 * @throws DomainError (from the stream) as `watchJobs` does
 */
export function watchExecutions(ctx: Context, watch: ExecutionWatch): Stream<WatchEvent<Execution>> {
  const { ids, jobIds } = watch
  const isMeant = among(ids)
  const isOfJob = among(jobIds)
  const matches = (change: Change) => change.kind === 'EXECUTION' && isMeant(change.entityId) && isOfJob(change.jobId)
  const selection = { ...(ids === undefined ? {} : { ids }), ...(jobIds === undefined ? {} : { jobIds }) }
  const read = (limit: number) => readExecutionSnapshot(ctx.store, selection, limit)
  const check = async () => {
    await known(ctx, jobIds)
    const executions = await Promise.all((ids ?? []).map((id) => ctx.loaders.execution.load(id)))
    if (executions.includes(null)) throw notFound('One of the executions does not exist.')
  }
  return stoppable(ctx.signal, (signal) => watchRows({ ...ctx, signal }, watch, matches, read, check))
}

function among(ids: readonly number[] | undefined): (id: number | null) => boolean {
  if (ids === undefined) return () => true
  const set = new Set<number | null>(ids)
  return (id) => set.has(id)
}

async function* watchRows<T>(
  ctx: Context,
  start: WatchStart,
  matches: (change: Change) => boolean,
  read: (limit: number) => Promise<Snapshot<T>>,
  check: () => Promise<void>,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  await check()
  const { pace = usualPace, mostRows = usualMost } = start
  if (start.after !== null && isAfter(start.after, origin)) return yield* tellChanges(ctx, start.after, matches, pace)
  const first = start.snapshot
    ? await read(mostRows + 1)
    : { position: endOf((await findLogHead(ctx.store.db)).index), rows: [] }
  yield* tellSnapshot(first, mostRows)
  // Ends the first state, and gives a quiet watcher something to resume from.
  yield { kind: 'BOOKMARK', position: first.position }
  yield* tellChanges(ctx, first.position, matches, pace)
}

async function* tellSnapshot<T>(
  { rows, position }: Snapshot<T>,
  mostRows: number,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  if (rows.length > mostRows)
    throw new DomainError(
      'TOO_LARGE',
      `More than ${mostRows} match at present. Name ids or job types, or ask for no snapshot.`,
    )
  for (const [place, row] of rows.entries())
    yield { kind: 'SNAPSHOT', row, position: place === rows.length - 1 ? position : origin }
}

/** A change of status, or one that only says how far the log was read. */
async function* tellChanges<T>(
  ctx: Context,
  after: Position,
  matches: (change: Change) => boolean,
  pace: { readonly bookmarkMs: number; readonly bookmarkChanges: number },
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  let told = after
  let skipped: { position: Position; count: number } = { position: after, count: 0 }
  const isTold = (change: Change) => change.to !== null && change.from !== change.to && matches(change)
  const changes = follow(ctx, after, (change) => {
    if (isTold(change)) return true
    skipped = { position: { index: change.index, ordinal: change.ordinal }, count: skipped.count + 1 }
    return skipped.count >= pace.bookmarkChanges
  })
  try {
    let next = changes.next()
    for (;;) {
      const settled = await within(next, pace.bookmarkMs)
      if (settled === null) {
        if (skipped.position !== told) yield { kind: 'BOOKMARK', position: skipped.position }
        told = skipped.position
        continue
      }
      if (settled.done === true) return
      const change = settled.value
      told = { index: change.index, ordinal: change.ordinal }
      skipped = { position: told, count: 0 }
      yield isTold(change) ? { kind: 'CHANGE', position: told, change } : { kind: 'BOOKMARK', position: told }
      next = changes.next()
    }
  } finally {
    await changes.return()
  }
}

/** What a promise comes to, or null where that takes longer; the promise goes on. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Where the change log stands: its highest index, the oldest that is still kept, and the place after the highest. */
export async function getChangeHead(ctx: Context): Promise<{ index: number; oldest: number; position: Position }> {
  const { index, oldest } = await findLogHead(ctx.store.db)
  return { index, oldest, position: endOf(index) }
}
