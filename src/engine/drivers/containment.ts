import { spawn } from 'node:child_process'
import { findProgram } from './program.ts'
import { runMarker, sweep } from './tree.ts'

/**
 * How a command's tree is held together on this machine. Measured on Linux 6.18 with util-linux 2.38, a command with one ordinary
 * grandchild and one in a session of its own (setsid):
 *
 * | what wraps the command                            | kill reaches setsid | gateway killed with -9 |
 * |---------------------------------------------------|---------------------|------------------------|
 * | nothing, own process group                        | by sweep only       | all live on            |
 * | setpriv --pdeathsig                               | by sweep only       | grandchildren live on  |
 * | setpriv --pdeathsig, unshare --pid, as root       | yes                 | all die                |
 * | the same with --user, as an ordinary user         | yes                 | all die                |
 *
 * Two details make the namespaces work. Process 1 of a namespace ignores signals that it does not handle, so a small shell
 * takes that place and the command is its child; unshare blocks SIGTERM, so a graceful stop passes by it. And unshare makes
 * the new mount namespace private before it mounts /proc, so no mount shows outside.
 */
export type Containment = {
  readonly name: 'pid-namespace' | 'user-namespace' | 'user-namespace-host-proc' | 'death-signal' | 'process-group'
  /** What to put in front of the command's argv; absolute paths, since the command's own PATH must not decide. */
  readonly prefix: readonly string[]
  /**
   * True where the kernel ends the whole tree with the command, and where one byte on descriptor 3 says that the command is about
   * to start (its absence: that the wrapper failed). False where strays must be searched for.
   */
  readonly isolated: boolean
  /** What dies by itself when the gateway is killed with -9; the rest awaits the sweep of the next start. */
  readonly onGatewayDeath: 'all' | 'command' | 'nothing'
}

/** The containment that works on every Unix: a process group, and the search for strays where there is a /proc. */
export const processGroup: Containment = {
  name: 'process-group',
  prefix: [],
  isolated: false,
  onGatewayDeath: 'nothing',
}

// What the shell itself says ("Killed") is not the command's, so descriptor 4 carries the real stderr past it; nor are the
// variables that shells set on their own.
const init = 'exec 4>&2 2>/dev/null; echo >&3; exec 3>&-; unset PWD OLDPWD SHLVL; (exec "$@" 2>&4 4>&-); exit $?'

/** Every containment that could work with the tools at hand, the strongest first; whether one does work, only a try can tell. */
export async function listContainments(path: string = process.env.PATH ?? ''): Promise<Containment[]> {
  const setpriv = await toolPath('setpriv', path)
  const unshare = await toolPath('unshare', path)
  if (setpriv === null) return [processGroup]
  const dying = [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']
  const deathSignal = { name: 'death-signal', prefix: dying, isolated: false, onGatewayDeath: 'command' } as const
  if (unshare === null) return [deathSignal, processGroup]
  const isolate = (name: Containment['name'], ...flags: string[]): Containment => ({
    name,
    prefix: [
      ...dying,
      unshare,
      ...flags,
      '--pid',
      '--fork',
      '--kill-child=KILL',
      '--',
      '/bin/sh',
      '-c',
      init,
      'jobgraph-init',
    ],
    isolated: true,
    onGatewayDeath: 'all',
  })
  return [
    isolate('pid-namespace', '--mount-proc'),
    isolate('user-namespace', '--user', '--map-current-user', '--mount-proc'),
    // Where /proc may not be mounted anew, as in most containers, the command still sees the host's processes.
    isolate('user-namespace-host-proc', '--user', '--map-current-user'),
    deathSignal,
    processGroup,
  ]
}

/**
 * The first of the candidates (all, strongest first, unless told) that works here and now, found by trying each on a throw-away
 * command, about 50 ms apiece; process-group needs no trial. To be called once, at the start of the engine.
 */
export async function detectContainment(candidates?: readonly Containment[]): Promise<Containment> {
  for (const candidate of candidates ?? (await listContainments())) {
    if (candidate.name === 'process-group') return candidate
    if ((await stopsGracefully(candidate)) && (await diesWithGateway(candidate))) return candidate
  }
  return processGroup
}

async function toolPath(name: string, path: string): Promise<string | null> {
  const found = await findProgram(name, { PATH: path }, '/')
  return 'path' in found ? found.path : null
}

/** A SIGTERM to the group reaches the command, and its exit code comes back. */
async function stopsGracefully({ prefix }: Containment): Promise<boolean> {
  const command = 'trap "exit 7" TERM; echo up; while :; do sleep 60 & wait; done'
  return await trial([...prefix, '/bin/sh', '-c', command], async ({ pid, ended }) => {
    process.kill(-pid, 'SIGTERM')
    return (await ended) === 7
  })
}

/** When the process that started the wrapper is killed, so are the command and, if it is isolated, its descendants. */
async function diesWithGateway({ prefix, isolated }: Containment): Promise<boolean> {
  const command = isolated ? 'setsid sleep 60 & echo up; sleep 60' : 'echo up; exec sleep 60'
  const gateway = ['/bin/sh', '-c', '"$@" & wait', 'gateway', ...prefix, '/bin/sh', '-c', command]
  return await trial(gateway, async ({ pid, silent }) => {
    process.kill(pid, 'SIGKILL')
    return await silent
  })
}

type Trial = {
  readonly pid: number
  /** The exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** Resolves with true once nobody holds the output open any more. */
  readonly silent: Promise<boolean>
}

const trialMs = 3_000

/** Starts the argv, waits for its first output and judges it; false where that fails or takes longer than 3 s. */
async function trial(argv: readonly string[], judge: (started: Trial) => Promise<boolean>): Promise<boolean> {
  const [program = '', ...args] = argv
  const token = `probe-${crypto.randomUUID()}`
  const env = { PATH: process.env.PATH, [runMarker]: token }
  const child = spawn(program, args, { detached: true, env, stdio: ['ignore', 'pipe', 'ignore', 'ignore'] })
  const { stdout } = child
  if (stdout === null) return false
  const verdict = Promise.withResolvers<boolean>()
  const fail = () => verdict.resolve(false)
  const timer = setTimeout(fail, trialMs)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const silent = new Promise<boolean>((resolve) => stdout.once('close', () => resolve(true)))
  child.once('error', fail)
  stdout.once('close', fail)
  stdout.once('data', () => {
    stdout.off('close', fail)
    judge({ pid: child.pid ?? 0, ended, silent }).then(verdict.resolve, fail)
  })
  const works = await verdict.promise
  clearTimeout(timer)
  await sweep(token)
  stdout.destroy()
  return works
}
