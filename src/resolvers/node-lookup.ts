import type { Allocation } from '#model/allocation.ts'
import type { ServiceNode } from '#model/node.ts'
import { findServiceNodesById } from '#store/node.ts'
import { listAllocations } from './allocation.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'
import { listServiceNodes } from './node.ts'

/** One node with its modify index; null, with the index of the nodes table, where there is none of that uuid. */
export async function findNode(ctx: Context, uuid: string): Promise<Indexed<ServiceNode | null>> {
  const { index, value } = await listServiceNodes(ctx)
  const node = value.find((one) => one.uuid === uuid.toLowerCase()) ?? null
  return { index: node?.modifyIndex ?? index, value: node }
}

/** The allocations that a node was given, by uuid bytes, with the index of the allocations table. */
export async function listNodeAllocations(ctx: Context, nodeId: number): Promise<Indexed<readonly Allocation[]>> {
  const { index, value } = await listAllocations(ctx)
  return { index, value: value.filter((allocation) => allocation.nodeId === nodeId) }
}

/** The uuids of nodes by row id, in one statement; null ids are passed over. */
export async function findNodeUuids(
  ctx: Context,
  ids: readonly (number | null)[],
): Promise<ReadonlyMap<number, string>> {
  const known = [...new Set(ids)].filter((id) => id !== null)
  if (known.length === 0) return new Map()
  const nodes = await findServiceNodesById(ctx.store.db, known)
  return new Map(nodes.map(({ id, uuid }) => [id, uuid]))
}
