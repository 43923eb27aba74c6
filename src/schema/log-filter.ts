import { badInput } from '#model/error.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import type { LineFilter, LogGap } from '#resolvers/log.ts'
import { builder } from './builder.ts'
import { checkCount } from './global-id.ts'
import { ExecutionRef } from './refs.ts'

const longestText = 1_000

/** Lines that were trimmed away. */
export const LogGapRef = builder.objectRef<LogGap>('LogGap').implement({
  description:
    "Lines of one execution that can no longer be told: an allocation's log keeps only its newest bytes of each stream.",
  fields: (t) => ({
    execution: t.field({
      type: ExecutionRef,
      description: 'The execution that wrote them.',
      resolve: ({ executionId }, _args, { ctx }) => loadRequired(ctx.loaders.execution, executionId),
    }),
    lineCount: t.expose('lineCount', { type: 'SafeInt', description: 'How many, of whichever stream or task.' }),
    firstOrder: t.expose('firstOrder', { type: 'SafeInt', description: 'The order number of the first of them.' }),
    lastOrder: t.expose('lastOrder', {
      type: 'SafeInt',
      description: 'The order number of the last of them; lines that are kept may lie between.',
    }),
  }),
})

const LogFilterInput = builder.inputType('LogLineFilter', {
  description:
    'Which lines are told; what is given must all hold. Absent or null means any, and an empty list means none.',
  fields: (t) => ({
    streams: t.stringList({ description: 'Only these streams, such as `stderr`; absent means all.' }),
    tasks: t.stringList({ description: 'Only lines of these tasks; absent means all.' }),
    contains: t.string({ description: 'Only lines in which this text occurs, at most 1,000 characters.' }),
    ignoreCase: t.boolean({ description: 'Whether `contains` looks past the case of letters; absent means no.' }),
  }),
})

/** The argument that chooses lines. */
export const lineFilterArg = builder.args((t) => ({
  filter: t.field({ type: LogFilterInput, description: 'Only lines that fit this; absent means all.' }),
}))

type Sent = {
  readonly streams?: readonly string[] | null | undefined
  readonly tasks?: readonly string[] | null | undefined
  readonly contains?: string | null | undefined
  readonly ignoreCase?: boolean | null | undefined
}

/** Reads a filter. @throws DomainError BAD_USER_INPUT for more than 1,000 values, or a text that is too long */
export function readLineFilter(sent: Sent | null | undefined): LineFilter {
  const { streams, tasks, contains, ignoreCase } = sent ?? {}
  checkCount(streams?.length ?? 0, ['filter', 'streams'])
  checkCount(tasks?.length ?? 0, ['filter', 'tasks'])
  if ((contains?.length ?? 0) > longestText)
    throw badInput(`contains takes at most ${longestText} characters.`, { path: ['filter', 'contains'] })
  return {
    ...(streams ? { streams } : {}),
    ...(tasks ? { tasks } : {}),
    ...(contains ? { contains, ignoreCase: ignoreCase ?? false } : {}),
  }
}
