import { endOf, type Position } from '#model/change.ts'
import { noRow } from '#model/error.ts'
import type { ServiceJob } from '#model/service-job.ts'
import { jobAllocationsTopic, jobEvaluationsTopic, jobTopic } from '#model/topic.ts'
import { findLogHead } from '#store/change.ts'
import { findServiceJobs } from '#store/service-job.ts'
import { reading } from '#store/store.ts'
import type { Context } from './context.ts'
import { nextTouch, type Stream, stoppable } from './wait.ts'

/** A service job whose summary is news, as of a place in the change log. */
export type SummaryEvent = {
  readonly job: ServiceJob
  readonly position: Position
  /** Whether it is deregistered and nothing of it is queued, starting or running: the stream then completes. */
  readonly isEnd: boolean
}

const floorMs = 30_000

/**
 * Tells a service job's summary as it is, then each time that it differs; states that follow each other faster than
 * they are read are told as one. Only changes of this job wake it.
 * @throws DomainError (from the stream) NOT_FOUND
 */
export function watchSummary(ctx: Context, jobId: number): Stream<SummaryEvent> {
  return stoppable(ctx.signal, (signal) => tellSummaries(ctx, jobId, signal))
}

async function* tellSummaries(
  ctx: Context,
  jobId: number,
  signal: AbortSignal,
): AsyncGenerator<SummaryEvent, void, undefined> {
  const { feed } = ctx.store
  const { region, name } = (await readSummary(ctx, jobId)).job
  const topics = [jobTopic(region, name), jobAllocationsTopic(region, name), jobEvaluationsTopic(region, name)]
  let told = ''
  while (!signal.aborted && !feed.isStopped) {
    const touches = topics.map((topic) => nextTouch(feed, topic, floorMs, signal))
    try {
      const event = await readSummary(ctx, jobId)
      const summary = `${event.isEnd} ${JSON.stringify(event.job.groups.map((group) => [group.name, group.summary]))}`
      if (summary !== told) yield event
      told = summary
      if (event.isEnd) return
      await Promise.race(touches.map(({ promise }) => promise))
    } finally {
      for (const { forget } of touches) forget()
    }
  }
}

async function readSummary({ store }: Context, jobId: number): Promise<SummaryEvent> {
  return reading(store, async (tx) => {
    const { index } = await findLogHead(tx)
    const [job] = await findServiceJobs(tx, [jobId])
    if (job === undefined) throw noRow('job', jobId, ['job'])
    const isIdle = job.groups.every(({ summary: { queued, starting, running } }) => queued + starting + running === 0)
    return { job, position: endOf(index), isEnd: job.deregisteredAt !== null && isIdle }
  })
}
