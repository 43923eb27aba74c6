import type { Change } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import { type Claim, leaseSeconds } from '#model/execution.ts'
import type { Worker } from '#model/worker.ts'
import { renewLeases } from '#store/claim.ts'
import type { Store } from '#store/store.ts'
import { claimWork, releaseWork } from '#store/work.ts'
import { ensureNode, upsertWorker } from '#store/worker.ts'
import { detectContainment } from './drivers/containment.ts'
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
const heartbeatMs = (leaseSeconds * 1000) / 3
/** A worker that could not renew its leases for this long kills its own commands before others get them. */
const fenceMs = (leaseSeconds * 1000 * 2) / 3
/** How long a command may take over its end where the leases or the gateway itself cannot wait. */
const hastyGraceMs = 4_000

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
  const loop = createLoop({ ...options, containment }, worker)
  loop.start()
  return { stop: loop.stop }
}

type LoopOptions = EngineOptions & Bench

function createLoop(options: LoopOptions, worker: Worker) {
  const { store, log } = options
  const running = new Map<number, Running>()
  const timers: NodeJS.Timeout[] = []
  let stopping = false
  let claiming: Promise<void> | null = null
  let again = false
  let lastRenewal = performance.now()
  let forget = () => {}
  let seen = store.feed.head

  /** One claim at a time; whatever asks for one meanwhile gets another after it. */
  const claim = () => {
    if (stopping) return
    if (claiming !== null) {
      again = true
      return
    }
    claiming = claimOnce()
      .catch((error: unknown) => log.error('Jobs could not be claimed; trying again', error))
      .finally(() => {
        claiming = null
        const repeat = again
        again = false
        if (repeat) claim()
      })
  }
  const claimOnce = async () => {
    const free = options.slots - running.size
    if (free <= 0) return
    const claims = await claimWork(store, { id: worker.id, nodeId: worker.nodeId }, free)
    for (const one of claims) launch(one)
  }
  const launch = (one: Claim) => {
    const run = runClaim(options, one)
    running.set(one.executionId, run)
    run.done
      .catch((error: unknown) =>
        log.error(`Execution ${one.executionId} of job ${one.jobId} could not be carried out`, error),
      )
      .finally(() => {
        running.delete(one.executionId)
        claim()
      })
  }

  /** Looks at what changed: a cancel kills at once, a queued job is claimed at once. */
  const watch = async () => {
    const changes = await store.feed.changesAfter(seen)
    const last = changes.at(-1)
    if (last !== undefined) seen = { index: last.index, ordinal: last.ordinal }
    for (const change of changes) abandonEnded(change)
    if (changes.some((change) => change.to === 'QUEUED' || change.kind === 'JOB_TYPE')) claim()
  }
  const abandonEnded = (change: Change) => {
    if (change.kind !== 'EXECUTION' || change.to === 'RUNNING') return
    if (change.to === 'CANCELED' || change.to === 'LOST') void running.get(change.entityId)?.abandon(change.to)
  }
  const listen = () => {
    forget = store.feed.onGrowth(() => {
      if (stopping && running.size === 0) return
      listen()
      watch().catch((error: unknown) => log.error('Changes could not be read', error))
    })
  }

  const renew = async () => {
    const ids = [...running.keys()]
    try {
      const held = new Set(await renewLeases(store.db, worker.id, ids))
      lastRenewal = performance.now()
      for (const id of ids) if (!held.has(id)) void running.get(id)?.abandon('the lease was lost')
    } catch (error) {
      log.error('Leases could not be renewed', error)
    }
  }
  /** Runs by this machine's clock alone: the database may be what is missing. */
  const fence = () => {
    if (performance.now() - lastRenewal < fenceMs) return
    for (const run of running.values()) void run.abandon('the leases could not be renewed', hastyGraceMs)
  }

  const every = (ms: number, act: () => unknown) => timers.push(setInterval(() => void act(), ms))
  const start = () => {
    listen()
    every(pollMs, claim)
    every(heartbeatMs, renew)
    every(1_000, fence)
    claim()
  }
  const stop = async (graceMs: number) => {
    stopping = true
    await claiming
    await settledWithin(Promise.all([...running.values()].map((run) => run.done.catch(() => {}))), graceMs)
    await Promise.all([...running.values()].map((run) => giveBack(store, run, log)))
    for (const timer of timers) clearInterval(timer)
    forget()
  }
  return { start, stop }
}

async function giveBack(store: Store, run: Running, log: EngineOptions['log']): Promise<void> {
  const { executionId, token } = run.claim
  await run.abandon('the gateway shuts down', hastyGraceMs)
  await run.done.catch(() => {})
  try {
    await releaseWork(store, { executionId, token })
  } catch (error) {
    const isEnded = error instanceof DomainError && error.code === 'STALE_LEASE'
    if (!isEnded) log.error(`Execution ${executionId} could not be handed back`, error)
  }
}

async function settledWithin(all: Promise<unknown>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([all, promise])
  clearTimeout(timer)
}
