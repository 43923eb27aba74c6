import { type Kysely, sql } from 'kysely'
import type { LogLine } from '#model/log.ts'
import type { Database } from './tables.ts'

/**
 * Lines lie in chunks: the bytes of many lines of one stream, and beside them each line's order, length and time. A
 * chunk costs the database little more than a line would. The chunks of one append share its last order number, since
 * their lines interleave: a reader takes all of them or none.
 */
export type LineEntry = readonly [order: number, length: number, at: string]

/** A chunk as it is read: many lines of one stream. */
export type ChunkRow = {
  executionId: number
  task: string
  name: string
  byteStart: number
  lastOrder: number
  lines: unknown
  body: Uint8Array
}

/** Which chunks of an execution's log are wanted: those with a line after an order number. */
export type ChunkQuery = {
  readonly executionId: number
  readonly after: number
  /** Only of these streams; absent means all. */
  readonly streams?: readonly string[]
  /** Only those with a line that was read at this moment or later; absent means all. */
  readonly from?: string
}

/**
 * The next chunks of each query in the order of the log, at least `size` where there are so many; more only where an
 * append would be torn apart. One statement reads them all, and the answers have the order of the queries.
 */
export async function findChunks(
  db: Kysely<Database>,
  queries: readonly ChunkQuery[],
  size: number,
): Promise<ChunkRow[][]> {
  const { rows } = await sql<ChunkRow & { readonly place: number }>`
    select q.place, q.execution_id as "executionId", c.task, c.name, c.byte_start as "byteStart",
      c.last_order as "lastOrder", c.lines, c.body
    from unnest(${queries.map(({ executionId }) => executionId)}::bigint[],
      ${queries.map(({ after }) => after)}::bigint[],
      ${queries.map(({ streams }) => (streams === undefined ? null : JSON.stringify(streams)))}::text[],
      ${queries.map(({ from }) => from ?? '-infinity')}::timestamptz[])
      with ordinality as q (execution_id, after, streams, since, place)
    cross join lateral (
      select s.task, s.name, k.byte_start, k.last_order, k.lines, k.body
      from log_chunk k join log_stream s on s.id = k.stream_id
      where k.execution_id = q.execution_id and k.last_order > q.after and k.last_at >= q.since
        and (q.streams is null or jsonb_exists(q.streams::jsonb, s.name))
      order by k.last_order fetch first ${sql.lit(size)} rows with ties) c
    order by q.place, c.last_order`.execute(db)
  const byPlace = Map.groupBy(rows, ({ place }) => Number(place))
  return queries.map((_query, index) => byPlace.get(index + 1) ?? [])
}

/** The lines of chunks of one log after an order number, in order. */
export function linesAfter(chunks: readonly ChunkRow[], after: number): LogLine[] {
  return chunks
    .flatMap(toLines)
    .filter(({ order }) => order > after)
    .sort((a, b) => a.order - b.order)
}

function toLines({ executionId, task, name, byteStart, lines, body }: ChunkRow): LogLine[] {
  let offset = 0
  // Only appendLines writes this column.
  const entries = lines as readonly LineEntry[]
  return entries.map(([order, length, at]) => {
    const bytes = body.subarray(offset, offset + length)
    const byteOffset = byteStart + offset
    offset += length
    return { executionId, order, task, stream: name, byteOffset, at, bytes }
  })
}
