import type { Change } from '#model/change.ts'
import { nextLaunchOf } from '#model/launch.ts'
import type { NodeReport, ServiceNode } from '#model/node.ts'
import { rescueAllocations } from '#store/allocation-rescue.ts'
import { registerNode, touchNode } from '#store/node.ts'
import { carryOutNextEvaluation, findNextEvaluation, retryBlockedEvaluations } from '#store/plan.ts'
import { findDueJobs, findNextLaunch, launchDueJob } from '#store/service-launch.ts'
import type { Store } from '#store/store.ts'

/** What the scheduler needs. */
export type SchedulerOptions = {
  readonly store: Store
  /** The machine on which this gateway runs allocations; null where it runs none. */
  readonly node: NodeReport | null
  readonly now: () => Date
  readonly log: { error(message: string, error: unknown): void }
}

/** A scheduler that runs. */
export type Scheduler = {
  /** What the store knows of this machine; null where it runs no allocations. */
  readonly node: ServiceNode | null
  /** Ends it after the step that it is at. */
  readonly stop: () => Promise<void>
}

const pollMs = 1_000
const aliveMs = 10_000
const rescueMs = 5_000
const launchBatch = 100
/** Room may also appear unseen, such as by the clock: blocked evaluations are tried at least this often. */
const retryMs = 15_000

/**
 * Starts a scheduler: it makes this machine known, carries out evaluations as they come due, tries blocked ones when
 * room appears, launches periodic jobs and gives up on allocations whose worker died. Any number of gateways may run
 * one on the same store: rows are locked in turn.
 */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { store, log } = options
  const node = options.node === null ? null : await registerNode(store, options.node)
  const timers: NodeJS.Timeout[] = []
  let stopping = false
  let running: Promise<void> | null = null
  let again = false
  let hasRoom = true
  let seen = store.feed.head
  let alarm: NodeJS.Timeout | null = null
  let forget = () => {}

  const run = () => {
    if (stopping) return
    if (running !== null) {
      again = true
      return
    }
    running = work()
      .catch((error: unknown) => log.error('The scheduler could not go on; trying again', error))
      .finally(() => {
        running = null
        const repeat = again
        again = false
        if (repeat) run()
      })
  }
  const work = async () => {
    await launchDue(options)
    while (!stopping && (await carryOutNextEvaluation(store)));
    if (hasRoom && !stopping) {
      hasRoom = false
      await retryBlockedEvaluations(store)
    }
    setAlarm(await nextDue(store))
  }
  const setAlarm = (due: Date | null) => {
    if (alarm !== null) clearTimeout(alarm)
    const ms = due === null ? null : Math.max(due.getTime() - options.now().getTime(), 0)
    // What is further away than a poll is found by one.
    alarm = ms === null || ms > pollMs || stopping ? null : setTimeout(run, ms)
  }
  const listen = () => {
    forget = store.feed.onGrowth(() => {
      if (stopping) return
      listen()
      look().catch((error: unknown) => log.error('Changes could not be read', error))
    })
  }
  const look = async () => {
    const changes = await store.feed.changesAfter(seen)
    const last = changes.at(-1)
    if (last !== undefined) seen = { index: last.index, ordinal: last.ordinal }
    if (changes.some(freesRoom)) hasRoom = true
    if (hasRoom || changes.some(isPending)) run()
  }
  const rescue = () =>
    rescueAllocations(store).catch((error: unknown) => log.error('Lost allocations could not be rescued', error))
  const live = async () => {
    if (node === null) return
    await touchNode(store.db, node.id).catch((error: unknown) => log.error('The node could not be renewed', error))
  }
  const every = (ms: number, act: () => unknown) => timers.push(setInterval(() => void act(), ms))
  listen()
  every(pollMs, run)
  every(aliveMs, live)
  every(rescueMs, rescue)
  every(retryMs, () => {
    hasRoom = true
    run()
  })
  run()
  const stop = async () => {
    stopping = true
    for (const timer of timers) clearInterval(timer)
    forget()
    await running
    if (alarm !== null) clearTimeout(alarm)
  }
  return { node, stop }
}

async function launchDue({ store, now }: SchedulerOptions): Promise<void> {
  const moment = now()
  for (const key of await findDueJobs(store.db, moment, launchBatch))
    await launchDueJob(store, key, moment, nextLaunchOf)
}

async function nextDue(store: Store): Promise<Date | null> {
  const times = [await findNextLaunch(store.db), await findNextEvaluation(store.db)].flatMap((at) =>
    at === null ? [] : [new Date(at)],
  )
  return times.reduce<Date | null>((first, at) => (first === null || at < first ? at : first), null)
}

function isPending({ kind, to }: Change): boolean {
  return kind === 'EVALUATION' && to === 'PENDING'
}

/** An allocation that ended, or that is not wanted any more, and a node with news leave room for others. */
function freesRoom({ kind, entityId, to }: Change): boolean {
  if (kind === 'NODE') return true
  return kind === 'EXECUTION' && entityId >= 1_000_000_000_000 && to !== 'STARTING' && to !== 'RUNNING'
}
