import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Environment } from './environment.ts'
import { killGroup } from './tree.ts'

/** What to start: a complete argv, wrapper included, whose program is an absolute path. */
export type ChildOptions = {
  readonly argv: readonly string[]
  readonly env: Environment
  readonly cwd: string
  /** Descriptors for stdout and stderr. */
  readonly output: readonly number[]
  /** Whether the argv begins with a wrapper that reports on descriptor 3 and ends its whole tree with it. */
  readonly isolated: boolean
}

/** A child that exists. */
export type Child = {
  /** Leader of its own session and process group. */
  readonly pid: number
  /** Resolves with the exit code, 128 + n where signal n ended it. */
  readonly exited: Promise<number>
  /** False where a wrapper ended before the command began. */
  readonly launched: Promise<boolean>
}

/**
 * Starts a child with stdin empty, in a session of its own.
 * @throws Error, in one sentence, where the operating system refuses
 */
export async function startChild({ argv, env, cwd, output, isolated }: ChildOptions): Promise<Child> {
  const [program = '', ...args] = argv
  const stdio = ['ignore' as const, ...output, isolated ? ('pipe' as const) : ('ignore' as const)]
  const child = spawn(program, args, { cwd, env, detached: true, stdio })
  // These listeners must stand before the first wait: a short command may be over by then.
  const exited = exitCode(child, isolated)
  const launched = isolated ? firstByte(child) : Promise.resolve(true)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.on('error', (error) => reject(new Error(`Cannot start in ${cwd}: ${error.message}`)))
  })
  if (child.pid === undefined) throw new Error(`Cannot start in ${cwd}`)
  return { pid: child.pid, exited, launched }
}

function exitCode(child: ChildProcess, isolated: boolean): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (!isolated && child.pid !== undefined) killGroup(child.pid)
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

function firstByte(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const report = child.stdio[3]
    report?.once('data', () => resolve(true))
    report?.once('close', () => resolve(false))
  })
}
