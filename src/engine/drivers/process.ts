import { constants } from 'node:os'
import { type Child, startChild } from './child.ts'
import type { Containment } from './containment.ts'
import type { Environment } from './environment.ts'
import { closePipe, type OutputPipes, openPipes } from './pipe.ts'
import { findProgram } from './program.ts'
import { readOutput, settle } from './reading.ts'
import { after, settledWithin } from './timer.ts'
import { goneBy, killTree, runMarker, signalTree, sweep } from './tree.ts'

/** One command to run. */
export type ProcessOptions = {
  /** The program and its arguments; an empty list is refused as 'no command'. */
  readonly argv: readonly string[]
  /** The whole environment; nothing is inherited. Its PATH finds the program. */
  readonly env: Environment
  /** Absolute path of the directory to run in. */
  readonly cwd: string
  /** Unique to this run on this machine; marks its processes for the sweep after a crash. Letters, digits and `._:-`. */
  readonly token: string
  /** Milliseconds from the start until the run is stopped; null means no limit. */
  readonly timeoutMs: number | null
  /** Milliseconds between SIGTERM and SIGKILL when a run is stopped; 10 s unless told. */
  readonly killGraceMs?: number
  /**
   * Takes what the command prints, in order per stream, at most 128 KiB at a time. While a returned promise is pending nothing more is read from
   * that stream, so that the command itself comes to wait. Where it fails, the run is killed.
   */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer, at: Date) => void | Promise<void>
  readonly containment: Containment
  /** The clock; the machine's unless told. */
  readonly now?: () => Date
}

/** How a run ended. */
export type ProcessResult = {
  /** The command's own; 128 + n where signal n ended it; null where it never started. */
  readonly exitCode: number | null
  /** The signal that an exit code above 128 stands for, by the shells' convention; else null. */
  readonly signal: string | null
  /** The limit ran out before the command ended. */
  readonly timedOut: boolean
  /** `kill` was called before the command ended, and before the limit ran out. */
  readonly killed: boolean
  /** What `kill` was given as its reason; null where it was not called in time. */
  readonly killReason: string | null
  readonly startedAt: Date
  readonly endedAt: Date
  /** Why the command could not run, or its output could not be taken: a fault of the system, not of the command. */
  readonly error?: string
}

/** A run under way. */
export type ProcessRun = {
  /** The leader of the run's process group (a wrapper, where there is one); null where nothing was started. */
  readonly pid: number | null
  /** Resolves, and never rejects, once the whole tree is gone and all output was taken. */
  readonly result: Promise<ProcessResult>
  /**
   * Stops the whole tree: SIGTERM, then SIGKILL after `graceMs` (`killGraceMs` unless told; 0 at once). Resolves with
   * the result. May be called again with less grace. Does nothing to a command that has ended.
   */
  readonly kill: (reason: string, graceMs?: number) => Promise<void>
}

/** A command under supervision, and what has become of it so far. */
type Supervised = {
  readonly child: Child
  readonly options: ProcessOptions
  readonly pipes: OutputPipes
  readonly startedAt: Date
  readonly now: () => Date
  ended: boolean
  /** Why it was stopped; the first cause counts. */
  cause: 'timeout' | 'kill' | 'output' | null
  killReason: string | null
  /** When the patience with a tree that is being stopped ends, by `performance.now()`; without end until it is. */
  politeUntil: number
  error: string | null
}

/** A variable of any other name, such as `2D_IMAGE`, is lost where a shell stands between; a manifest may ask for one. */
const shellName = /^[A-Za-z_]\w*$/
const defaultGraceMs = 10_000
/** How long a pipe may stay silent and open after everything that could write to it is dead. */
const idleMs = 2_000

/**
 * Runs a command as a process tree of its own, without a shell and with stdin empty. Whatever is wrong with the command (no such
 * program, no such directory, arguments too long) comes as the result's `error`; nothing is thrown.
 */
export async function startProcess(options: ProcessOptions): Promise<ProcessRun> {
  const now = options.now ?? (() => new Date())
  const startedAt = now()
  try {
    const argv = await wrappedArgv(options)
    const pipes = await openPipes()
    const child = await startWithin(pipes, argv, options)
    return supervise({
      child,
      options,
      pipes,
      startedAt,
      now,
      ended: false,
      cause: null,
      killReason: null,
      politeUntil: Number.POSITIVE_INFINITY,
      error: null,
    })
  } catch (error) {
    return refusedRun(error instanceof Error ? error.message : String(error), startedAt, now())
  }
}

