import { type Kysely, sql, type Transaction } from 'kysely'
import { type Claim, type Lease, leaseSeconds } from '#model/execution.ts'
import { timeoutOf } from './execution.ts'
import { lockedTypes } from './job-type-secret.ts'
import type { KeyRing } from './key-ring.ts'
import type { Database } from './tables.ts'

/** When a lease that is taken or renewed now runs out. */
export const leaseEnd = sql<string>`clock_timestamp() + make_interval(secs => ${sql.lit(leaseSeconds)})`

/**
 * Takes up to `limit` queued jobs for a worker, by priority and then age, and starts an execution of each. Types that
 * are paused or at their limit are passed over, and for a worker that opens secrets with `keys` also those with a
 * secret that these do not open. Claims of all processes go one after another (they hold an advisory lock), so a limit
 * is never exceeded.
 */
export async function claimQueuedJobs(
  tx: Transaction<Database>,
  worker: { readonly id: string; readonly nodeId: number },
  limit: number,
  keys: KeyRing | null,
): Promise<Claim[]> {
  await sql`select pg_advisory_xact_lock(4242000002)`.execute(tx)
  const ids = await pickJobs(tx, limit, keys)
  if (ids.length === 0) return []
  await tx
    .updateTable('job')
    .set({
      status: 'RUNNING',
      node_id: worker.nodeId,
      started_at: sql<string>`now()`,
      last_status_change: sql<string>`now()`,
      last_modified: sql<string>`now()`,
    })
    .where('id', '=', sql<number>`any(${ids}::bigint[])`)
    .execute()
  const { rows } = await sql<Claim>`
    insert into execution (id, family, job_id, number, job_type_id, job_type_revision_id, status, node_id, worker_id,
      lease_until, timeout_seconds, input_file_size, created_at, queued_at, started_at, last_modified)
    select nextval('queued_execution_id'), 'queued', j.id, j.num_exes, j.job_type_id, j.job_type_revision_id, 'RUNNING',
      ${worker.nodeId}, ${worker.id}, ${leaseEnd}, ${timeoutOf(sql`r.manifest`)}, coalesce(j.input_file_size, 0), now(),
      j.queued_at, now(), now()
    from job j join job_type_revision r on r.id = j.job_type_revision_id
    where j.id = any(${ids}::bigint[])
    order by j.priority, j.queued_at, j.id
    returning job_id as "jobId", job_type_id as "jobTypeId", id as "executionId", number, token`.execute(tx)
  return rows
}

/** Locks the next jobs in queue order. A batch may fill a type up, so the next batch leaves that type out. */
async function pickJobs(tx: Transaction<Database>, limit: number, keys: KeyRing | null): Promise<number[]> {
  const room = await findRoom(tx, keys)
  const picked: number[] = []
  while (picked.length < limit) {
    const full = [...room].filter(([, left]) => left <= 0).map(([type]) => type)
    const batch = await tx
      .selectFrom('job as j')
      .innerJoin('job_type as t', 't.id', 'j.job_type_id')
      .select(['j.id', 'j.job_type_id as jobTypeId'])
      .where('j.status', '=', 'QUEUED')
      .where('j.family', '=', 'queued')
      .where('t.is_paused', '=', false)
      .where('j.job_type_id', '<>', sql<number>`all(${full}::bigint[])`)
      .where('j.id', '<>', sql<number>`all(${picked}::bigint[])`)
      .orderBy('j.priority')
      .orderBy('j.queued_at')
      .orderBy('j.id')
      .limit(limit - picked.length)
      .forUpdate('j')
      .skipLocked()
      .execute()
    const fitting = batch.filter(({ jobTypeId }) => takeRoom(room, jobTypeId))
    picked.push(...fitting.map(({ id }) => id))
    if (fitting.length === batch.length) break
  }
  return picked
}

