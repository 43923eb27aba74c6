import type { Change } from '#model/change.ts'
import type { Worker } from '#model/worker.ts'
import { findAllocations } from '#store/allocation.ts'
import { releaseAllocations } from '#store/allocation-release.ts'
import { findAllocationSpecs } from '#store/allocation-spec.ts'
import { claimAllocations, findUnwantedAllocations } from '#store/allocation-work.ts'
import type { Store } from '#store/store.ts'
import { type AllocationBench, type AllocationRun, runAllocation } from './allocation.ts'
import { removeOldDirectories } from './allocation-directory.ts'
import { settledWithin } from './drivers/timer.ts'
import { followChanges } from './follow.ts'
import { hastyGraceMs, keepLeases } from './lease-keeper.ts'
import { oneAtATime, type Repeatable } from './one-at-a-time.ts'

/** What is under way, by execution id. */
type Runs = Map<number, AllocationRun>

/** The work that comes in turns, each for itself. */
type Turns = {
  /** Takes what is placed here. */
  readonly claiming: Repeatable
  /** Looks at what it holds: whether it is still wanted, and by which specification. */
  readonly attending: Repeatable
  /** Removes old directories. */
  readonly cleaning: Repeatable
}

type Report = (message: string, error: unknown) => void

const pollMs = 1_000
const claimBatch = 50

/**
 * Takes allocations that are placed on the worker's node, runs them, and follows what becomes of them, until it is
 * stopped: then batch jobs get `graceMs` to end by themselves, and whatever runs is left to the next worker.
 */
export function startServiceLoop(bench: AllocationBench, worker: Worker): { stop: (graceMs: number) => Promise<void> } {
  const { store, log } = bench
  const running: Runs = new Map()
  const touched = new Set<number>()
  const report: Report = (message, error) => log.error(message, error)
  const turns = openTurns(bench, worker, running, touched, report)
  const look = (changes: readonly Change[]) => {
    // None at all means that changes were missed.
    if (changes.length === 0 || changes.some(isPlacement)) turns.claiming.ask()
    for (const { kind, entityId } of changes) {
      if (kind === 'EXECUTION' && running.has(entityId)) touched.add(entityId)
      if (kind === 'LOGGER' || kind === 'LOG_SOURCE') refreshLoggers(running, entityId, report)
    }
    if (changes.length === 0) {
      for (const id of running.keys()) touched.add(id)
      refreshLoggers(running, 0, report)
    }
    if (touched.size > 0) turns.attending.ask()
  }
  const poll = () => {
    turns.claiming.ask()
    turns.attending.ask()
  }
  const forget = followChanges(store, look, report)
  const release = keepLeases(store, worker.id, running, report)
  const timer = setInterval(poll, pollMs)
  poll()
  turns.cleaning.ask()
  const stop = async (graceMs: number) => {
    await turns.claiming.close()
    await handOverAll([...running.values()], graceMs)
    clearInterval(timer)
    forget()
    release()
    await turns.attending.close()
    await turns.cleaning.close()
    await releaseAllocations(store.db, worker.id)
  }
  return { stop }
}

function openTurns(bench: AllocationBench, worker: Worker, running: Runs, touched: Set<number>, report: Report): Turns {
  const { store, allocationsDirectory } = bench
  const claim = async () => {
    const claims = await claimAllocations(store, worker, claimBatch)
    for (const one of claims) {
      launch(runAllocation(bench, one))
      // A change between the reading of its specification and now was not meant for anybody yet.
      touched.add(one.allocation.executionId)
    }
    if (claims.length > 0) turns.attending.ask()
    if (claims.length === claimBatch) turns.claiming.ask()
  }
  const launch = (run: AllocationRun) => {
    const { executionId, uuid } = run.claim.allocation
    running.set(executionId, run)
    run.done
      .catch((error: unknown) => report(`Allocation ${uuid} could not be carried out`, error))
      .finally(() => {
        running.delete(executionId)
        turns.cleaning.ask()
      })
  }
  const attend = async () => {
    const news = [...touched].filter((id) => running.has(id))
    touched.clear()
    for (const id of await findUnwantedAllocations(store, worker.id)) void running.get(id)?.stop()
    if (news.length > 0) await updateInPlace(store, running, news)
  }
  const clean = () => {
    const uuids = [...running.values()].map((run) => run.claim.allocation.uuid)
    return removeOldDirectories(allocationsDirectory, new Set(uuids))
  }
  const turns: Turns = {
    claiming: oneAtATime(claim, (error) => report('Allocations could not be claimed; trying again', error)),
    attending: oneAtATime(attend, (error) => report('Allocations could not be looked at; trying again', error)),
    cleaning: oneAtATime(clean, (error) => report('Old directories of allocations could not be removed', error)),
  }
  return turns
}

/** Hands the allocations that run another revision by now their new specification. */
async function updateInPlace(store: Store, running: Runs, ids: readonly number[]): Promise<void> {
  const allocations = await findAllocations(store.db, ids)
  const outdated = allocations.filter((one) => running.get(one.executionId)?.revisionId() !== one.jobTypeRevisionId)
  if (outdated.length === 0) return
  const specs = await findAllocationSpecs(store.db, outdated)
  for (const { executionId, jobTypeRevisionId } of outdated) {
    const spec = specs.get(executionId)
    if (spec !== undefined) running.get(executionId)?.update(spec, jobTypeRevisionId)
  }
}

/** Of one execution; 0 stands for all. */
function refreshLoggers(running: Runs, executionId: number, report: Report): void {
  const runs = executionId === 0 ? [...running.values()] : [running.get(executionId)]
  for (const run of runs)
    run?.refreshLoggers().catch((error: unknown) => report('Levels of loggers could not be told', error))
}

async function handOverAll(runs: readonly AllocationRun[], graceMs: number): Promise<void> {
  const batch = runs.filter(({ jobType }) => jobType === 'batch')
  const gone = runs.filter((run) => !batch.includes(run)).map(handOver)
  await settledWithin(Promise.all(batch.map((run) => run.done.catch(() => {}))), graceMs)
  await Promise.all([...gone, ...batch.map(handOver)])
}

async function handOver(run: AllocationRun): Promise<void> {
  await run.handOver(hastyGraceMs)
  await run.done.catch(() => {})
}

/** A new allocation: whoever holds one tells of it as RUNNING soon. */
function isPlacement({ kind, to }: Change): boolean {
  return kind === 'EXECUTION' && to === 'STARTING'
}
