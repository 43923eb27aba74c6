import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { answer, pause } from './load.ts'

/** What a process has used: CPU time so far, and the memory that it holds. */
export type Usage = { readonly cpuMs: number; readonly rssBytes: number }

/** A server in a process of its own, which tells what it uses. */
export type Served = {
  readonly child: ChildProcess
  readonly port: number
  /** `collected` lets it collect its garbage before. */
  readonly usage: (collected?: boolean) => Promise<Usage>
  readonly stop: () => void
}

/**
 * Starts a script of this directory that tells its port, and then its usage whenever it is sent `usage` or `collected
 * usage`. It ends when `stop` disconnects it. @throws where the script ends before it listens
 */
export async function startServed(script: string, args: readonly string[] = []): Promise<Served> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const port = Number(await answer(child, 'port'))
  return {
    child,
    port,
    stop: () => child.disconnect(),
    usage: async (collected = false) => {
      child.send(collected ? 'collected usage' : 'usage')
      const usage = Object(await answer(child, 'usage'))
      return { cpuMs: Number(Reflect.get(usage, 'cpuMs')), rssBytes: Number(Reflect.get(usage, 'rssBytes')) }
    },
  }
}

/** Resolves once a server has used no more than a tenth of a core for a second: all that came in is asleep. */
export async function settled(served: Served): Promise<Usage> {
  for (let before = await served.usage(); ; ) {
    await pause(1_000)
    const after = await served.usage()
    if (after.cpuMs - before.cpuMs < 100) return served.usage(true)
    before = after
  }
}
