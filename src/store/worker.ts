import { type Kysely, sql } from 'kysely'
import type { ComputeNode, Worker } from '#model/worker.ts'
import { now } from './database.ts'
import type { Database } from './tables.ts'

/** The columns of a machine under their names in the model. */
export const nodeColumns = ['node.id', 'node.hostname', 'node.created_at as createdAt'] as const

/** Nodes by id, in no order; unknown ids are left out. */
export async function findNodes(db: Kysely<Database>, ids: readonly number[]): Promise<ComputeNode[]> {
  return db
    .selectFrom('node')
    .select(nodeColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** The node of that host name, made where missing. */
export async function ensureNode(db: Kysely<Database>, hostname: string): Promise<ComputeNode> {
  return db
    .insertInto('node')
    .values({ hostname })
    .onConflict((conflict) => conflict.column('hostname').doUpdateSet({ last_modified: now }))
    .returning(nodeColumns)
    .executeTakeFirstOrThrow()
}

/** Makes a worker known, or renews what is known of it. */
export async function upsertWorker(db: Kysely<Database>, worker: Worker): Promise<void> {
  await db
    .insertInto('worker')
    .values({ id: worker.id, name: worker.name, node_id: worker.nodeId, pid: worker.pid })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
    .execute()
}

/** A worker by id, or null. */
export async function findWorker(db: Kysely<Database>, id: string): Promise<Worker | null> {
  const row = await db
    .selectFrom('worker')
    .select(['id', 'name', 'node_id as nodeId', 'pid'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

/** The workers of a node that still hold leases of queued jobs, or of allocations, with their process ids. */
export async function findHolders(
  db: Kysely<Database>,
  nodeId: number,
  family: 'queued' | 'service',
): Promise<Worker[]> {
  return db
    .selectFrom('worker')
    .select(['id', 'name', 'node_id as nodeId', 'pid'])
    .where('node_id', '=', nodeId)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('execution')
          .select('execution.id')
          .whereRef('execution.worker_id', '=', 'worker.id')
          .where('execution.family', '=', family)
          .where('execution.lease_until', 'is not', null),
      ),
    )
    .execute()
}
