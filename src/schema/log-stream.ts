import { badInput, DomainError, noRow } from '#model/error.ts'
import type { LogLine } from '#model/log.ts'
import type { Context } from '#resolvers/context.ts'
import { followLog, type LogGap, lineTest, type TailBatch, type TailQuery } from '#resolvers/log.ts'
import { countLines } from '#resolvers/log-slice.ts'
import { type Stream, stoppable } from '#resolvers/wait.ts'
import { builder } from './builder.ts'
import { readIdOfFamilies } from './global-id.ts'
import { LogGapRef, lineFilterArg, readLineFilter } from './log-filter.ts'
import { createLogPace } from './log-pace.ts'
import { lastLinesArg, readLast } from './log-start.ts'
import { LogLineRef } from './refs.ts'
import { telling, told } from './stream.ts'

type TailEvent = {
  readonly lines: readonly LogLine[]
  readonly gap: LogGap | null
  readonly cursor: string
  readonly isEnd: boolean
}

const EventRef = builder.objectRef<TailEvent>('LogTailEvent')
EventRef.implement({
  description: 'Log lines that arrived together.',
  fields: (t) => ({
    lines: t.field({
      type: [LogLineRef],
      description:
        'The lines in order. Empty where only the end is told, or how far hidden lines were read: after 1,000 of them, or 10 s.',
      resolve: ({ lines }) => [...lines],
    }),
    gap: t.field({
      type: LogGapRef,
      nullable: true,
      description:
        'What was trimmed away between the place before and `cursor`, of whichever stream; null where nothing is missing.',
      resolve: ({ gap }) => gap,
    }),
    cursor: t.exposeString('cursor', {
      description: 'The place after these lines: give it as `after` to go on from there.',
    }),
    isEnd: t.exposeBoolean('isEnd', {
      description: 'Whether the execution has ended and these are its last lines; the stream then completes.',
    }),
  }),
})

builder.subscriptionField('logTail', (t) =>
  t.field({
    type: EventRef,
    description:
      "Follows an execution's log: what is there, then what comes, each line once and in order, until the execution has ended. `jobLogTail` follows all executions of a job.",
    args: {
      execution: t.arg.id({ required: true, description: 'The id of a `JobExecution` or an `Allocation`.' }),
      after: t.arg.string({
        description: 'Only lines after this cursor of an event; absent means from the first line, or as `last` says.',
      }),
      ...lastLinesArg,
      ...lineFilterArg,
    },
    subscribe: (_root, { execution, after, last, filter }, holder) =>
      telling(async () => {
        const { ctx } = holder
        const wanted = readLineFilter(filter)
        const lastLines = readLast(last, after)
        const executionId = readIdOfFamilies(execution, { queued: 'JobExecution', service: 'Allocation' }, [
          'execution',
        ])
        if ((await ctx.loaders.execution.load(executionId)) === null)
          throw noRow('execution', executionId, ['execution'])
        const start =
          typeof after === 'string'
            ? await readPlace(ctx, executionId, after)
            : await placeBefore(ctx, executionId, lastLines)
        const query = { executionId, after: start, ...(wanted.streams ? { streams: wanted.streams } : {}) }
        return tailOf(ctx, query, lineTest(wanted))
      }),
    resolve: (value) => told(value),
  }),
)

type Test = (line: LogLine) => boolean

function tailOf(ctx: Context, query: TailQuery, isShown: Test): Stream<TailEvent> {
  return stoppable(ctx.signal, (signal) => events(ctx.store.id, query, isShown, followLog({ ...ctx, signal }, query)))
}

async function* events(
  storeId: string,
  { executionId, after }: TailQuery,
  isShown: Test,
  batches: Stream<TailBatch>,
): AsyncGenerator<TailEvent, void, undefined> {
  const isTold = createLogPace()
  let reached = after
  for await (const { lines, gap, upTo, ended } of batches) {
    const shown = lines.filter(isShown)
    const hidden = upTo - reached - shown.length - (gap?.lineCount ?? 0)
    reached = upTo
    if (isTold(shown.length > 0 || gap !== null || ended, hidden))
      yield { lines: shown, gap, cursor: encode(storeId, executionId, upTo), isEnd: ended }
  }
}

/** A place in one execution's log as clients keep it: opaque, and bound to store and execution. */
function encode(storeId: string, executionId: number, order: number): string {
  return Buffer.from(`log.${storeId.slice(0, 8)}.${executionId}.${order}`).toString('base64url')
}

/** The place before the last lines of what is there; before the first line where all are wanted. */
async function placeBefore(ctx: Context, executionId: number, lastLines: number | null): Promise<number> {
  if (lastLines === null) return 0
  return Math.max(0, (await countLines(ctx, { executionId, streams: null })) - lastLines)
}

async function readPlace(ctx: Context, executionId: number, cursor: string): Promise<number> {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, store, execution, digits] = /^log\.([0-9a-f]{8})\.(\d{1,16})\.(\d{1,16})$/.exec(text) ?? []
  const order = Number(digits)
  if (!Number.isSafeInteger(order)) throw badInput('The cursor is not one that this API gave.', { path: ['after'] })
  if (Number(execution) !== executionId) throw badInput('The cursor is of another execution.', { path: ['after'] })
  if (store !== ctx.store.id.slice(0, 8))
    throw new DomainError('FOREIGN_CURSOR', 'The cursor belongs to another store; start from the first line.', {
      path: ['after'],
    })
  if (order > (await countLines(ctx, { executionId, streams: null })))
    throw new DomainError('FOREIGN_CURSOR', 'The cursor lies beyond the last line; start from the first line.', {
      path: ['after'],
    })
  return order
}
