import { jobTopic } from '#model/topic.ts'
import type { Context } from '#resolvers/context.ts'
import { findServiceJob, listNomadJobs } from '#resolvers/service-job.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { answerMissing, answerRead } from '../header.ts'
import { toNomadSummary } from '../job-wire.ts'
import { readWaiting } from '../waiting.ts'
import { support } from './answer.ts'

async function summaryHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const { job = '' } = request.params
  const { index, value } = await readWaiting(ctx, request, (region) => ({
    topics: [jobTopic(region, job)],
    share: `job ${region}/${job}`,
    read: () => findServiceJob(ctx, job, region),
  }))
  if (value === null) return answerMissing(index, 'job not found')
  const prefix = `${job}/periodic-`
  const children = value.isPeriodic ? (await listNomadJobs(ctx, { prefix, region: value.region })).value : []
  return answerRead(request, index, toNomadSummary(value, children))
}

/** The summary that Nomad 0.4 and later have of each job; `nomad status` fails without it. */
export const summaryRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/job/{job}/summary', 'getNomadJobSummary', 'Counts the instances of each group.', summaryHandler),
]
