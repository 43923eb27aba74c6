import { type Kysely, sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import { failuresToJson } from '#model/evaluation.ts'
import { toJson } from '#model/json.ts'
import { type Plan, scheduledKinds, scheduleJob } from '#model/schedule.ts'
import { toScheduledJob } from '#model/schedule-input.ts'
import { serviceListTopic } from '#model/topic.ts'
import { recordChanges } from './change.ts'
import { now } from './database.ts'
import { evaluationChange, insertEvaluation } from './evaluation.ts'
import { faultToDomain } from './fault.ts'
import { findReadyNodes } from './node.ts'
import { applyPlan, queueUp } from './plan-apply.ts'
import { lockAllocations } from './plan-input.ts'
import { findTaskGroups, type ServiceJobRow, specOf, withCounts } from './service-job.ts'
import { lockServiceJobById, serviceJobChange, settleServiceJob } from './service-lock.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/** An evaluation that is to be carried out, locked. */
type Open = {
  readonly id: number
  readonly uuid: string
  readonly jobId: number | null
  readonly region: string
  readonly name: string
  readonly jobModifyIndex: number
  readonly priority: number
  readonly type: string
  readonly triggeredBy: string
  readonly status: 'PENDING' | 'BLOCKED'
}

/**
 * Carries out the next evaluation that is due, by priority and then age: what the scheduler wants is written at one
 * index, its completion at the next; a blocked or a rolling evaluation that follows takes one before them. Evaluations
 * of all processes go one after another, so that no node is promised twice.
 * @returns false where none is due
 * @throws whatever kept it from being carried out; unless the database is away, the evaluation has failed then
 */
export async function carryOutNextEvaluation(store: Store): Promise<boolean> {
  let id: number | null = null
  try {
    return await writing(store, async (tx) => {
      await lockScheduler(tx)
      id = await findDue(tx)
      if (id === null) return false
      await carryOut(tx, id)
      return true
    })
  } catch (error) {
    if (id !== null) await failEvaluation(store, id, error)
    throw error
  }
}

async function findDue(tx: Transaction<Database>): Promise<number | null> {
  const row = await tx
    .selectFrom('evaluation')
    .select('id')
    .where('status', '=', 'PENDING')
    .where('type', 'in', scheduledKinds)
    .where(sql<boolean>`created_at + make_interval(secs => wait_ns / 1e9) <= clock_timestamp()`)
    .orderBy('priority', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** An evaluation that no try can carry out must not hold up all the others; a database that is away is no such case. */
async function failEvaluation(store: Store, id: number, error: unknown): Promise<void> {
  if (faultToDomain(error) !== null) return
  await writing(store, async (tx) => {
    const evaluation = await lockEvaluation(tx, id)
    if (evaluation === null) return
    await tx
      .updateTable('evaluation')
      .set({ status: 'FAILED', status_description: 'the scheduler could not carry it out', last_modified: now })
      .where('id', '=', id)
      .execute()
    await recordChanges(tx, [
      evaluationChange(evaluation, evaluation, { from: evaluation.status, to: 'FAILED', step: 0 }),
    ])
  })
}

/**
 * Tries the blocked evaluations anew, by priority and then age. One that still finds no room is left alone and takes no
 * index.
 * @returns how many could place something
 */
export async function retryBlockedEvaluations(store: Store): Promise<number> {
  const rows = await store.db
    .selectFrom('evaluation')
    .select('id')
    .where('status', '=', 'BLOCKED')
    .orderBy('priority', 'desc')
    .orderBy('id')
    .execute()
  let placed = 0
  for (const { id } of rows) {
    const isPlaced = await writing(store, async (tx) => {
      await lockScheduler(tx)
      return carryOut(tx, id)
    }).catch(async (error: unknown) => {
      await failEvaluation(store, id, error)
      throw error
    })
    if (isPlaced) placed += 1
  }
  return placed
}

/** When the next evaluation that waits is due; null where none waits. */
export async function findNextEvaluation(db: Kysely<Database>): Promise<string | null> {
  const row = await db
    .selectFrom('evaluation')
    .select(sql<string>`min(created_at + make_interval(secs => wait_ns / 1e9))`.as('at'))
    .where('status', '=', 'PENDING')
    .where('type', 'in', scheduledKinds)
    .where('wait_ns', '>', 0)
    .executeTakeFirst()
  return row?.at ?? null
}

async function lockScheduler(tx: Transaction<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(4242000003)`.execute(tx)
}

/** The job is locked before its evaluation, as by everybody else; another request may have ended either meanwhile. */
async function carryOut(tx: Transaction<Database>, id: number): Promise<boolean> {
  const owner = await tx.selectFrom('evaluation').select('job_id as jobId').where('id', '=', id).executeTakeFirst()
  const jobId = owner?.jobId ?? null
  const job = jobId === null ? null : await lockServiceJobById(tx, jobId)
  const evaluation = await lockEvaluation(tx, id)
  if (evaluation === null) return false
  if (job !== null) return planJob(tx, evaluation, job)
  await complete(tx, evaluation, null)
  await recordChanges(tx, [evaluationChange(evaluation, evaluation, { from: 'PENDING', to: 'COMPLETE', step: 0 })])
  return true
}

async function lockEvaluation(tx: Transaction<Database>, id: number): Promise<Open | null> {
  const row = await tx
    .selectFrom('evaluation')
    .select([
      'id',
      'uuid',
      'job_id as jobId',
      'region',
      'job_name as name',
      sql<number>`job_modify_index`.as('jobModifyIndex'),
      'priority',
      'type',
      'triggered_by as triggeredBy',
      sql<Open['status']>`status`.as('status'),
    ])
    .where('id', '=', id)
    .where('status', 'in', ['PENDING', 'BLOCKED'])
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

async function planJob(tx: Transaction<Database>, evaluation: Open, job: ServiceJobRow): Promise<boolean> {
  const groups = await findTaskGroups(tx, [job.id])
  const spec = withCounts(specOf(job.spec), groups)
  const allocations = await lockAllocations(tx, job, spec)
  const isStopped = job.isStopped || job.deregisteredAt !== null
  const plan = scheduleJob(toScheduledJob(spec, isStopped), allocations, await findReadyNodes(tx))
  const isRetry = evaluation.status === 'BLOCKED'
  if (isRetry && plan.placements.length === 0 && plan.stops.length === 0 && plan.failures.length > 0) return false
  const follow = await insertFollowers(tx, evaluation, plan, Number(spec.Update.Stagger))
  const planStep = follow.changes.length
  const applied = await applyPlan(tx, {
    job,
    spec,
    evaluation,
    plan,
    allocations,
    step: planStep,
    keepsFailures: !isRetry,
  })
  const isQueueMoved = await queueUp(tx, job.id, plan.failures)
  const lastStep = planStep + (applied.changes.length > 0 ? 1 : 0)
  const isDone = !(isRetry && plan.failures.length > 0)
  const ending = isDone
    ? await finish(tx, evaluation, follow.nextId, [evaluation.id, follow.blockedId], lastStep)
    : await keepBlocked(tx, evaluation, plan)
  const status = await settleServiceJob(tx, job)
  const changes = [...follow.changes, ...applied.changes, ...ending]
  if (status !== job.status) {
    // A job runs from its placement on, and is dead once nothing is left to evaluate.
    const step = status === 'RUNNING' || status === 'CANCELING' ? Math.min(planStep, lastStep) : lastStep
    changes.push(serviceJobChange(job, status, { isRegistered: false, isListed: false, step }))
  }
  await recordChanges(tx, listed(changes, applied.isListed || isQueueMoved, planStep), isDone ? lastStep + 1 : lastStep)
  return true
}

/** The list's index is that of the plan, whatever else the block tells. */
function listed(changes: readonly NewChange[], isListed: boolean, step: number): NewChange[] {
  const place = changes.findIndex((change) => (change.step ?? 0) >= step)
  if (!isListed || place < 0) return [...changes]
  return changes.map((change, at) =>
    at === place ? { ...change, topics: [...(change.topics ?? []), serviceListTopic] } : change,
  )
}

/** Evaluations that follow from a plan: one that waits for room, and one that replaces the next few instances. */
async function insertFollowers(tx: Transaction<Database>, evaluation: Open, plan: Plan, staggerNs: number) {
  const { region, name, jobId, priority, type, jobModifyIndex, id: previousId } = evaluation
  const base = { region, name, jobId, priority, type, jobModifyIndex, previousId }
  const changes: NewChange[] = []
  let blockedId: number | null = null
  let nextId: number | null = null
  if (plan.failures.length > 0 && evaluation.status === 'PENDING') {
    const blockedOn = toJson(failuresToJson(plan.failures))
    const trigger = { triggeredBy: 'job-register', status: 'BLOCKED', blockedOn } as const
    const blocked = await insertEvaluation(tx, { ...base, ...trigger })
    blockedId = blocked.id
    changes.push(evaluationChange(blocked, evaluation, { to: 'BLOCKED', step: changes.length }))
  }
  if (plan.isRolling) {
    const next = await insertEvaluation(tx, { ...base, triggeredBy: 'rolling-update', waitNs: staggerNs })
    nextId = next.id
    changes.push(evaluationChange(next, evaluation, { to: 'PENDING', step: changes.length }))
  }
  return { changes, blockedId, nextId }
}

/** Completes an evaluation, and cancels the older ones that still wait for room: this one saw all that they would. */
async function finish(
  tx: Transaction<Database>,
  evaluation: Open,
  nextId: number | null,
  kept: readonly (number | null)[],
  step: number,
): Promise<NewChange[]> {
  await complete(tx, evaluation, nextId)
  const superseded = await tx
    .updateTable('evaluation')
    .set({ status: 'CANCELED', status_description: 'superseded by a newer evaluation', last_modified: now })
    .where('job_id', '=', evaluation.jobId)
    .where('status', '=', 'BLOCKED')
    .where('id', '<>', sql<number>`all(${kept.filter((id) => id !== null)}::bigint[])`)
    .returning(['id', 'uuid'])
    .execute()
  return [
    evaluationChange(evaluation, evaluation, { from: evaluation.status, to: 'COMPLETE', step }),
    ...superseded.map((one) => evaluationChange(one, evaluation, { from: 'BLOCKED', to: 'CANCELED', step })),
  ]
}

async function complete(tx: Transaction<Database>, evaluation: Open, nextId: number | null): Promise<void> {
  await tx
    .updateTable('evaluation')
    .set({ status: 'COMPLETE', next_id: nextId, blocked_on: null, last_modified: now })
    .where('id', '=', evaluation.id)
    .execute()
}

async function keepBlocked(tx: Transaction<Database>, evaluation: Open, plan: Plan): Promise<NewChange[]> {
  await tx
    .updateTable('evaluation')
    .set({ blocked_on: toJson(failuresToJson(plan.failures)) })
    .where('id', '=', evaluation.id)
    .execute()
  return []
}
