import type { Change } from '#model/change.ts'
import type { Claim } from '#model/execution.ts'
import type { Worker } from '#model/worker.ts'
import type { Store } from '#store/store.ts'
import { claimWork, releaseWork } from '#store/work.ts'
import { ensureNode, upsertWorker } from '#store/worker.ts'
import { detectContainment } from './drivers/containment.ts'
import { settledWithin } from './drivers/timer.ts'
import { followChanges } from './follow.ts'
import { hastyGraceMs, keepLeases } from './lease-keeper.ts'
import { lockedTypeNotice } from './locked-type.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { isStale } from './persist.ts'
import { identity, removeOldScratch, rescueOrphans } from './rescue.ts'
import { type Bench, type Running, runClaim } from './run.ts'

/** What an engine needs; directories are absolute. */
export type EngineOptions = {
  readonly store: Store
  readonly hostname: string
  /** How many jobs run at once. */
  readonly slots: number
  readonly scratchDirectory: string
  readonly workspacesDirectory: string
  readonly now: () => Date
  readonly newId: () => string
  readonly log: {
    debug(message: string, fields?: Readonly<Record<string, unknown>>): void
    info(message: string, fields?: Readonly<Record<string, unknown>>): void
    error(message: string, error: unknown): void
  }
}

/** An engine that runs. */
export type Engine = {
  /** Stops claiming, gives running jobs `graceMs` to end, then hands the rest back to the queue, unspoiled. */
  readonly stop: (graceMs: number) => Promise<void>
}

const pollMs = 1_000
const noticeMs = 60_000

/** Starts the embedded engine: it claims queued jobs and runs them as child processes of this one. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { store, log } = options
  const node = await ensureNode(store.db, options.hostname)
  const worker: Worker = { id: options.newId(), name: await identity(), nodeId: node.id, pid: process.pid }
  await upsertWorker(store.db, worker)
  const rescued = await rescueOrphans(store, worker)
  if (rescued > 0) log.info('Gave the jobs of a gateway that had died back to the queue', { rescued })
  await removeOldScratch(store, options.scratchDirectory)
  const containment = await detectContainment()
  log.info('The engine runs jobs as child processes', { containment: containment.name, slots: options.slots })
  return { stop: startLoop({ ...options, containment }, worker) }
}

type LoopOptions = EngineOptions & Bench

/** Claims and runs until what it returns is called. */
function startLoop(options: LoopOptions, worker: Worker): Engine['stop'] {
  const { store, log } = options
  const running = new Map<number, Running>()
  const report = (message: string, error: unknown) => log.error(message, error)
  const claimOnce = async () => {
    const free = options.slots - running.size
    if (free <= 0) return
    const claims = await claimWork(store, { id: worker.id, nodeId: worker.nodeId }, free, store.keys)
    for (const one of claims) launch(one)
  }
  const claiming = oneAtATime(claimOnce, (error) => report('Jobs could not be claimed; trying again', error))
  const launch = (one: Claim) => {
    log.debug('Claimed a job', { jobId: one.jobId, executionId: one.executionId, number: one.number })
    const run = runClaim(options, one)
    running.set(one.executionId, run)
    run.done
      .catch((error: unknown) =>
        report(`Execution ${one.executionId} of job ${one.jobId} could not be carried out`, error),
      )
      .finally(() => {
        running.delete(one.executionId)
        claiming.ask()
      })
  }

  /** Looks at what changed: a cancel kills at once, a queued job is claimed at once. */
  const look = (changes: readonly Change[]) => {
    for (const change of changes) abandonEnded(change)
    if (changes.some((change) => change.to === 'QUEUED' || change.kind === 'JOB_TYPE')) claiming.ask()
  }
  const abandonEnded = (change: Change) => {
    if (change.kind !== 'EXECUTION' || change.to === 'RUNNING') return
    if (change.to === 'CANCELED' || change.to === 'LOST') void running.get(change.entityId)?.abandon(change.to)
  }

  const noticing = oneAtATime(lockedTypeNotice(store, log.info), (error) =>
    report('Job types could not be looked at; trying again', error),
  )
  const timers = [setInterval(claiming.ask, pollMs), setInterval(noticing.ask, noticeMs)]
  const forget = followChanges(store, look, report)
  const release = keepLeases(store, worker.id, running, report)
  claiming.ask()
  noticing.ask()
  return async (graceMs) => {
    await Promise.all([claiming.close(), noticing.close()])
    await settledWithin(Promise.all([...running.values()].map((run) => run.done.catch(() => {}))), graceMs)
    await Promise.all([...running.values()].map((run) => giveBack(store, run, log)))
    for (const timer of timers) clearInterval(timer)
    forget()
    release()
  }
}

async function giveBack(store: Store, run: Running, log: EngineOptions['log']): Promise<void> {
  const { executionId, token } = run.claim
  await run.abandon('the gateway shuts down', hastyGraceMs)
  await run.done.catch(() => {})
  try {
    await releaseWork(store, { executionId, token })
  } catch (error) {
    if (!isStale(error)) log.error(`Execution ${executionId} could not be handed back`, error)
  }
}
