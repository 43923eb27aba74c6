/** What is read of a gateway and its process each time that its measures are asked for. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Gateway } from '#resolvers/context.ts'
import { countJobsByStatus } from '#resolvers/job-tally.ts'
import type { Registry } from './metric.ts'

/** What the GraphQL edge can tell of itself. */
export type Sockets = { readonly openSockets: () => number }

const resolutionMs = 10

/** Adds the gauges of a gateway and of this process; the function that it returns ends the watch on the event loop. */
export function addGauges(registry: Registry, { store }: Gateway, { openSockets }: Sockets): () => void {
  registry.gauge({ name: 'jobgraph_graphql_sockets_open', help: 'Open WebSockets' }, openSockets)
  registry.gauge(
    { name: 'jobgraph_change_index', help: 'The last change index that this process has read' },
    () => store.feed.head.index,
  )
  registry.gauge({ name: 'jobgraph_jobs', help: 'Jobs by family and status', labels: ['family', 'status'] }, async () =>
    (await countJobsByStatus(store)).map(({ family, status, count }) => ({ labels: [family, status], value: count })),
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

function addEventLoop(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  registry.gauge(
    {
      name: 'nodejs_eventloop_lag_seconds',
      help: 'How late timers fired since the last reading, by quantile',
      labels: ['quantile'],
    },
    () => {
      const samples = [0.5, 0.99, 1].map((quantile) => ({
        labels: [String(quantile)],
        value: lagOf(delay.count === 0 ? 0 : delay.percentile(quantile * 100)),
      }))
      delay.reset()
      return samples
    },
  )
  return () => void delay.disable()
}

/** What is measured, in nanoseconds, has the interval of the timer in it. */
function lagOf(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3)
}
