import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from './postgres.ts'
import { root } from './sources.ts'
import { until } from './wait.ts'

/** A gateway in a process of its own, started as `npm start` starts it. */
export type GatewayProcess = {
  readonly url: string
  readonly child: ChildProcess
  /** What it has printed so far, both streams. */
  readonly output: () => string
  /** Sends a signal and waits for the end; returns the exit code, null where a signal ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

/** Starts a gateway with these variables over a clean environment, and waits until it is ready. */
export async function startGateway(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<GatewayProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [join(root, 'bin/start.js'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${port}`
  await until(
    'the gateway to be ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}: ${output}`)
      const answer = await fetch(`${url}/readyz`).catch(() => null)
      return answer?.status === 200
    },
    30_000,
  )
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return { url, child, output: () => output, end }
}

/** Asks a REST route and reads the JSON; throws where the status is not the expected one. */
export async function ask(url: string, path: string, status: number, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${text}`)
  return text === '' ? null : JSON.parse(text)
}
