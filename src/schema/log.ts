import type { ObjectFieldBuilder } from '@pothos/core'
import type { Execution } from '#model/execution.ts'
import type { LogLine } from '#model/log.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { countLines, sliceLines } from '#resolvers/log-slice.ts'
import type { SchemaTypes } from './builder.ts'
import { type CursorForm, isId, named, readSlice, toConnection } from './connection.ts'
import { checkCount } from './global-id.ts'
import { ExecutionRef, LogLineRef, LogStreamRef } from './refs.ts'

LogStreamRef.implement({
  description: "One stream of an execution's log, and how much there is of it.",
  fields: (t) => ({
    name: t.exposeString('name', { description: '`stdout`, `stderr`, or the name of a file.' }),
    task: t.exposeString('task', { description: 'The task that writes it; `main` for the command of a queued job.' }),
    size: t.expose('byteCount', { type: 'SafeInt', description: 'Bytes written so far.' }),
    lineCount: t.expose('lineCount', { type: 'SafeInt', description: 'Lines written so far.' }),
  }),
})

LogLineRef.implement({
  description: 'One log line. Mirrors an entry of `GET /v6/job-executions/{job_exe_id}/logs/{log_id}/`.',
  fields: (t) => ({
    execution: t.field({
      type: ExecutionRef,
      description: 'The execution that wrote it.',
      resolve: ({ executionId }, _args, { ctx }) => loadRequired(ctx.loaders.execution, executionId),
    }),
    order: t.expose('order', {
      type: 'SafeInt',
      description: "Its place in the execution's log over all streams, from 1 without gaps.",
    }),
    stream: t.exposeString('stream', { description: '`stdout`, `stderr`, or the name of a file.' }),
    task: t.exposeString('task', { description: 'The task that wrote it.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was read from the command.' }),
    byteOffset: t.expose('byteOffset', { type: 'SafeInt', description: 'Where its first byte lies in the stream.' }),
    byteLength: t.int({
      description: 'Its length in bytes, a final newline included.',
      resolve: ({ bytes }) => bytes.byteLength,
    }),
    text: t.string({
      description: 'What it says, without its final newline; bytes that are not UTF-8 show as U+FFFD.',
      resolve: ({ bytes }) => textOf(bytes),
    }),
  }),
})

function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

const form: CursorForm<LogLine, number> = {
  list: 'lines',
  key: ({ order }) => [order],
  read: ([order, ...rest]) => (isId(order) && rest.length === 0 ? order : null),
}

/** The field that lists an execution's log lines. */
export function linesOf(t: Pick<ObjectFieldBuilder<SchemaTypes, Execution>, 'connection' | 'arg'>) {
  return t.connection(
    {
      type: LogLineRef,
      description:
        'What it has written so far, in order. `last` gives the end of the log, and `logTail` follows it. Mirrors `GET /v6/job-executions/{job_exe_id}/logs/{log_id}/`.',
      args: {
        streams: t.arg.stringList({
          description: 'Only these streams, such as `stderr`; absent means all, merged, and an empty list none.',
        }),
      },
      resolve: async ({ id }, { streams, ...args }, { ctx }) => {
        checkCount(streams?.length ?? 0, ['streams'])
        const slice = readSlice(args, form)
        const source = { executionId: id, streams: streams ?? null }
        return toConnection(await sliceLines(ctx, source, slice), slice, form, () => countLines(ctx, source))
      },
    },
    ...named('LogLine', 'log lines'),
  )
}
