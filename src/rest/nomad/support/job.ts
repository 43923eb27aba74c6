import { serviceWordOf } from '#model/service-job.ts'
import { serviceJobsTopic } from '#model/topic.ts'
import type { Context } from '#resolvers/context.ts'
import { deregisterServiceJob, listNomadJobs } from '#resolvers/service-job.ts'
import { empty, type Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { answerRead } from '../header.ts'
import { toNomadJobStub } from '../job-wire.ts'
import { readWaiting } from '../waiting.ts'
import { support } from './answer.ts'

async function listHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const prefix = request.query.get('prefix') ?? ''
  const { index, value } = await readWaiting(ctx, request, (region) => ({
    topics: [serviceJobsTopic],
    share: `jobs ${region}/${prefix}`,
    read: () => listNomadJobs(ctx, { prefix, region }),
  }))
  return answerRead(request, index, value.map(toNomadJobStub))
}

/** Forgets finished batch jobs, as Nomad 0.3 does; a job that was stopped from outside is only at rest. */
async function collectHandler(ctx: Context): Promise<Reply> {
  const { value } = await listNomadJobs(ctx)
  for (const { name, region, kind, status, isPeriodic, isStopped } of value) {
    const isGarbage = kind === 'batch' && serviceWordOf(status) === 'dead' && !isPeriodic && !isStopped
    if (isGarbage) await deregisterServiceJob(ctx, name, region)
  }
  return empty(200)
}

/** Jobs as a table. */
export const jobListRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/jobs', 'listNomadJobs', 'Lists jobs by ID, those of a prefix where one is given.', listHandler),
  support('PUT', '/v1/system/gc', 'collectNomadGarbage', 'Forgets finished batch jobs.', collectHandler),
]
