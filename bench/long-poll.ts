/**
 * What sleeping long polls cost: memory and CPU of a gateway that holds them, beside a bare HTTP server that holds as
 * many unanswered requests, and how long a change takes to wake all.
 * `npm run bench long-poll [-- --polls 10000 --seconds 20]`, on a database of its own, over real sockets.
 */
import { fork } from 'node:child_process'
import { Agent, type IncomingMessage, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createDatabase, dropDatabase, openServer } from './database.ts'
import { answer, pause } from './load.ts'
import { type Served, settled, startServed } from './served.ts'

const name = 'jobgraph_bench_long_poll'
const job = {
  Region: 'global',
  ID: 'web',
  Name: 'web',
  Type: 'service',
  Priority: 50,
  Datacenters: ['dc1'],
  TaskGroups: [
    {
      Name: 'app',
      Count: 1,
      Tasks: [
        {
          Name: 'sleep',
          Driver: 'raw_exec',
          Config: { command: '/bin/sleep', args: ['60'] },
          Resources: { CPU: 20, MemoryMB: 10 },
        },
      ],
    },
  ],
}

/** Sends a request; `sent` is called once its last byte is out. Resolves with the answer, read to its end. */
function send(
  port: number,
  agent: Agent,
  method: string,
  path: string,
  options: { readonly headers?: Record<string, string>; readonly body?: unknown; readonly sent?: () => void } = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...options.headers,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const asked = request({ port, agent, method, path, headers }, (reply) => {
      reply.resume()
      if (reply.statusCode !== 200) reject(new Error(`${method} ${path} was answered ${reply.statusCode}`))
      reply.once('end', () => resolve(reply))
    })
    asked.once('error', reject)
    asked.once('finish', () => options.sent?.())
    asked.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}

/** Bytes that a bare HTTP server needs for each request that it holds. */
async function measureFloor(polls: number): Promise<number> {
  const script = fileURLToPath(new URL('long-poll-floor.ts', import.meta.url))
  const child = fork(script, [], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const port = Number(await answer(child, 'port'))
  const told = async (key: string) => {
    child.send('usage')
    return Number(await answer(child, key))
  }
  const empty = await told('rssBytes')
  const waiters = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  for (let index = 0; index < polls; index += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    send(port, waiters, 'GET', '/jobs?wait=10m', { headers: { waitIndex: '1' }, sent: resolve }).catch(() => {})
    if (index % 100 === 99) await promise
  }
  while ((await told('held')) < polls) await pause(200)
  const each = ((await told('rssBytes')) - empty) / polls
  waiters.destroy()
  child.disconnect()
  return each
}

async function measure(gateway: Served, polls: number, seconds: number): Promise<void> {
  const { port } = gateway
  const agent = new Agent({ keepAlive: true })
  const waiters = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  await send(port, agent, 'PUT', '/v1/job/web', { body: { Job: job } })
  const empty = await settled(gateway)
  const list = await send(port, agent, 'GET', '/jobs')
  const headers = { waitIndex: String(list.headers.waitindex) }
  const woken: Promise<number>[] = []
  for (let index = 0; index < polls; index += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const answered = send(port, waiters, 'GET', '/jobs?wait=10m', { headers, sent: resolve })
    woken.push(answered.then(() => performance.now()))
    if (index % 100 === 99) await promise
  }
  const asleep = await settled(gateway)
  const quiet = await gateway.usage()
  await pause(seconds * 1_000)
  const later = await gateway.usage()
  const started = performance.now()
  await send(port, agent, 'POST', '/jobs/stop/web')
  const ends = (await Promise.all(woken)).map((at) => at - started).sort((a, b) => a - b)
  console.log(`${polls} sleeping long polls of GET /jobs`)
  const each = (asleep.rssBytes - empty.rssBytes) / polls / 1024
  const floor = (await measureFloor(polls)) / 1024
  console.log(`memory of each      ${each.toFixed(1)} KiB, socket included; ${floor.toFixed(1)} in a bare server`)
  console.log(`CPU while all sleep ${((later.cpuMs - quiet.cpuMs) / (seconds * 10)).toFixed(2)} % of a core`)
  console.log(`first answer after  ${ends[0]?.toFixed(0)} ms, last after ${ends.at(-1)?.toFixed(0)} ms`)
  waiters.destroy()
  agent.destroy()
}

const { values } = parseArgs({
  options: { polls: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '20' } },
})
const server = await openServer()
const url = await createDatabase(server, name)
const gateway = await startServed('page-gateway.ts', [url])
try {
  await measure(gateway, Number(values.polls), Number(values.seconds))
} finally {
  gateway.stop()
  await pause(500)
  await dropDatabase(server, name)
  await server.stop()
}
