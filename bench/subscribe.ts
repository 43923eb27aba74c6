/**
 * How soon subscribers hear of a change: N sockets that follow the status of all jobs through one gateway, one change a
 * second, committed by another process; between the changes a bare `ws` server sends the same frame to the same clients.
 * `npm run bench subscribe [-- --subscribers 5000 --seconds 30]`, on a database of its own.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cancelJobs, queueJob } from '../src/resolvers/job.ts'
import { registerJobType } from '../src/resolvers/job-type.ts'
import { createDatabase, dropDatabase, openServer } from './database.ts'
import { contextOf, createGateway, noop, openBenchStore } from './gateway.ts'
import { answer, pause, percentile, sharedNow } from './load.ts'
import { type Served, settled, startServed } from './served.ts'

const name = 'jobgraph_bench_subscribe'
/** Rounds that are run first and not counted. */
const warmUp = 3

type Clients = {
  readonly open: (server: 'gateway' | 'floor', port: number) => Promise<void>
  /** Resolves with the next frame, once every socket has got it. */
  readonly complete: () => Promise<string>
  /** When each frame came, for each round. */
  readonly times: (server: 'gateway' | 'floor') => Promise<readonly (readonly number[])[]>
  readonly stop: () => void
}

/** Two processes, for one would be kept busier by the frames than the server that sends them. */
function startClients(count: number): Clients {
  const script = fileURLToPath(new URL('subscribe-client.ts', import.meta.url))
  const shares = [Math.ceil(count / 2), Math.floor(count / 2)]
  const children = shares.map((share) => ({
    share,
    child: fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  }))
  const ask = async <T>(message: (share: number) => object | null, key: string, read: (value: unknown) => T) =>
    Promise.all(
      children.map(async ({ child, share }) => {
        const told = answer(child, key)
        const asked = message(share)
        if (asked !== null) child.send(asked)
        return read(await told)
      }),
    )
  return {
    open: async (open, port) => {
      await ask((count) => ({ open, port, count }), 'opened', Number)
    },
    complete: async () => (await ask(() => null, 'complete', String))[0] ?? '',
    times: async (server) => {
      const [first = [], second = []] = await ask(() => ({ times: server }), 'times', timesOf)
      return first.map((round, place) => [...round, ...(second[place] ?? [])])
    },
    stop: () => {
      for (const { child } of children) child.disconnect()
    },
  }
}

function timesOf(value: unknown): number[][] {
  return Array.isArray(value) ? value.map((round) => (Array.isArray(round) ? round.map(Number) : [])) : []
}

/** Jobs to cancel, by a process that is not the gateway; `change` resolves with the moment after the commit. */
async function openWriter(url: string, jobs: number) {
  const store = await openBenchStore(url, 4)
  const gateway = createGateway(store)
  const { jobType } = await registerJobType(contextOf(gateway), noop)
  const ids: number[] = []
  for (let n = 0; n < jobs; n += 1)
    ids.push((await queueJob(contextOf(gateway), { jobTypeId: jobType.id, input: {}, configuration: undefined })).id)
  let committedAt: number | null = null
  const wake = store.feed.wake.bind(store.feed)
  store.feed.wake = () => {
    committedAt ??= sharedNow()
    wake()
  }
  const change = async () => {
    committedAt = null
    await cancelJobs(contextOf(gateway), { ids: ids.splice(0, 1) })
    return committedAt ?? Number.NaN
  }
  return { change, close: store.close }
}

type Told = { readonly waits: readonly number[]; readonly kib: number; readonly cpuMs: number }

async function openAll(clients: Clients, server: 'gateway' | 'floor', served: Served, count: number): Promise<number> {
  const empty = await settled(served)
  await clients.open(server, served.port)
  return ((await settled(served)).rssBytes - empty.rssBytes) / count / 1024
}

/** Changes and broadcasts in turn, half a second apart. */
async function measure(clients: Clients, gateway: Served, floor: Served, url: string, count: number, seconds: number) {
  const writer = await openWriter(url, warmUp + seconds)
  const kib = {
    gateway: await openAll(clients, 'gateway', gateway, count),
    floor: await openAll(clients, 'floor', floor, count),
  }
  const starts = { gateway: [0], floor: [0] }
  const quiet = await gateway.usage()
  await pause(5_000)
  let before = { gateway: await gateway.usage(), floor: await floor.usage() }
  const quietMs = (before.gateway.cpuMs - quiet.cpuMs) / 5
  for (let round = 0; round < warmUp + seconds; round += 1) {
    if (round === warmUp) before = { gateway: await gateway.usage(), floor: await floor.usage() }
    const next = pause(1_000)
    const told = clients.complete()
    starts.gateway[round] = await writer.change()
    const frame = await told
    await pause(500)
    const passedOn = clients.complete()
    const sent = answer(floor.child, 'sentAt')
    floor.child.send({ frame })
    starts.floor[round] = Number(await sent)
    await passedOn
    await next
  }
  await writer.close()
  const tell = async (server: 'gateway' | 'floor', served: Served): Promise<Told> => {
    const cpuMs = ((await served.usage()).cpuMs - before[server].cpuMs) / seconds
    const waits = (await clients.times(server))
      .slice(warmUp)
      .flatMap((times, round) => times.map((at) => at - (starts[server][warmUp + round] ?? Number.NaN)))
    return { waits: waits.sort((a, b) => a - b), kib: kib[server], cpuMs }
  }
  return { quietMs, gateway: await tell('gateway', gateway), floor: await tell('floor', floor) }
}

function row(what: string, gateway: number, floor: number): void {
  console.log(`| ${what} | ${gateway.toFixed(1)} | ${floor.toFixed(1)} | ${(gateway / floor).toFixed(2)} |`)
}

const { values } = parseArgs({
  options: { subscribers: { type: 'string', default: '5000' }, seconds: { type: 'string', default: '30' } },
})
const count = Number(values.subscribers)
const server = await openServer()
const url = await createDatabase(server, name)
const gateway = await startServed('page-gateway.ts', [url])
const floor = await startServed('subscribe-floor.ts')
const clients = startClients(count)
try {
  const told = await measure(clients, gateway, floor, url, count, Number(values.seconds))
  console.log(`${count} subscribers, ${told.gateway.waits.length} deliveries`)
  console.log('| what | gateway | floor | ratio |\n|---|---:|---:|---:|')
  row('p50, ms', percentile(told.gateway.waits, 50), percentile(told.floor.waits, 50))
  row('p99, ms', percentile(told.gateway.waits, 99), percentile(told.floor.waits, 99))
  row('max, ms', percentile(told.gateway.waits, 100), percentile(told.floor.waits, 100))
  row('memory of each, KiB', told.gateway.kib, told.floor.kib)
  row('CPU a second, with one change in it, ms', told.gateway.cpuMs, told.floor.cpuMs)
  console.log(`\nWhile nothing changes the gateway uses ${told.quietMs.toFixed(0)} ms of CPU a second.`)
} finally {
  clients.stop()
  gateway.stop()
  floor.stop()
  await pause(500)
  await dropDatabase(server, name)
  await server.stop()
}
