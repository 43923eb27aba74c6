import { allocationsTopic, entityTopic, evaluationsTopic } from '#model/topic.ts'
import { listEvaluationAllocations } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import { findEvaluation, listEvaluations } from '#resolvers/evaluation.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { toNomadAllocationStubs } from '../allocation-wire.ts'
import { toNomadEvaluations } from '../evaluation-wire.ts'
import { answerMissing, answerRead } from '../header.ts'
import { readWaiting } from '../waiting.ts'
import { support } from './answer.ts'

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const prefix = request.query.get('prefix') ?? ''
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [evaluationsTopic],
    share: `evaluations of all jobs ${prefix}`,
    read: () => listEvaluations(ctx, prefix),
  }))
  return answerRead(request, index, await toNomadEvaluations(ctx, value))
}

async function getHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { evaluation: uuid = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [entityTopic(uuid)],
    share: `evaluation ${uuid}`,
    read: () => findEvaluation(ctx, uuid),
  }))
  const [shown] = value === null ? [] : await toNomadEvaluations(ctx, [value])
  return shown === undefined ? answerMissing(index, 'eval not found') : answerRead(request, index, shown)
}

async function allocationsHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { evaluation: uuid = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, () => ({
    topics: [allocationsTopic],
    share: `allocations of evaluation ${uuid}`,
    read: () => listEvaluationAllocations(ctx, uuid),
  }))
  return answerRead(request, index, await toNomadAllocationStubs(ctx, value))
}

/** Evaluations of all jobs. */
export const evaluationListRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/evaluations', 'listNomadEvaluations', 'Lists evaluations by id.', listHandler),
  support('GET', '/v1/evaluation/{evaluation}', 'getNomadEvaluation', 'Shows an evaluation.', getHandler),
  support(
    'GET',
    '/v1/evaluation/{evaluation}/allocations',
    'listNomadEvaluationAllocations',
    'Lists the allocations that an evaluation placed or last updated.',
    allocationsHandler,
  ),
]
