import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/**
 * The bytes of a log stream from one offset up to (and without) another, as far as they are written. It reads the
 * chunks that hold them and no others.
 */
export async function findBytes(db: Kysely<Database>, streamId: number, from: number, to: number): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array()
  const chunks = await db
    .selectFrom('log_chunk')
    .select(['byte_start as byteStart', 'body'])
    .where('stream_id', '=', streamId)
    .where('byte_start', '<', to)
    // The chunk in which `from` lies begins at or before it; chunks before that one are never touched.
    .where(
      'byte_start',
      '>=',
      sql<number>`coalesce((select max(byte_start) from log_chunk where stream_id = ${streamId} and byte_start <= ${from}), 0)`,
    )
    .orderBy('byte_start')
    .execute()
  const pieces = chunks.map(({ byteStart, body }) => body.subarray(Math.max(0, from - byteStart), to - byteStart))
  return Buffer.concat(pieces)
}
