import { type Kysely, sql } from 'kysely'
import type { Lease } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import { json } from './database.ts'
import type { Database } from './tables.ts'

/** What an execution runs with, frozen when it starts. */
export type ExecutionPlan = { readonly configuration: Json; readonly resources: Json }

/**
 * Writes down what a held execution runs with. It takes no change index: nothing follows it, and it is in place
 * before the command starts.
 * @returns false where the execution is no longer held
 */
export async function planExecution(db: Kysely<Database>, lease: Lease, plan: ExecutionPlan): Promise<boolean> {
  const result = await db
    .updateTable('execution')
    .set({
      configuration: json(plan.configuration),
      resources: json(plan.resources),
      last_modified: sql<string>`clock_timestamp()`,
    })
    .where('id', '=', lease.executionId)
    .where('token', '=', lease.token)
    .where('status', 'in', ['STARTING', 'RUNNING'])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
