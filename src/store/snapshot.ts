import { type Kysely, sql } from 'kysely'
import { endOf, type Position } from '#model/change.ts'
import type { Execution } from '#model/execution.ts'
import type { Job, JobFilter } from '#model/job.ts'
import { endedExecutionStatuses, executionStatuses } from '#model/status.ts'
import { findLogHead } from './change.ts'
import { executionColumns } from './execution.ts'
import { jobColumns } from './job.ts'
import { jobConditions } from './job-filter.ts'
import { reading, type Store } from './store.ts'
import type { Database } from './tables.ts'

/** Rows as they stood at one place of the change log: every change up to it is in them, none after it. */
export type Snapshot<T> = { readonly position: Position; readonly rows: readonly T[] }

/** Queued jobs that match, by id and at most `limit`, with the place in the change log that they show. */
export async function readJobSnapshot(store: Store, filter: JobFilter, limit: number): Promise<Snapshot<Job>> {
  return snapshot(store, (db) =>
    db
      .selectFrom('job')
      .select(jobColumns)
      .where(sql<boolean>`job.family = 'queued'`)
      .where((eb) => eb.and(jobConditions(eb, filter)))
      .orderBy('job.id')
      .limit(limit)
      .execute(),
  )
}

/** Which executions a snapshot shows: these, those of these jobs, or (both absent) all that have not ended. */
export type ExecutionSelection = { readonly ids?: readonly number[]; readonly jobIds?: readonly number[] }

/** Executions of queued jobs, by id and at most `limit`, with the place in the change log that they show. */
export async function readExecutionSnapshot(
  store: Store,
  { ids, jobIds }: ExecutionSelection,
  limit: number,
): Promise<Snapshot<Execution>> {
  const active = executionStatuses.filter((status) => !endedExecutionStatuses.includes(status))
  return snapshot(store, (db) => {
    let query = db.selectFrom('execution').select(executionColumns).where('execution.family', '=', 'queued')
    if (ids) query = query.where('execution.id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    if (jobIds) query = query.where('execution.job_id', '=', sql<number>`any(${[...jobIds]}::bigint[])`)
    // Only a running execution holds a lease, and leases have an index.
    if (!ids && !jobIds) query = query.where('execution.status', 'in', active).where('lease_until', 'is not', null)
    return query.orderBy('execution.id').limit(limit).execute()
  })
}

async function snapshot<T>(store: Store, read: (db: Kysely<Database>) => Promise<T[]>): Promise<Snapshot<T>> {
  return reading(store, async (tx) => {
    const { index } = await findLogHead(tx)
    return { position: endOf(index), rows: await read(tx) }
  })
}
