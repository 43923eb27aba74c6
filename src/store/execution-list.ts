import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import type { Execution } from '#model/execution.ts'
import type { ExecutionStatus } from '#model/status.ts'
import type { Window } from '#model/window.ts'
import { executionColumns } from './execution.ts'
import type { Database } from './tables.ts'

/** Which executions of a job a list means. Kinds are joined by AND, values of one kind by OR. */
export type ExecutionFilter = {
  readonly jobId: number
  readonly statuses: readonly ExecutionStatus[]
  readonly nodeIds?: readonly number[]
  readonly errorIds?: readonly number[]
  readonly errorCategories?: readonly string[]
}

function conditions(eb: ExpressionBuilder<Database, 'execution'>, filter: ExecutionFilter): Expression<SqlBool> {
  const { jobId, statuses, nodeIds, errorIds, errorCategories } = filter
  const all: Expression<SqlBool>[] = [
    eb('execution.job_id', '=', jobId),
    sql<SqlBool>`execution.status = any(${[...statuses]}::text[])`,
  ]
  if (nodeIds) all.push(sql<SqlBool>`execution.node_id = any(${[...nodeIds]}::bigint[])`)
  if (errorIds) all.push(sql<SqlBool>`execution.error_id = any(${[...errorIds]}::bigint[])`)
  if (errorCategories) {
    const errors = eb
      .selectFrom('job_error')
      .select('id')
      .where(sql<SqlBool>`job_error.category = any(${[...errorCategories]}::text[])`)
    all.push(eb('execution.error_id', 'in', errors))
  }
  return eb.and(all)
}

/** The executions of a job in a window of its list, newest number first. */
export async function findExecutionWindow(
  db: Kysely<Database>,
  filter: ExecutionFilter,
  window: Window,
): Promise<Execution[]> {
  return db
    .selectFrom('execution')
    .select(executionColumns)
    .where((eb) => conditions(eb, filter))
    .orderBy('execution.number', 'desc')
    .limit(window.limit)
    .offset(window.offset)
    .execute()
}

/** How many executions match. */
export async function countExecutions(db: Kysely<Database>, filter: ExecutionFilter): Promise<number> {
  const row = await db
    .selectFrom('execution')
    .select(sql<number>`count(*)`.as('n'))
    .where((eb) => conditions(eb, filter))
    .executeTakeFirstOrThrow()
  return row.n
}
