import { manifestErrors } from '#model/documents/seed-manifest.ts'
import { DomainError } from '#model/error.ts'
import type { Claim, Lease, Outcome } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import type { Store } from '#store/store.ts'
import { finishWork, releaseWork } from '#store/work.ts'
import { splitCommand } from './drivers/command.ts'
import type { Containment } from './drivers/containment.ts'
import { baseEnvironment, seedEnvironment } from './drivers/environment.ts'
import { captureOutputs } from './drivers/output.ts'
import { type ProcessResult, type ProcessRun, startProcess } from './drivers/process.ts'
import { createScratch, placeInput, removeScratch, type Scratch } from './drivers/scratch.ts'
import { settledWithin } from './drivers/timer.ts'
import { prepare, taskId } from './execution-plan.ts'
import { isStale, persistently } from './persist.ts'
import { publishOutputs } from './publish.ts'
import { createPump, type Pump } from './pump.ts'
import { type Task, TaskRefusal } from './task.ts'

/** How long a job that cannot run here now stays claimed, before it is handed back to the queue. */
const laterMs = 2_000

/** What running needs of its surroundings. */
export type Bench = {
  readonly store: Store
  readonly containment: Containment
  /** Where executions get their scratch directories; absolute. */
  readonly scratchDirectory: string
  readonly workspacesDirectory: string
  readonly now: () => Date
  readonly log: {
    debug(message: string, fields?: Readonly<Record<string, unknown>>): void
    error(message: string, error: unknown): void
  }
}

/** An execution under way. */
export type Running = {
  readonly claim: Claim
  /** Resolves when it is reported, or given up because the lease was lost. Rejects only for a bug or a lost database. */
  readonly done: Promise<void>
  /** Kills its process tree, however early it is called, and reports nothing; SIGKILL follows after `graceMs`. */
  readonly abandon: (reason: string, graceMs?: number) => Promise<void>
}

/**
 * The mark by which a run's processes are found again after a crash of the gateway. It is made from the token of the
 * lease, since stores that are copies of one another have executions of the same ids.
 */
export function runToken({ token }: Pick<Lease, 'token'>): string {
  return `run:${token}`
}

/** Runs one claimed job to its end: prepare, run, capture, report. */
export function runClaim(bench: Bench, claim: Claim): Running {
  let process: ProcessRun | null = null
  let abandoned: { reason: string; graceMs?: number } | null = null
  const started = (run: ProcessRun) => {
    process = run
    if (abandoned !== null) void run.kill(abandoned.reason, abandoned.graceMs)
  }
  const given = Promise.withResolvers<void>()
  const abandon = async (reason: string, graceMs?: number) => {
    abandoned ??= graceMs === undefined ? { reason } : { reason, graceMs }
    given.resolve()
    await process?.kill(reason, graceMs)
  }
  const isAbandoned = () => abandoned !== null
  const begun = performance.now()
  const done = execute(bench, claim, { started, abandon, isAbandoned, given: given.promise }).then((ending) => {
    const { jobId, executionId } = claim
    bench.log.debug('Ended an execution', { jobId, executionId, ...ending, ms: Math.round(performance.now() - begun) })
  })
  return { claim, done, abandon }
}

type Handle = {
  readonly started: (run: ProcessRun) => void
  readonly abandon: (reason: string) => Promise<void>
  readonly isAbandoned: () => boolean
  /** Resolves once it is abandoned. */
  readonly given: Promise<void>
}

/** What became of an execution, for the log: the status that was reported, or why none was. */
type Ending = { readonly outcome: string; readonly error?: string }

async function execute(bench: Bench, claim: Claim, handle: Handle): Promise<Ending> {
  const lease = { executionId: claim.executionId, token: claim.token }
  const pump = createPump(bench.store, lease, 'main', () => void handle.abandon('the lease was lost'))
  const scratch = await createScratch(bench.scratchDirectory, claim.executionId, claim.number)
  try {
    const outcome = await attempt(bench, claim, scratch, pump, handle)
    await pump.finish()
    if (outcome === null || handle.isAbandoned()) return { outcome: 'abandoned' }
    if (outcome === 'later') {
      // Claimed again at once, it would go round in circles.
      await settledWithin(handle.given, laterMs)
      await persistently(() => releaseWork(bench.store, lease), handle.isAbandoned)
      return { outcome: 'handed back' }
    }
    await persistently(() => finishWork(bench.store, lease, outcome), handle.isAbandoned)
    return { outcome: outcome.kind, ...(outcome.kind === 'FAILED' ? { error: outcome.errorName } : {}) }
  } catch (error) {
    // Canceled or rescued in the meantime: the row says so already, and this attempt has no more to say.
    if (!isStale(error)) throw error
    return { outcome: 'no longer held' }
  } finally {
    await removeScratch(scratch.dir)
  }
}

