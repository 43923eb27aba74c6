import { type ChildProcess, fork } from 'node:child_process'
import { Agent, request } from 'node:http'

/** A server in a process of its own, and a way to ask it. */
export type Subject = {
  readonly name: string
  /** Sends the workload's request and returns the answer's body; throws for any status but 200. */
  readonly ask: () => Promise<string>
  /** The CPU time that its process has used so far, in milliseconds. */
  readonly cpuMs: () => Promise<number>
  readonly stop: () => void
}

/** What a load of some seconds came to. */
export type Load = {
  readonly requests: number
  readonly seconds: number
  readonly cpuMs: number
  /** Milliseconds a request waited for its answer, in order. */
  readonly waits: readonly number[]
}

const connections = 16

/**
 * Starts a script that listens on a port of its choice and tells it over IPC. `body` is posted to `/graphql`.
 * @throws where the script ends before it listens
 */
export async function startSubject(name: string, script: string, url: string, body: string): Promise<Subject> {
  const env = { ...process.env, NODE_ENV: 'production', GRAPHILE_ENV: 'production' }
  const child = fork(script, [url], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const port = await answer(child, 'port')
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    name,
    ask: () => post(agent, Number(port), body),
    cpuMs: async () => {
      child.send('cpu')
      const used = await answer(child, 'cpuUs')
      return (Number(Reflect.get(Object(used), 'user')) + Number(Reflect.get(Object(used), 'system'))) / 1000
    },
    stop: () => {
      agent.destroy()
      child.disconnect()
    },
  }
}

/** The member `key` of the next message of a child. @throws where the child ends before */
export function answer(child: ChildProcess, key: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${child.spawnargs[1]} ended before it answered`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(Reflect.get(Object(message), key))
    })
  })
}

/** Milliseconds on a clock that all processes of the machine share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The value below which so many of a hundred lie, of values in order; NaN for none. */
export function percentile(sorted: readonly number[], hundredth: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * hundredth) / 100))] ?? Number.NaN
}

/** Resolves after some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request({ agent, port, host: '127.0.0.1', path: '/graphql', method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`HTTP ${response.statusCode}: ${text.slice(0, 500)}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Asks over 16 connections for some seconds, each as soon as it has its answer. */
export async function load(subject: Subject, seconds: number): Promise<Load> {
  const waits: number[] = []
  const cpuBefore = await subject.cpuMs()
  const begun = performance.now()
  const until = begun + seconds * 1000
  const client = async () => {
    for (let now = performance.now(); now < until; ) {
      await subject.ask()
      const then = performance.now()
      waits.push(then - now)
      now = then
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  const taken = (performance.now() - begun) / 1000
  const cpuMs = (await subject.cpuMs()) - cpuBefore
  return { requests: waits.length, seconds: taken, cpuMs, waits: waits.sort((a, b) => a - b) }
}

/** The middle one of several numbers; NaN for none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
