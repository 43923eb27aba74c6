import type { ServiceNode } from '#model/node.ts'
import { allocationsTopic, entityTopic, nodesTopic } from '#model/topic.ts'
import type { Context } from '#resolvers/context.ts'
import { listServiceNodes } from '#resolvers/node.ts'
import { findNode, listNodeAllocations } from '#resolvers/node-lookup.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { answerMissing, answerRead } from '../header.ts'
import { readWaiting } from '../waiting.ts'
import { toNomadAllocations } from './allocation-wire.ts'
import { support } from './answer.ts'

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const prefix = (request.query.get('prefix') ?? '').toLowerCase()
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [nodesTopic],
    share: 'nodes',
    read: () => listServiceNodes(ctx),
  }))
  return answerRead(request, index, value.filter(({ uuid }) => uuid.startsWith(prefix)).map(toStub))
}

async function getHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { node: uuid = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [entityTopic(uuid)],
    share: `node ${uuid}`,
    read: () => findNode(ctx, uuid),
  }))
  if (value === null) return answerMissing(index, 'node not found')
  return answerRead(request, index, toNode(value, new URL(request.origin).host))
}

async function allocationsHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { node: uuid = '' } = request.params
  const found = await findNode(ctx, uuid)
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [allocationsTopic],
    share: `allocations of node ${uuid}`,
    read: async () => (found.value === null ? { ...found, value: [] } : listNodeAllocations(ctx, found.value.id)),
  }))
  return answerRead(request, index, await toNomadAllocations(ctx, value))
}

function toStub(node: ServiceNode): object {
  return {
    ID: node.uuid,
    Datacenter: node.datacenter,
    Name: node.hostname,
    NodeClass: '',
    Drain: false,
    Status: node.status,
    StatusDescription: '',
    CreateIndex: node.createIndex,
    ModifyIndex: node.modifyIndex,
  }
}

/** A node in full. Its HTTP address is this listener's own: that is where clients read the logs of its tasks. */
function toNode(node: ServiceNode, address: string): object {
  return {
    ID: node.uuid,
    Datacenter: node.datacenter,
    Name: node.hostname,
    HTTPAddr: address,
    Attributes: node.attributes,
    Resources: { CPU: node.cpu, MemoryMB: node.memoryMb, DiskMB: node.diskMb, IOPS: 0, Networks: null },
    Reserved: null,
    Links: {},
    Meta: node.meta,
    NodeClass: '',
    ComputedClass: '',
    Drain: false,
    Status: node.status,
    StatusDescription: '',
    CreateIndex: node.createIndex,
    ModifyIndex: node.modifyIndex,
  }
}

/** The nodes that take allocations. */
export const nodeRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/nodes', 'listNomadNodes', 'Lists nodes by id.', listHandler),
  support('GET', '/v1/node/{node}', 'getNomadNode', 'Shows a node in full.', getHandler),
  support(
    'GET',
    '/v1/node/{node}/allocations',
    'listNomadNodeAllocations',
    'Lists the allocations that a node was given, in full.',
    allocationsHandler,
  ),
]