/** Starts the child on the pipes and leaves the writing ends to it; closes them all where it cannot be started. */
async function startWithin(pipes: OutputPipes, argv: string[], options: ProcessOptions): Promise<Child> {
  const { cwd, token, containment } = options
  const env = { ...options.env, [runMarker]: token }
  const output = [pipes.stdout.writer, pipes.stderr.writer]
  try {
    const child = await startChild({ argv, env, cwd, output, isolated: containment.isolated })
    for (const pipe of [pipes.stdout, pipes.stderr]) await pipe.closeWriter()
    return child
  } catch (error) {
    for (const pipe of [pipes.stdout, pipes.stderr]) await closePipe(pipe)
    throw error
  }
}

function refusedRun(error: string, startedAt: Date, endedAt: Date): ProcessRun {
  const none = { exitCode: null, signal: null, timedOut: false, killed: false, killReason: null }
  return {
    pid: null,
    result: Promise.resolve({ ...none, startedAt, endedAt, error }),
    kill: async () => {},
  }
}

async function wrappedArgv({ argv, env, cwd, token, containment }: ProcessOptions): Promise<string[]> {
  const [name, ...args] = argv
  if (name === undefined) throw new Error('no command')
  if (!/^[\w.:-]+$/.test(token)) throw new Error(`Not a token: ${token}`)
  const program = await findProgram(name, env, cwd)
  if ('error' in program) throw new Error(program.error)
  const odd = containment.isolated ? Object.entries(env).filter(([variable]) => !shellName.test(variable)) : []
  const around = odd.length === 0 ? [] : ['/usr/bin/env', ...odd.map(([variable, value]) => `${variable}=${value}`)]
  return [...containment.prefix, ...around, program.path, ...args]
}

function supervise(run: Supervised): ProcessRun {
  const { timeoutMs, killGraceMs = defaultGraceMs } = run.options
  const cancelTimeout = timeoutMs === null ? () => {} : after(timeoutMs, () => void stop(run, 'timeout', killGraceMs))
  void run.child.exited.then(() => {
    run.ended = true
    cancelTimeout()
  })
  const result = finish(run)
  return {
    pid: run.child.pid,
    result,
    async kill(reason, graceMs = killGraceMs) {
      if (!run.ended && run.cause === null) run.killReason = reason
      await stop(run, 'kill', graceMs)
      await result
    },
  }
}

/** Stops the tree for the reason given, unless it has ended; another stop may already be under way, with more grace. */
async function stop(run: Supervised, cause: Supervised['cause'], graceMs: number): Promise<void> {
  run.politeUntil = Math.min(run.politeUntil, performance.now() + graceMs)
  if (run.ended) return
  run.cause ??= cause
  const tree = { pid: run.child.pid, token: run.options.token }
  if (graceMs > 0) {
    await signalTree(tree, 'SIGTERM')
    if (await settledWithin(run.child.exited, graceMs)) return
  }
  if (!run.ended) await killTree(tree)
}

async function finish(run: Supervised): Promise<ProcessResult> {
  const { options, startedAt, now, child } = run
  const readings = (['stdout', 'stderr'] as const).map((stream) =>
    readOutput(
      run.pipes[stream].reader,
      (chunk) => options.onOutput(stream, chunk, now()),
      (error) => {
        run.error ??= `The output could not be taken: ${error instanceof Error ? error.message : error}`
        void stop(run, 'output', 0)
      },
    ),
  )
  const exitCode = await child.exited
  const endedAt = now()
  // Its leader may end before the others have done what SIGTERM asks of them: they have the same grace.
  if (run.cause !== null) await goneBy(options.token, () => run.politeUntil)
  // A namespace ends as one; elsewhere, and after a kill, strays may still be on their way out.
  if (!options.containment.isolated || run.cause !== null) await sweep(options.token)
  await settle(readings, idleMs)
  if (!(await child.launched) && run.cause === null) {
    run.error ??= `The command was never started: ${options.containment.name} failed, see stderr`
  }
  return {
    exitCode,
    signal: signalOf(exitCode),
    timedOut: run.cause === 'timeout',
    killed: run.cause === 'kill',
    killReason: run.killReason,
    startedAt,
    endedAt,
    ...(run.error === null ? {} : { error: run.error }),
  }
}

function signalOf(exitCode: number): string | null {
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)
  return found === undefined ? null : found[0]
}