/** Null where the execution was abandoned while it was prepared, `later` where it lacks what may be there later. */
async function attempt(
  bench: Bench,
  claim: Claim,
  scratch: Scratch,
  pump: Pump,
  handle: Handle,
): Promise<Outcome | 'later' | null> {
  let result: ProcessResult | null = null
  try {
    const task = await prepare(bench, claim, handle.isAbandoned)
    if (task === null) return null
    const run = await start(bench, claim, task, scratch, pump)
    handle.started(run)
    result = await run.result
    return await judge(bench, claim, task, scratch, result)
  } catch (error) {
    // The database, or the key of a secret that another gateway has: no fault of the job, and no crash.
    if (error instanceof DomainError && error.code === 'UNAVAILABLE') {
      pump.say(`[jobgraph: ${error.message}]`, bench.now())
      return 'later'
    }
    const refusal = error instanceof TaskRefusal ? error : commandFault(error)
    if (refusal === null) throw error
    pump.say(`[jobgraph: ${refusal.message}]`, bench.now())
    return failed(claim, result, refusal.errorName, null)
  }
}

/** A command that cannot even be read as words is the manifest's fault. */
function commandFault(error: unknown): TaskRefusal | null {
  return error instanceof DomainError && error.code === 'BAD_USER_INPUT'
    ? new TaskRefusal('launch', error.message)
    : null
}

async function start(bench: Bench, claim: Claim, task: Task, scratch: Scratch, pump: Pump): Promise<ProcessRun> {
  const files = []
  for (const input of task.inputs) {
    const sources = input.files.map(({ file, path }) => ({ path, fileName: file.fileName }))
    files.push({ name: input.name, path: await placeInput(scratch, input.name, sources, { multiple: input.multiple }) })
  }
  const env = {
    ...baseEnvironment(scratch.dir),
    ...seedEnvironment({
      files,
      json: task.json,
      settings: [...task.settings].map(([name, value]) => ({ name, value })),
      resources: Object.entries(task.resources).map(([name, value]) => ({ name, value })),
      outputDir: scratch.outputs,
    }),
  }
  const { timeout } = task.manifest.job
  return startProcess({
    argv: splitCommand(task.contract.command ?? '', env),
    env,
    cwd: scratch.dir,
    token: runToken(claim),
    timeoutMs: timeout > 0 ? timeout * 1000 : null,
    onOutput: pump.push,
    containment: bench.containment,
    now: bench.now,
  })
}

async function judge(
  bench: Bench,
  claim: Claim,
  task: Task,
  scratch: Scratch,
  result: ProcessResult,
): Promise<Outcome | null> {
  if (result.killed) return null
  if (result.timedOut) return failed(claim, result, 'timeout', null)
  if (result.error !== undefined) throw new TaskRefusal('launch', result.error)
  if (result.exitCode !== 0) return mapExitCode(claim, task, result)
  const { files, json } = task.contract.outputs
  const declared = { files, json: json.map((output) => ({ ...output, key: output.key ?? null })) }
  const captured = await captureOutputs(scratch.outputs, declared)
  if (!captured.ok) throw new TaskRefusal(captured.failure.name, captured.failure.message)
  const output = await publishOutputs(bench.store, task, claim, captured, bench.workspacesDirectory)
  return { kind: 'COMPLETED', exitCode: 0, output, taskResults: taskResults(claim, result, 'FINISHED') }
}

function mapExitCode(claim: Claim, task: Task, result: ProcessResult): Outcome {
  const defined = manifestErrors(task.manifest).findLast((error) => error.code === result.exitCode)
  return failed(claim, result, defined?.name ?? 'algorithm-unknown', defined === undefined ? null : task.type.name)
}

function failed(
  claim: Claim,
  result: ProcessResult | null,
  errorName: string,
  errorJobTypeName: string | null,
): Outcome {
  const status = result?.timedOut === true ? 'KILLED' : 'FAILED'
  return {
    kind: 'FAILED',
    exitCode: result?.timedOut === true ? null : (result?.exitCode ?? null),
    errorName,
    errorJobTypeName,
    taskResults: taskResults(claim, result, status),
  }
}

/** Scale task results 1.0 for the one task that a local execution has. */
function taskResults(claim: Claim, result: ProcessResult | null, status: 'FINISHED' | 'FAILED' | 'KILLED'): Json {
  const launched = result !== null && result.error === undefined
  const times = launched
    ? { launched: result.startedAt.toISOString(), was_started: true, started: result.startedAt.toISOString() }
    : { was_started: false }
  const end =
    result === null
      ? {}
      : { was_timed_out: result.timedOut, ended: result.endedAt.toISOString(), exit_code: result.exitCode }
  return {
    version: '1.0',
    tasks: [{ task_id: taskId(claim), type: 'main', was_launched: launched, ...times, ...end, status }],
  }
}
