import type { TaskEvent, TaskState } from '#model/allocation.ts'
import type { Lease } from '#model/execution.ts'
import type { Store } from '#store/store.ts'
import { type SecretValue, type TaskSurroundings, taskCommand } from './allocation-environment.ts'
import type { Containment } from './drivers/containment.ts'
import { type ProcessOptions, type ProcessResult, type ProcessRun, startProcess } from './drivers/process.ts'
import { after } from './drivers/timer.ts'
import { sweep } from './drivers/tree.ts'
import { createPump } from './pump.ts'
import { createRestartTracker, noRestarts, type RestartDecision, type RunEnd } from './restart.ts'

/** Why a task ends before it does so by itself: it is unwanted, goes on elsewhere or later, or is no longer ours. */
export type TaskEnding = 'stop' | 'hand-over' | 'abandon'

/** What a task needs to run. */
export type TaskSituation = {
  readonly store: Store
  readonly containment: Containment
  readonly now: () => Date
  readonly random: () => number
  readonly secret: SecretValue
  readonly lease: Lease
  readonly jobType: string
  /** Marks its processes. */
  readonly token: string
  /** The task as its specification stands at this moment; an update in place changes it. */
  readonly current: () => TaskSurroundings
  /** Says where the task stands and what has happened; `failed` where it ended for good and badly. */
  readonly tell: (state: TaskState['state'], event: TaskEvent, failed?: boolean) => void
  /** The log refused the lease. */
  readonly onLost: () => void
}

/** A task under way, through all its restarts. */
export type TaskRun = {
  /** Resolves when it runs no more and will not again. */
  readonly done: Promise<void>
  /** Ends it, at most `graceMs` after SIGTERM (its KillTimeout unless told); the first reason counts. */
  readonly end: (how: TaskEnding, graceMs?: number) => Promise<void>
}

/** Part of a line becomes visible after this time. */
const partialMs = 500
/** However little a specification wants kept of its output, this much is. */
const leastKeptBytes = 32 * 1024 ** 2
const mostKeptBytes = 1024 ** 3

/** Nanoseconds since 1970, as the clock has them. */
export function nanoseconds(at: Date): bigint {
  return BigInt(at.getTime()) * 1_000_000n
}

type Ended = {
  how: TaskEnding | null
  graceMs: number | null
  process: ProcessRun | null
  readonly asked: PromiseWithResolvers<void>
}

/** Runs one task of an allocation: start, wait, and start again as its restart policy has it. */
export function runTask(situation: TaskSituation): TaskRun {
  const state: Ended = { how: null, graceMs: null, process: null, asked: Promise.withResolvers() }
  const done = live(situation, state)
  const end = async (how: TaskEnding, graceMs?: number) => {
    state.how ??= how
    state.graceMs = graceMs ?? null
    state.asked.resolve()
    await stopProcess(situation, state)
    await done
  }
  return { done, end }
}

async function live(situation: TaskSituation, state: Ended): Promise<void> {
  const { tell, now } = situation
  const tracker = createRestartTracker(policyOf(situation), situation)
  // Where nothing holds a tree together, processes of an earlier gateway may still be there.
  if (!situation.containment.isolated) await sweep(situation.token)
  for (;;) {
    const end = await runOnce(situation, state)
    if (end === null) break
    tracker.setPolicy(policyOf(situation))
    const decision = tracker.decide(end)
    if (decision.kind === 'stop') {
      const event = { type: 'Not Restarting', timeNs: nanoseconds(now()), restartReason: decision.reason }
      if (decision.failed) tell('dead', event, true)
      return
    }
    tell('pending', restarting(now(), decision))
    await pause(decision.delayNs / 1e6, state.asked.promise)
    // Whoever hands over leaves it waiting.
    if (state.how !== null && state.how !== 'stop') return
    if (state.how !== null) break
  }
  conclude(situation, state.how)
}

function conclude({ tell, now }: TaskSituation, how: TaskEnding | null): void {
  if (how === 'stop') tell('dead', killed(now()))
  if (how === 'hand-over') tell('pending', restarting(now(), { delayNs: 0, reason: 'The gateway that runs it stops' }))
}

