import { type Kysely, sql, type Transaction } from 'kysely'
import { DomainError } from '#model/error.ts'
import type { Lease } from '#model/execution.ts'
import type { LogLine, LogStream, NewLogLine } from '#model/log.ts'
import { json } from './database.ts'
import { type ChunkRow, findChunks, type LineEntry, linesAfter } from './log-chunk.ts'
import type { Database } from './tables.ts'

/**
 * Appends lines that a worker read, in the order given, and returns the order number of the last.
 * @throws DomainError STALE_LEASE where the worker no longer holds the execution
 */
export async function appendLines(
  tx: Transaction<Database>,
  lease: Lease,
  task: string,
  lines: readonly NewLogLine[],
): Promise<number> {
  const row = await tx
    .updateTable('execution')
    .set({ next_order: sql<number>`next_order + ${lines.length}` })
    .where('id', '=', lease.executionId)
    .where('token', '=', lease.token)
    // A canceled execution's last lines are still its own; a lost one's token was changed.
    .where('status', 'in', ['STARTING', 'RUNNING', 'CANCELED'])
    .returning('next_order as nextOrder')
    .executeTakeFirst()
  if (row === undefined) throw new DomainError('STALE_LEASE', `Execution ${lease.executionId} is no longer held.`)
  const first = row.nextOrder - lines.length
  const streams = Map.groupBy(
    lines.map((line, position) => ({ ...line, order: first + position })),
    (line) => line.stream,
  )
  for (const [stream, own] of streams) await appendChunk(tx, lease.executionId, task, stream, own, row.nextOrder - 1)
  return row.nextOrder - 1
}

async function appendChunk(
  tx: Transaction<Database>,
  executionId: number,
  task: string,
  name: string,
  lines: readonly (NewLogLine & { readonly order: number })[],
  lastOrder: number,
): Promise<void> {
  const first = lines[0]
  if (first === undefined) return
  const body = Buffer.concat(lines.map((line) => line.bytes))
  const entries: LineEntry[] = lines.map((line) => [line.order, line.bytes.length, line.at])
  const stream = await tx
    .insertInto('log_stream')
    .values({ execution_id: executionId, task, name, byte_count: body.length, line_count: lines.length })
    .onConflict((conflict) =>
      conflict.columns(['execution_id', 'task', 'name']).doUpdateSet({
        byte_count: sql<number>`log_stream.byte_count + excluded.byte_count`,
        line_count: sql<number>`log_stream.line_count + excluded.line_count`,
      }),
    )
    .returning(['id', 'byte_count as byteEnd'])
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('log_chunk')
    .values({
      stream_id: stream.id,
      execution_id: executionId,
      byte_start: stream.byteEnd - body.length,
      byte_end: stream.byteEnd,
      first_order: first.order,
      last_order: lastOrder,
      first_at: lines.reduce((least, { at }) => (isBefore(at, least) ? at : least), first.at),
      last_at: lines.reduce((most, { at }) => (isBefore(most, at) ? at : most), first.at),
      lines: json(entries),
      body,
    })
    .execute()
}

/** Whether one time is before another, both in UTC. Within a millisecond their texts tell: more digits are later. */
function isBefore(time: string, other: string): boolean {
  const difference = Date.parse(time) - Date.parse(other)
  return difference === 0 ? time.replace('Z', '') < other.replace('Z', '') : difference < 0
}

/** Which lines of an execution's log are wanted. */
export type LineQuery = {
  readonly executionId: number
  /** Only lines after this order number. */
  readonly after?: number
  /** Only these streams; absent means all. */
  readonly streams?: readonly string[]
  /** Only lines read at this moment or later. */
  readonly from?: string
  readonly limit: number
}

/** The first lines that fit, in order. */
export async function findLines(db: Kysely<Database>, query: LineQuery): Promise<LogLine[]> {
  const [lines = []] = await findLinesOf(db, [query])
  return lines
}

/** The first lines that fit each of the queries, in their order; one statement reads a batch of chunks for all. */
export async function findLinesOf(db: Kysely<Database>, queries: readonly LineQuery[]): Promise<LogLine[][]> {
  const wanted = queries.map((query) => ({ query, reached: query.after ?? 0, found: [] as LogLine[] }))
  let open = wanted.filter(({ query }) => query.limit > 0)
  while (open.length > 0) {
    // A chunk has a line at least.
    const size = Math.min(chunkBatch, Math.max(...open.map(({ query }) => query.limit)))
    const places = open.map(({ query, reached }) => ({ ...query, after: reached }))
    const batches = await findChunks(db, places, size)
    open = open.filter((one, index) => {
      const chunks = batches[index] ?? []
      one.found.push(...linesOf(chunks, one))
      one.reached = chunks.at(-1)?.lastOrder ?? one.reached
      return chunks.length >= size && one.found.length < one.query.limit
    })
  }
  return wanted.map(({ query, found }) => found.slice(0, query.limit))
}

function linesOf(
  chunks: readonly ChunkRow[],
  { query: { from }, reached }: { readonly query: LineQuery; readonly reached: number },
): LogLine[] {
  const since = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  return linesAfter(chunks, reached).filter((line) => Date.parse(line.at) >= since)
}

const chunkBatch = 200

/** The streams of executions, in no order. */
export async function findLogStreams(db: Kysely<Database>, executionIds: readonly number[]): Promise<LogStream[]> {
  return db
    .selectFrom('log_stream')
    .select(['id', 'execution_id as executionId', 'task', 'name', 'byte_count as byteCount', 'line_count as lineCount'])
    .where('execution_id', '=', sql<number>`any(${[...executionIds]}::bigint[])`)
    .orderBy('id')
    .execute()
}
