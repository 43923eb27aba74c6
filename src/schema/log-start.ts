/** Where the tails of logs begin: the arguments that both have. */
import { badInput } from '#model/error.ts'
import { builder } from './builder.ts'

const mostLast = 10_000

/** The argument that leaves out all but the last lines of what is there. */
export const lastLinesArg = builder.args((t) => ({
  last: t.int({
    description:
      'Of each execution that is there, begins with this many of its last lines, of whichever stream or task, 0 to 10,000; absent means all. Not together with `after`.',
  }),
}))

/**
 * Reads how many of the last lines are wanted; null where all are, or where a cursor says where to begin.
 * @throws DomainError BAD_USER_INPUT for a number that is out of bounds, or one beside a cursor
 */
export function readLast(last: number | null | undefined, after: string | null | undefined): number | null {
  if (last === null || last === undefined) return null
  if (typeof after === 'string') throw badInput('Give either after or last.', { path: ['last'] })
  if (last < 0 || last > mostLast) throw badInput(`last must be between 0 and ${mostLast}.`, { path: ['last'] })
  return last
}