/** The event of an end that was asked for. */
export function killed(at: Date): TaskEvent {
  return { type: 'Killed', timeNs: nanoseconds(at) }
}

/** The event of a restart. */
export function restarting(
  at: Date,
  { delayNs, reason }: Pick<RestartDecision & { kind: 'restart' }, 'delayNs' | 'reason'>,
): TaskEvent {
  return { type: 'Restarting', timeNs: nanoseconds(at), restartReason: reason, startDelayNs: delayNs }
}

/** One run from start to end; null where it was ended from outside. */
async function runOnce(situation: TaskSituation, state: Ended): Promise<RunEnd | null> {
  const { tell, now, store, lease, onLost } = situation
  const { task } = situation.current()
  const pump = createPump(store, lease, task.Name, onLost, { partialMs, keepBytes: keptBytes(situation) })
  const run = await start(situation, state, pump.push)
  if (run === null) return null
  if ('error' in run) return refused(situation, run.error)
  state.process = run
  if (state.how !== null) void stopProcess(situation, state)
  else tell('running', { type: 'Started', timeNs: nanoseconds(now()), ...noteOn(task.User) })
  const result = await run.result
  state.process = null
  // A lost lease was told to onLost already; nothing else is left to be said then.
  await pump.finish().catch(() => {})
  // What ended by itself before it could be handed over has ended.
  if (state.how === 'hand-over' ? result.killed : state.how !== null) return null
  if (result.error !== undefined || result.exitCode === null) return refused(situation, result.error ?? 'it never ran')
  tell('dead', terminated(result, result.exitCode))
  return result.exitCode === 0 ? 'success' : 'failure'
}

type Started = ProcessRun | { readonly error: string } | null

async function start(situation: TaskSituation, state: Ended, onOutput: ProcessOptions['onOutput']): Promise<Started> {
  const around = situation.current()
  try {
    const { argv, env } = await taskCommand(around, situation.secret)
    if (state.how !== null) return null
    const run = await startProcess({
      argv,
      env,
      cwd: around.directory.task(around.task.Name),
      token: situation.token,
      timeoutMs: null,
      onOutput,
      containment: situation.containment,
      now: situation.now,
    })
    return run.pid === null ? { error: (await run.result).error ?? 'it was not started' } : run
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function refused({ tell, now, current }: TaskSituation, reason: string): RunEnd {
  const { task, allocation } = current()
  const driverError = `failed to start task '${task.Name}' for alloc '${allocation.uuid}': ${reason}`
  tell('dead', { type: 'Driver Failure', timeNs: nanoseconds(now()), driverError })
  return 'start-error'
}

function terminated({ endedAt, signal }: ProcessResult, exitCode: number): TaskEvent {
  const number = signal === null ? 0 : exitCode - 128
  return { type: 'Terminated', timeNs: nanoseconds(endedAt), exitCode, signal: number }
}

/** Commands run as the gateway's own user, whatever a specification says. */
function noteOn(user: string): { message?: string } {
  return user === '' ? {} : { message: `User ${user} is ignored: tasks run as the gateway's own user` }
}

async function stopProcess(situation: TaskSituation, state: Ended): Promise<void> {
  const killTimeoutMs = Number(situation.current().task.KillTimeout) / 1e6
  const graceMs = Math.min(killTimeoutMs, state.graceMs ?? Number.POSITIVE_INFINITY)
  await state.process?.kill('the task is to end', graceMs)
}

function policyOf(situation: TaskSituation) {
  return situation.current().group.RestartPolicy ?? noRestarts
}

function keptBytes(situation: TaskSituation): number {
  const { MaxFiles = 0, MaxFileSizeMB = 0 } = situation.current().task.LogConfig ?? {}
  const wanted = Number(MaxFiles) * Number(MaxFileSizeMB) * 1024 ** 2
  return Math.min(Math.max(wanted, leastKeptBytes), mostKeptBytes)
}

async function pause(ms: number, interruption: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>()
  const cancel = after(ms, over.resolve)
  await Promise.race([over.promise, interruption])
  cancel()
}
