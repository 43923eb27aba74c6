import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/** The uuids of the allocations that a worker holds. */
export async function findHeldAllocations(db: Kysely<Database>, workerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('execution')
    .innerJoin('allocation', 'allocation.execution_id', 'execution.id')
    .select('allocation.uuid')
    .where('execution.worker_id', '=', workerId)
    .where('execution.ended_at', 'is', null)
    .execute()
  return rows.map(({ uuid }) => uuid)
}

/**
 * Gives up all allocations that a worker holds, as they stand, so that a worker of their node takes them up again. A
 * new token refuses whatever the old holder may still write. Takes no change index. Returns how many there were.
 */
export async function releaseAllocations(db: Kysely<Database>, workerId: string): Promise<number> {
  const result = await db
    .updateTable('execution')
    .set({ worker_id: null, lease_until: null, token: sql<string>`gen_random_uuid()` })
    .where('family', '=', 'service')
    .where('worker_id', '=', workerId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}
