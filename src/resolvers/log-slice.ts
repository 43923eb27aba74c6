import type { LogLine } from '#model/log.ts'
import type { Slice, Sliced } from '#model/slice.ts'
import type { Context } from './context.ts'

/** Which lines of one execution a slice is cut from; null means all streams. */
export type LineSource = { readonly executionId: number; readonly streams: readonly string[] | null }

/** A slice of an execution's log lines in the order of the log; keys are order numbers. */
export async function sliceLines(ctx: Context, source: LineSource, slice: Slice<number>): Promise<Sliced<LogLine>> {
  if (source.streams?.length === 0) return { rows: [], hasMore: false }
  const before = slice.before ?? (await countAll(ctx, source.executionId)) + 1
  const wider = { after: slice.after ?? 0, before, limit: slice.limit + 1 }
  const lines = slice.fromEnd ? await lastLines(ctx, source, wider) : await firstLines(ctx, source, wider)
  const hasMore = lines.length > slice.limit
  if (!hasMore) return { rows: lines, hasMore }
  return { rows: slice.fromEnd ? lines.slice(1) : lines.slice(0, -1), hasMore }
}

/** How many lines there are by now. */
export async function countLines(ctx: Context, { executionId, streams: wanted }: LineSource): Promise<number> {
  const streams = await ctx.loaders.logStreams.load(executionId)
  return streams
    .filter(({ name }) => wanted === null || wanted.includes(name))
    .reduce((sum, { lineCount }) => sum + lineCount, 0)
}

function countAll(ctx: Context, executionId: number): Promise<number> {
  return countLines(ctx, { executionId, streams: null })
}

type Bounds = { readonly after: number; readonly before: number; readonly limit: number }

async function firstLines(ctx: Context, source: LineSource, { after, before, limit }: Bounds): Promise<LogLine[]> {
  const lines = await ctx.loaders.lines.load({ ...query(source), after, limit })
  return lines.filter(({ order }) => order < before)
}

/**
 * Order numbers have no gaps over all streams, so the last lines lie in the last numbers; of one stream alone there
 * may be fewer among them, and then the look back is widened.
 */
async function lastLines(ctx: Context, source: LineSource, { after, before, limit }: Bounds): Promise<LogLine[]> {
  for (let width = limit; ; width *= 4) {
    const from = Math.max(after, before - 1 - width)
    const found = await firstLines(ctx, source, { after: from, before, limit: width })
    if (found.length >= limit || from === after) return found.slice(-limit)
  }
}

function query({ executionId, streams }: LineSource) {
  return { executionId, ...(streams === null ? {} : { streams }) }
}
