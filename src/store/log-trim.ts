import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/**
 * Forgets the oldest output of a task beyond its newest `keepBytes` bytes a stream, chunk by chunk. Offsets and order
 * numbers of what is left stay as they are.
 */
export async function trimLog(
  db: Kysely<Database>,
  executionId: number,
  task: string,
  keepBytes: number,
): Promise<void> {
  await sql`delete from log_chunk c using log_stream s
    where s.execution_id = ${executionId} and s.task = ${task} and c.stream_id = s.id
      and c.byte_end <= s.byte_count - ${keepBytes}`.execute(db)
}
