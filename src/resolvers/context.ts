import type { JobSpecMode } from '#model/documents/job-spec-type.ts'
import type { Store } from '#store/store.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/**
 * Where a gateway writes what operators should know, and at `debug` what they want to see where they look for a fault.
 * Fields are plain values; an error is written with its stack.
 */
export type Log = {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, error: unknown): void
}

/** What all requests of one gateway share. */
export type Gateway = {
  readonly store: Store
  readonly log: Log
  readonly now: () => Date
  readonly newId: () => string
  /** `open` registers a workspace that a configuration names for the first time; `strict` refuses it. */
  readonly workspaceMode: 'open' | 'strict'
  /** How strictly job specifications are read; absent means lenient, which takes the Nomad document's own example. */
  readonly jobSpecMode?: JobSpecMode
  /** Whether a caller may see the values of a secret; absent means yes, as the Cluster API has it. */
  readonly revealSecrets?: boolean
  /** Where workspaces lie that name no directory of their own. */
  readonly workspacesDirectory: string
}

/** What one request, or one event of a subscription, works with. */
export type Context = Gateway & {
  /** Batched reads, remembered for the length of the request. */
  readonly loaders: Loaders
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** Told when the request falls asleep in a long poll; what it returns is called when it has its answer. */
  readonly onSleep?: () => () => void
}

/** Starts a request; it sees rows as they are from now on. */
export function createContext(gateway: Gateway, signal: AbortSignal): Context {
  return { ...gateway, signal, loaders: lateLoaders(gateway) }
}

/** The same request with nothing remembered, for the next event of a subscription. */
export function refreshed(ctx: Context): Context {
  return { ...ctx, loaders: lateLoaders(ctx) }
}

const noLoaders: Loaders = Object.create(null)

/** Loaders that are made when the first is used: a sleeping poll or stream has none, also where its context is copied. */
function lateLoaders({ store }: Gateway): Loaders {
  let made: Loaders | null = null
  return new Proxy(noLoaders, {
    get: (_none, name) => {
      made ??= createLoaders(store.db)
      return Reflect.get(made, name)
    },
  })
}
