/**
 * An engine for service jobs in a process of its own, for tests that kill it. It is told by its environment: DATABASE_URL
 * or DATABASE_DIRECTORY, ALLOCATIONS, and SCRIPT, which it registers as the task of the job `lasting`;
 * it says `ready` when the store knows that this runs.
 */
import { randomUUID } from 'node:crypto'
import { startServiceEngine } from '#engine/service-engine.ts'
import { homeRegion } from '#model/service-job.ts'
import { createContext } from '#resolvers/context.ts'
import { registerServiceJob } from '#resolvers/service-job.ts'
import { findJobAllocations } from '#store/allocation.ts'
import { openStore } from '#store/store.ts'
import { instances, jobSpec } from './service.ts'
import { until } from './wait.ts'

const { DATABASE_URL = '', DATABASE_DIRECTORY = '', ALLOCATIONS = '', SCRIPT = '' } = process.env
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }
const store = await openStore({
  url: DATABASE_URL === '' ? null : DATABASE_URL,
  directory: DATABASE_DIRECTORY,
  keys: [],
  log: console.error,
})
const shared = { store, log, now: () => new Date(), newId: randomUUID }
const gateway = { ...shared, workspaceMode: 'open' as const, workspacesDirectory: ALLOCATIONS }
const task = { Config: { command: '/bin/sh', args: ['-c', SCRIPT] } }
const context = createContext(gateway, new AbortController().signal)
await registerServiceJob(context, jobSpec('lasting', instances(1, task)))
const node = { cpu: 1_000, memoryMb: 1_000, diskMb: 1_000 }
await startServiceEngine({ ...shared, hostname: 'engine.test', allocationsDirectory: ALLOCATIONS, node })
await until('the task to be told of', async () => {
  const [allocation] = await findJobAllocations(store.db, { region: homeRegion, name: 'lasting' })
  return allocation?.clientStatus === 'running'
})
console.log('ready')
