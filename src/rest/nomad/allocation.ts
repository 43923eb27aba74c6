import { jobAllocationsTopic } from '#model/topic.ts'
import { listJobAllocations } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { listOf, named } from '../shape.ts'
import { toNomadAllocationStubs } from './allocation-wire.ts'
import { badRequest } from './error.ts'
import { answerRead, readHeaders } from './header.ts'
import { readQuery, readWaiting } from './waiting.ts'

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { job = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, (region) => ({
    topics: [jobAllocationsTopic(region, job)],
    share: `allocations ${region}/${job}`,
    read: () => listJobAllocations(ctx, job, region),
  }))
  return answerRead(request, index, await toNomadAllocationStubs(ctx, value))
}

/** The allocations of a job. */
export const allocationRoutes: readonly Route<Context>[] = [
  {
    surface: 'nomad',
    method: 'GET',
    path: '/v1/job/{job}/allocations',
    id: 'listNomadJobAllocations',
    summary: 'Lists the allocations of a job by id; a job that nobody registered has none. Blocking.',
    doc: 'Beyond the document each shows its TaskStates and CreateTime; times are nanoseconds since 1970.',
    query: readQuery,
    replies: {
      200: {
        doc: 'Also those of earlier jobs of that ID.',
        schema: listOf(named('NomadAllocation')),
        headers: readHeaders,
      },
      400: badRequest,
    },
    handler: listHandler,
  },
]
