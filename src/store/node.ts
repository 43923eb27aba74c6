import type { ComputeNode } from '#model/worker.ts'
import type { Store } from './store.ts'

/** What a node tells of itself when it starts. */
export type NodeReport = {
  readonly hostname: string
  readonly datacenter: string
  /** Nomad's attributes, such as `kernel.name` and `driver.raw_exec`. */
  readonly attributes: Readonly<Record<string, string>>
  readonly meta: Readonly<Record<string, string>>
  /** MHz and MiB. */
  readonly cpu: number
  readonly memoryMb: number
  readonly diskMb: number
}

/** Makes a node known to the scheduler, or renews what is known of it; system jobs are evaluated where it is new. */
export async function registerNode(_store: Store, _report: NodeReport): Promise<ComputeNode> {
  throw new Error('unfinished')
}
