import { type Kysely, sql } from 'kysely'
import { endOf, type Position } from '#model/change.ts'
import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { Job, JobFilter } from '#model/job.ts'
import {
  endedExecutionStatuses,
  executionStatuses,
  firstServiceId,
  type JobFamily,
  jobFamilies,
} from '#model/status.ts'
import { findLogHead } from './change.ts'
import { findEvaluations } from './evaluation.ts'
import { executionColumns } from './execution.ts'
import { jobColumns } from './job.ts'
import { jobConditions } from './job-filter.ts'
import { reading, type Store } from './store.ts'
import type { Database } from './tables.ts'

/** Rows as they stood at one place of the change log: every change up to it is in them, none after it. */
export type Snapshot<T> = { readonly position: Position; readonly rows: readonly T[] }

/** Jobs of these families that match, by id and at most `limit`, with the place that they show. */
export async function readJobSnapshot(
  store: Store,
  families: readonly JobFamily[],
  filter: JobFilter,
  limit: number,
): Promise<Snapshot<Job>> {
  return snapshot(store, (db) => byFamily(families, limit, (one, most) => readJobs(db, one, filter, most)))
}

function readJobs(db: Kysely<Database>, family: JobFamily, filter: JobFilter, limit: number): Promise<Job[]> {
  // The family as a literal, so that partial indexes serve; services, which have none by number, are found in the primary key.
  const ofFamily =
    family === 'queued'
      ? sql<boolean>`job.family = 'queued'`
      : sql<boolean>`job.family = 'service' and job.id >= ${sql.lit(firstServiceId)}`
  return db
    .selectFrom('job')
    .select(jobColumns)
    .where(ofFamily)
    .where((eb) => eb.and(jobConditions(eb, filter)))
    .orderBy('job.id')
    .limit(limit)
    .execute()
}

/** Which rows a snapshot shows: these, those of these jobs, or (both absent) all that have not ended. */
export type RowSelection = { readonly ids?: readonly number[]; readonly jobIds?: readonly number[] }

/** Executions of both families, by id and at most `limit`, with the place in the change log that they show. */
export async function readExecutionSnapshot(
  store: Store,
  selection: RowSelection,
  limit: number,
): Promise<Snapshot<Execution>> {
  return snapshot(store, (db) => byFamily(jobFamilies, limit, (one, most) => readExecutions(db, one, selection, most)))
}

function readExecutions(
  db: Kysely<Database>,
  family: JobFamily,
  { ids, jobIds }: RowSelection,
  limit: number,
): Promise<Execution[]> {
  const active = executionStatuses.filter((status) => !endedExecutionStatuses.includes(status))
  let query = db
    .selectFrom('execution')
    .select(executionColumns)
    .where(sql<boolean>`execution.family = ${sql.lit(family)}`)
  if (ids) query = query.where('execution.id', '=', anyOf(ids))
  if (jobIds) query = query.where('execution.job_id', '=', anyOf(jobIds))
  // Of the queue's, only a running execution holds a lease, and leases have an index.
  if (!ids && !jobIds)
    query =
      family === 'queued'
        ? query.where('execution.status', 'in', active).where('lease_until', 'is not', null)
        : query.where('execution.ended_at', 'is', null)
  return query.orderBy('execution.id').limit(limit).execute()
}

/** Evaluations, by id and at most `limit`, with the place in the change log that they show. */
export async function readEvaluationSnapshot(
  store: Store,
  { ids, jobIds }: RowSelection,
  limit: number,
): Promise<Snapshot<Evaluation>> {
  return snapshot(store, async (db) => {
    let query = db.selectFrom('evaluation').select('evaluation.id')
    if (ids) query = query.where('evaluation.id', '=', anyOf(ids))
    if (jobIds) query = query.where('evaluation.job_id', '=', anyOf(jobIds))
    if (!ids && !jobIds) query = query.where('evaluation.status', 'in', ['PENDING', 'BLOCKED'])
    const found = await query.orderBy('evaluation.id').limit(limit).execute()
    const rows = await findEvaluations(
      db,
      found.map(({ id }) => id),
    )
    return rows.sort((a, b) => a.id - b.id)
  })
}

function anyOf(ids: readonly number[]) {
  return sql<number>`any(${[...ids]}::bigint[])`
}

/** Reads one family or both, at most `limit` rows in all; the numbers of services follow those of the queue. */
async function byFamily<T>(
  families: readonly JobFamily[],
  limit: number,
  read: (family: JobFamily, limit: number) => Promise<T[]>,
): Promise<T[]> {
  const rows: T[] = []
  for (const one of jobFamilies.filter((family) => families.includes(family)))
    rows.push(...(await read(one, limit - rows.length)))
  return rows
}

async function snapshot<T>(store: Store, read: (db: Kysely<Database>) => Promise<T[]>): Promise<Snapshot<T>> {
  return reading(store, async (tx) => {
    const { index } = await findLogHead(tx)
    return { position: endOf(index), rows: await read(tx) }
  })
}
