import { randomUUID } from 'node:crypto'
import { createContext, type Gateway } from '../src/resolvers/context.ts'
import { parseRegistration } from '../src/resolvers/job-type.ts'
import { ensureBuiltinErrors } from '../src/store/job-error.ts'
import { openStore, type Store } from '../src/store/store.ts'

const keys = [`bench:${Buffer.alloc(32, 1).toString('base64')}`]

/** Opens a database as a gateway's store, migrated; faults are printed until it is closed. */
export async function openBenchStore(url: string, poolSize = 10): Promise<Store> {
  let isOpen = true
  // A pool that has ended still hears of connections that the server cuts while it stops.
  const log = (message: string, error: unknown) => (isOpen ? console.error(message, error) : undefined)
  const store = await openStore({ url, directory: null, keys, log, poolSize })
  await ensureBuiltinErrors(store.db)
  const close = () => {
    isOpen = false
    return store.close()
  }
  return { ...store, close }
}

/** A gateway in this process, asked without a port. `now` is its clock. */
export function createGateway(store: Store, now: () => Date = () => new Date()): Gateway {
  return {
    store,
    log: { debug: () => {}, info: () => {}, warn: console.warn, error: console.error },
    now,
    newId: randomUUID,
    workspaceMode: 'open',
    workspacesDirectory: '/nowhere',
  }
}

/** A request's context that nobody aborts. */
export function contextOf(gateway: Gateway) {
  return createContext(gateway, new AbortController().signal)
}

/** A job type whose jobs nobody runs. */
export const noop = parseRegistration({
  dockerImage: 'noop',
  manifest: {
    seedVersion: '1.0.0',
    job: {
      name: 'noop',
      jobVersion: '1.0.0',
      packageVersion: '1.0.0',
      title: 'No-op',
      description: 'Does nothing.',
      maintainer: { name: 'Ada Ruiz', email: 'ada@tile.test' },
      timeout: 60,
    },
  },
})