/** How many more jobs each limited type may run: none where a secret of it cannot be opened. */
async function findRoom(tx: Transaction<Database>, keys: KeyRing | null): Promise<Map<number, number>> {
  const locked = keys === null ? sql`` : sql` union all select id, 0 from (${lockedTypes(keys)}) as locked`
  // The last row of an id counts.
  const { rows } = await sql<{ id: number; room: number }>`
    select t.id, t.max_scheduled - (select count(*) from job j
      where j.job_type_id = t.id and j.status = 'RUNNING' and j.family = 'queued') as room
    from job_type t where t.max_scheduled is not null and t.family = 'queued'${locked}
    order by room desc`.execute(tx)
  return new Map(rows.map(({ id, room }) => [id, room]))
}

function takeRoom(room: Map<number, number>, jobTypeId: number): boolean {
  const left = room.get(jobTypeId)
  if (left === undefined) return true
  if (left <= 0) return false
  room.set(jobTypeId, left - 1)
  return true
}

/** Renews a worker's leases and returns the executions that it still holds; those missing are no longer its own. */
export async function renewLeases(
  db: Kysely<Database>,
  workerId: string,
  executionIds: readonly number[],
): Promise<number[]> {
  const rows = await db
    .with('seen', (cte) =>
      cte
        .updateTable('worker')
        .set({ seen_at: sql<string>`clock_timestamp()` })
        .where('id', '=', workerId)
        .returning('id'),
    )
    .updateTable('execution')
    .set({ lease_until: leaseEnd })
    .where('id', '=', sql<number>`any(${[...executionIds]}::bigint[])`)
    .where('worker_id', '=', workerId)
    .where('status', 'in', ['STARTING', 'RUNNING'])
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Renews one lease by its token; false where it is no longer held. */
export async function renewLease(db: Kysely<Database>, executionId: number, token: string): Promise<boolean> {
  const result = await db
    .updateTable('execution')
    .set({ lease_until: leaseEnd })
    .where('id', '=', executionId)
    .where('token', '=', token)
    .where('status', 'in', ['STARTING', 'RUNNING'])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** An execution of a queued job whose lease ran out. */
export type Lapsed = { readonly executionId: number; readonly jobId: number; readonly token: string }

/** Executions of queued jobs whose lease ran out by the database's clock, oldest first, at most `limit`. */
export async function findLapsed(db: Kysely<Database>, limit: number): Promise<Lapsed[]> {
  return db
    .selectFrom('execution')
    .select(['id as executionId', 'job_id as jobId', 'token'])
    .where('lease_until', '<', sql<string>`clock_timestamp()`)
    .where('family', '=', 'queued')
    .orderBy('lease_until')
    .limit(limit)
    .execute()
}

/** Ends the leases of a worker that is known to be dead, so that its work is rescued at once. */
export async function expireLeases(db: Kysely<Database>, workerId: string): Promise<void> {
  await db
    .updateTable('execution')
    .set({ lease_until: sql<string>`clock_timestamp() - interval '1 second'` })
    .where('worker_id', '=', workerId)
    .where('lease_until', 'is not', null)
    .execute()
}

/** Whether a lapsed lease is still lapsed, with its execution locked. */
export async function lockLapsed(tx: Transaction<Database>, executionId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('execution')
    .select('id')
    .where('id', '=', executionId)
    .where('lease_until', '<', sql<string>`clock_timestamp()`)
    .where('status', 'in', ['STARTING', 'RUNNING'])
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** The leases that a worker holds. */
export async function findHeldBy(db: Kysely<Database>, workerId: string): Promise<Lease[]> {
  return db
    .selectFrom('execution')
    .select(['id as executionId', 'token'])
    .where('worker_id', '=', workerId)
    .where('lease_until', 'is not', null)
    .execute()
}

/** All executions that somebody holds. */
export async function findLeased(db: Kysely<Database>): Promise<number[]> {
  const rows = await db.selectFrom('execution').select('id').where('lease_until', 'is not', null).execute()
  return rows.map(({ id }) => id)
}
