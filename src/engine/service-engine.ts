import { mkdir } from 'node:fs/promises'
import type { NodeReport } from '#model/node.ts'
import type { Worker } from '#model/worker.ts'
import type { Store } from '#store/store.ts'
import { ensureNode, upsertWorker } from '#store/worker.ts'
import { takeOverAllocations } from './allocation-rescue.ts'
import { detectContainment } from './drivers/containment.ts'
import type { Engine } from './engine.ts'
import { reportNode } from './node-report.ts'
import { identity } from './rescue.ts'
import { startScheduler } from './schedule.ts'
import { startServiceLoop } from './service-loop.ts'

/** What an engine for service jobs needs; the directory is absolute. */
export type ServiceEngineOptions = {
  readonly store: Store
  readonly hostname: string
  /** Each allocation gets a directory in here, named by its uuid; made where it is missing. */
  readonly allocationsDirectory: string
  readonly now: () => Date
  readonly newId: () => string
  /** From 0 up to and without 1; the machine's own unless told. */
  readonly random?: () => number
  /** What replaces parts of what this machine tells of itself, such as its size. */
  readonly node?: Partial<Omit<NodeReport, 'hostname'>>
  readonly log: {
    debug(message: string, fields?: Readonly<Record<string, unknown>>): void
    info(message: string, fields?: Readonly<Record<string, unknown>>): void
    error(message: string, error: unknown): void
  }
}

/** The drivers of which this machine runs tasks: both are child processes, contained alike. */
const drivers = ['raw_exec', 'exec'] as const

/**
 * Starts the engine of service jobs: it makes this machine known, schedules, and runs the tasks of the allocations
 * that are placed here. Its `stop` lets tasks of batch jobs end within the time given; whatever runs then is stopped
 * and left as it stands, and the next engine of this machine starts the tasks of the same allocations again.
 */
export async function startServiceEngine(options: ServiceEngineOptions): Promise<Engine> {
  const { store, log, now, hostname, allocationsDirectory, random = Math.random } = options
  await mkdir(allocationsDirectory, { recursive: true, mode: 0o700 })
  const { id: nodeId } = await ensureNode(store.db, hostname)
  const worker: Worker = { id: options.newId(), name: await identity(), nodeId, pid: process.pid }
  await upsertWorker(store.db, worker)
  const takenOver = await takeOverAllocations(store, worker)
  if (takenOver > 0) log.info('Takes up the allocations of a gateway that had died', { allocations: takenOver })
  const containment = await detectContainment()
  const report = { ...(await reportNode(drivers, allocationsDirectory, hostname)), ...options.node }
  const scheduler = await startScheduler({ store, node: report, now, log })
  if (scheduler.node === null) throw new Error('a node that was told of is missing')
  log.info('The engine runs allocations as child processes', { containment: containment.name, node: hostname })
  const takenPorts = new Set<number>()
  const bench = { store, containment, allocationsDirectory, node: scheduler.node, takenPorts, now, random, log }
  const loop = startServiceLoop(bench, worker)
  return {
    async stop(graceMs) {
      await scheduler.stop()
      await loop.stop(graceMs)
    },
  }
}
