import type { ServiceNode } from '#model/node.ts'
import { nodesTopic } from '#model/topic.ts'
import { findTopicIndex } from '#store/change.ts'
import { findServiceNodes } from '#store/node.ts'
import { reading } from '#store/store.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'

/** The nodes that take allocations, by uuid bytes, with the index of the nodes table. */
export async function listServiceNodes(ctx: Context): Promise<Indexed<readonly ServiceNode[]>> {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, nodesTopic),
    value: await findServiceNodes(tx),
  }))
}
