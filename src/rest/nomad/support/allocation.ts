import { allocationsTopic, entityTopic } from '#model/topic.ts'
import { findAllocation, listAllocations } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { toNomadAllocationStubs } from '../allocation-wire.ts'
import { answerMissing, answerRead } from '../header.ts'
import { readWaiting } from '../waiting.ts'
import { toNomadAllocations } from './allocation-wire.ts'
import { support } from './answer.ts'

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const prefix = request.query.get('prefix') ?? ''
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [allocationsTopic],
    share: `allocations of all jobs ${prefix}`,
    read: () => listAllocations(ctx, prefix),
  }))
  return answerRead(request, index, await toNomadAllocationStubs(ctx, value))
}

async function getHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { allocation: uuid = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [entityTopic(uuid)],
    share: `allocation ${uuid}`,
    read: () => findAllocation(ctx, uuid),
  }))
  const [shown] = value === null ? [] : await toNomadAllocations(ctx, [value])
  return shown === undefined ? answerMissing(index, 'alloc not found') : answerRead(request, index, shown)
}

/** Allocations of all jobs. */
export const allocationListRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/allocations', 'listNomadAllocations', 'Lists allocations by id.', listHandler),
  support('GET', '/v1/allocation/{allocation}', 'getNomadAllocation', 'Shows an allocation in full.', getHandler),
]
