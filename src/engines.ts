import { hostname } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '#engine/engine.ts'
import { startScheduler } from '#engine/schedule.ts'
import { startServiceEngine } from '#engine/service-engine.ts'
import type { Gateway } from '#resolvers/context.ts'
import type { Config } from './config.ts'
import type { Home } from './home.ts'

/** Everything of a gateway that moves jobs. */
export type Engines = { readonly stop: (graceMs: number) => Promise<void> }

/**
 * Starts what runs jobs of both families on this machine. Without an engine, evaluations are still carried out, for
 * the nodes of other gateways.
 */
export async function startEngines(config: Config, gateway: Gateway, home: Home): Promise<Engines> {
  const { store, log, now, newId } = gateway
  if (config.engine === 'off') {
    const scheduler = await startScheduler({ store, node: null, now, log })
    return { stop: () => scheduler.stop() }
  }
  const shared = { store, log, now, newId, hostname: hostname() || 'localhost' }
  const queued = await startEngine({
    ...shared,
    slots: config.engineSlots,
    scratchDirectory: home.scratch,
    workspacesDirectory: home.workspaces,
  })
  const service = await startServiceEngine({ ...shared, allocationsDirectory: join(home.root, 'alloc') })
  return {
    stop: async (graceMs) => {
      await Promise.all([queued.stop(graceMs), service.stop(graceMs)])
    },
  }
}
