import { badInput } from '#model/error.ts'
import { wholeCharacters } from '#model/log.ts'
import { type LogFilePart, readLogFile } from '#resolvers/log-source.ts'
import { builder } from './builder.ts'
import { orNull } from './input.ts'

const usualBytes = 65_536
const mostBytes = 1_048_576

const OriginEnum = builder.enumType('LogOrigin', {
  description: 'Where reading a log file starts.',
  values: {
    START: { value: 'start', description: 'At the first byte: the offset is skipped.' },
    END: { value: 'end', description: 'At the last byte: the offset is taken.' },
  },
})

const PartRef = builder.objectRef<LogFilePart>('LogFilePart').implement({
  description: 'A part of a log file. Mirrors `GET /v1/log/fs/{alloc}/{task}/{fs}`.',
  fields: (t) => ({
    text: t.string({
      description: 'What it says; bytes that are not UTF-8 show as U+FFFD.',
      // The decoder would swallow a byte order mark, which is as much part of the file as the rest.
      resolve: ({ bytes }) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    }),
    base64: t.string({
      description: 'The same bytes exactly, in base64.',
      resolve: ({ bytes }) => Buffer.from(bytes).toString('base64'),
    }),
    offset: t.expose('from', { type: 'SafeInt', description: 'Where its first byte lies in the file.' }),
    nextOffset: t.field({
      type: 'SafeInt',
      description: 'Where the next part begins; equal to `size` where nothing more is written yet.',
      resolve: ({ bytes, from }) => from + bytes.byteLength,
    }),
    size: t.expose('size', { type: 'SafeInt', description: 'Bytes in the whole file when this was read.' }),
  }),
})

builder.queryField('logFile', (t) =>
  t.field({
    type: PartRef,
    nullable: true,
    description:
      'What a task of an allocation has written, as it is now; null where there is no such allocation or task. A part that the limit ends is cut between two characters. Mirrors `GET /v1/log/fs/{alloc}/{task}/{fs}`.',
    args: {
      allocation: t.arg.string({ required: true, description: 'The UUID of the allocation.' }),
      task: t.arg.string({
        required: true,
        description: "The name of a task, or of the allocation's group where that has one task alone.",
      }),
      fileName: t.arg.string({
        required: true,
        description: '`stdout`, `stderr`, or a file that the list of logs names for the task.',
      }),
      origin: t.arg({ type: OriginEnum, description: 'Where reading starts; absent means at the start.' }),
      offset: t.arg({
        type: 'SafeInt',
        description: 'Bytes to skip from the start, or to take from the end; absent means 0.',
      }),
      limit: t.arg.int({ description: 'At most this many bytes, 1 to 1,048,576; absent means 65,536.' }),
    },
    resolve: (_root, { allocation, task, fileName, origin, ...args }, { ctx }) => {
      const { offset, limit } = { offset: args.offset ?? 0, limit: args.limit ?? usualBytes }
      if (offset < 0) throw badInput('offset must be a number of bytes, 0 or more.', { path: ['offset'] })
      if (limit < 1 || limit > mostBytes)
        throw badInput(`limit must be between 1 and ${mostBytes}.`, { path: ['limit'] })
      const query = { allocationUuid: allocation, task, fileName, origin: origin ?? 'start', offset, limit }
      return orNull(readLogFile(ctx, query).then(endedBetweenCharacters))
    },
  }),
)

/** A part that is shorter than one character stays as it is: whoever reads on must get further. */
function endedBetweenCharacters(part: LogFilePart): LogFilePart {
  const { bytes, from, size } = part
  const isEnd = from + bytes.byteLength >= size
  return isEnd ? part : { ...part, bytes: bytes.subarray(0, wholeCharacters(bytes) || bytes.byteLength) }
}
