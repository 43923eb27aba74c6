import type { LogLine } from '#model/log.ts'
import type { Context } from '#resolvers/context.ts'
import { followJobLog, type JobTailBatch, type JobTailQuery } from '#resolvers/job-log.ts'
import { lineTest } from '#resolvers/log.ts'
import { type Stream, stoppable } from '#resolvers/wait.ts'
import { builder } from './builder.ts'
import { readIdOfFamilies } from './global-id.ts'
import { LogGapRef, lineFilterArg, readLineFilter } from './log-filter.ts'
import { createLogPace } from './log-pace.ts'
import { lastLinesArg, readLast } from './log-start.ts'
import { LogLineRef } from './refs.ts'
import { telling, told } from './stream.ts'

const EventRef = builder.objectRef<JobTailBatch>('JobLogTailEvent').implement({
  description: "Lines of a job's executions that arrived together.",
  fields: (t) => ({
    lines: t.field({
      type: [LogLineRef],
      description:
        'The lines: those of one execution in order, executions merged by time. Empty where only the end is told, or how far hidden lines were read: after 1,000 of them, or 10 s.',
      resolve: ({ lines }) => [...lines],
    }),
    gaps: t.field({
      type: [LogGapRef],
      description: 'What was trimmed away between the place before and these lines, at most one of each execution.',
      resolve: ({ gaps }) => [...gaps],
    }),
    cursor: t.exposeString('cursor', {
      description:
        'The place after these lines: give it as `after` to go on from there. It grows with the executions not yet read to their end.',
    }),
    isEnd: t.exposeBoolean('isEnd', {
      description: 'Whether the job is over and everything was told; the stream then completes.',
    }),
  }),
})

builder.subscriptionField('jobLogTail', (t) =>
  t.field({
    type: EventRef,
    description:
      'Follows the logs of all executions of a job, also of those made meanwhile: what is there, then what comes, each line once. It completes when a queued job has reached its end, or a service job was deregistered and its allocations have ended; one that is merely stopped may start again. At most 2,000 executions that are not read to their end are followed at once; later ones join as those end.',
    args: {
      job: t.arg.id({ required: true, description: 'The id of a `QueuedJob` or `ServiceJob`.' }),
      after: t.arg.string({ description: 'Only lines after this cursor of an event; not together with `last`.' }),
      ...lastLinesArg,
      ...lineFilterArg,
    },
    subscribe: (_root, { job, after, last, filter }, holder) =>
      telling(async () => {
        const isShown = lineTest(readLineFilter(filter))
        const lastLines = readLast(last, after)
        const query = {
          jobId: readIdOfFamilies(job, { queued: 'QueuedJob', service: 'ServiceJob' }, ['job']),
          ...(typeof after === 'string' ? { after } : {}),
          ...(lastLines === null ? {} : { last: lastLines }),
        }
        return shown(holder.ctx, query, isShown)
      }),
    resolve: (value) => told(value),
  }),
)

async function shown(
  ctx: Context,
  query: JobTailQuery,
  isShown: (line: LogLine) => boolean,
): Promise<Stream<JobTailBatch>> {
  const batches = await followJobLog(ctx, query)
  return stoppable(ctx.signal, (signal) => filtered(batches, isShown, signal))
}

async function* filtered(
  batches: Stream<JobTailBatch>,
  isShown: (line: LogLine) => boolean,
  signal: AbortSignal,
): AsyncGenerator<JobTailBatch, void, undefined> {
  const isTold = createLogPace()
  signal.addEventListener('abort', () => void batches.return(), { once: true })
  for await (const batch of batches) {
    const lines = batch.lines.filter(isShown)
    const hasNews = lines.length > 0 || batch.gaps.length > 0 || batch.isEnd
    if (isTold(hasNews, batch.lines.length - lines.length)) yield { ...batch, lines }
  }
}
