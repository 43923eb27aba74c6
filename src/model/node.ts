import { isObject, type Json } from './json.ts'
import type { ScheduledNode } from './node-fit.ts'

/** What a node tells of itself when it starts. */
export type NodeReport = {
  readonly hostname: string
  readonly datacenter: string
  /** Nomad's attributes, such as `kernel.name`, and `driver.raw_exec` with the value `1`. */
  readonly attributes: Readonly<Record<string, string>>
  readonly meta: Readonly<Record<string, string>>
  /** MHz of all processors together. */
  readonly cpu: number
  /** MiB. */
  readonly memoryMb: number
  readonly diskMb: number
}

/** A node that takes allocations. Times are ISO 8601 in UTC. */
export type ServiceNode = NodeReport & {
  readonly id: number
  readonly uuid: string
  /** `down` where nothing was heard of it for 45 seconds; it gets no allocations then. */
  readonly status: 'ready' | 'down'
  readonly createdAt: string
  readonly createIndex: number
  readonly modifyIndex: number
}

/** Seconds without a sign of life after which a node counts as down. */
export const nodeSilenceSeconds = 45

/** The column of a node's report, which only `registerNode` writes; null where the node takes no allocations. */
export function reportOf(hostname: string, column: Json | null): NodeReport | null {
  if (!isObject(column)) return null
  return { ...(column as unknown as Omit<NodeReport, 'hostname'>), hostname }
}

/** A node as the scheduler sees it, holding what is given. */
export function toScheduledNode(node: ServiceNode, used: ScheduledNode['used']): ScheduledNode {
  const { id, uuid, hostname, datacenter, attributes, meta, cpu, memoryMb, diskMb } = node
  // Operations a second are not measured, so they are not limited.
  return { id, uuid, hostname, datacenter, attributes, meta, capacity: { cpu, memoryMb, diskMb, iops: null }, used }
}
