import { badInput, DomainError, notFound } from '#model/error.ts'
import type { Claim, Lease, Outcome } from '#model/execution.ts'
import type { NewLogLine } from '#model/log.ts'
import type { Worker } from '#model/worker.ts'
import { renewLease, renewLeases } from '#store/claim.ts'
import { writingOne } from '#store/store.ts'
import { appendLog as append, claimWork, finishWork } from '#store/work.ts'
import { ensureNode, findWorker, upsertWorker } from '#store/worker.ts'
import type { Context } from './context.ts'

/**
 * Makes a worker of another machine known and returns its id, which it names when it claims. The same id registers
 * again without harm.
 */
export async function registerWorker(ctx: Context, input: { name: string; hostname: string }): Promise<Worker> {
  if (input.hostname === '' || input.hostname.length > 250)
    throw badInput('A host name has 1 to 250 characters.', { path: ['hostname'] })
  const node = await writingOne(ctx.store, (db) => ensureNode(db, input.hostname))
  const worker: Worker = { id: ctx.newId(), name: input.name, nodeId: node.id, pid: null }
  await writingOne(ctx.store, (db) => upsertWorker(db, worker))
  return worker
}

/**
 * Takes up to `limit` queued jobs for a worker. The worker must renew each lease within 30 seconds, report with its
 * token, and stop a command whose lease is refused.
 * @throws DomainError NOT_FOUND for an unknown worker
 */
export async function claimJobs(ctx: Context, workerId: string, limit: number): Promise<readonly Claim[]> {
  if (limit < 1 || limit > 500) throw badInput('A worker claims 1 to 500 jobs at once.', { path: ['limit'] })
  const worker = await findWorker(ctx.store.db, workerId)
  if (worker === null) throw notFound(`There is no worker ${workerId}.`, { path: ['worker'] })
  return claimWork(ctx.store, worker, limit)
}

/**
 * Renews leases of a worker and returns the executions that it still holds; it must stop the others.
 * @throws DomainError NOT_FOUND for an unknown worker
 */
export async function heartbeat(
  ctx: Context,
  workerId: string,
  executionIds: readonly number[],
): Promise<readonly number[]> {
  const held = await renewLeases(ctx.store.db, workerId, executionIds)
  if (held.length === 0 && (await findWorker(ctx.store.db, workerId)) === null)
    throw notFound(`There is no worker ${workerId}.`, { path: ['worker'] })
  return held
}

/**
 * Appends lines that a command wrote, and renews the lease with them; returns the order number of the last line.
 * @throws DomainError STALE_LEASE where the execution is no longer held
 */
export async function appendLog(ctx: Context, lease: Lease, lines: readonly NewLogLine[]): Promise<number> {
  if (lines.length === 0 || lines.length > 5_000)
    throw badInput('Between 1 and 5000 lines are appended at once.', { path: ['lines'] })
  if (!(await renewLease(ctx.store.db, lease.executionId, lease.token)))
    throw new DomainError('STALE_LEASE', `Execution ${lease.executionId} is no longer held.`)
  return append(ctx.store, lease, 'main', lines)
}

/**
 * Ends an execution with what its command came to.
 * @throws DomainError STALE_LEASE where the execution is no longer held
 */
export async function reportOutcome(ctx: Context, lease: Lease, outcome: Outcome): Promise<void> {
  await finishWork(ctx.store, lease, outcome)
}
