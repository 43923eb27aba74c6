/** What is read of a gateway and its process each time that its measures are asked for. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Gateway } from '#resolvers/context.ts'
import { countJobsByStatus } from '#resolvers/job-tally.ts'
import type { Registry } from './metric.ts'

/** What the GraphQL edge can tell of itself. */
export type Sockets = { readonly openSockets: () => number }

const resolutionMs = 10
const lagEveryMs = 1_000
const lagBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Longer than this nobody waits for the database: what else there is to tell must not be late for it. */
const patienceMs = 2_000

/** Adds the gauges of a gateway and of this process; the function that it returns ends the watch on the event loop. */
export function addGauges(registry: Registry, { store }: Gateway, { openSockets }: Sockets): () => void {
  registry.gauge({ name: 'jobgraph_graphql_sockets_open', help: 'Open WebSockets' }, openSockets)
  registry.gauge(
    { name: 'jobgraph_change_index', help: 'The last change index that this process has read' },
    () => store.feed.head.index,
  )
  const countJobs = patient(() => countJobsByStatus(store), patienceMs)
  registry.gauge({ name: 'jobgraph_jobs', help: 'Jobs by family and status', labels: ['family', 'status'] }, async () =>
    (await countJobs()).map(({ family, status, count }) => ({ labels: [family, status], value: count })),
  )
  addProcess(registry)
  return addEventLoop(registry)
}

function addProcess(registry: Registry): void {
  const memory = (name: string, help: string, member: 'rss' | 'heapUsed' | 'external') =>
    registry.gauge({ name, help }, () => process.memoryUsage()[member])
  memory('process_resident_memory_bytes', 'Resident memory', 'rss')
  memory('nodejs_heap_used_bytes', 'Heap in use', 'heapUsed')
  memory('nodejs_external_memory_bytes', 'Memory outside the heap that the heap refers to', 'external')
  registry.total({ name: 'process_cpu_seconds_total', help: 'CPU time, user and system' }, () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  registry.gauge(
    { name: 'process_start_time_seconds', help: 'When the process started, in seconds since 1970' },
    () => performance.timeOrigin / 1000,
  )
}

/** Observes once a second, whoever asks and however often, so that readers do not take from one another. */
function addEventLoop(registry: Registry): () => void {
  const lag = registry.histogram(
    { name: 'nodejs_eventloop_lag_seconds', help: 'How late the latest timer of each second fired' },
    lagBounds,
  )
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const timer = setInterval(() => {
    if (delay.count === 0) return
    // What is measured, in nanoseconds, has the interval of the timer in it.
    lag.observe([], Math.max(0, delay.max / 1e9 - resolutionMs / 1e3))
    delay.reset()
  }, lagEveryMs).unref()
  return () => {
    clearInterval(timer)
    delay.disable()
  }
}

/**
 * Reads as `read` does and gives up after `ms`. Whoever asks while a reading is under way, given up or not, gets that
 * one, so that a database which does not answer is asked one thing and not ever more.
 * @throws Error where time is up, and what `read` throws
 */
function patient<T>(read: () => Promise<T>, ms: number): () => Promise<T> {
  let reading: Promise<T> | null = null
  return async () => {
    reading ??= read().finally(() => {
      reading = null
    })
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error(`there was no answer within ${ms / 1000} s`)), ms)
    try {
      return await Promise.race([reading, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
