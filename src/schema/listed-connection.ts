import { type CursorForm, type PageArgs, readSlice, toConnection } from './connection.ts'

/**
 * A connection over rows that are all at hand, cut by keys: what is added or removed elsewhere moves nothing.
 * `compare` tells where a row stands against a key: below 0 before it, above 0 after it.
 * @throws DomainError BAD_USER_INPUT as `readSlice` does
 */
export function listedConnection<T, K>(
  rows: readonly T[],
  args: PageArgs,
  form: CursorForm<T, K>,
  compare: (row: T, key: K) => number,
) {
  const slice = readSlice(args, form)
  const { after, before, limit, fromEnd } = slice
  const within = rows.filter(
    (row) => (after === null || compare(row, after) > 0) && (before === null || compare(row, before) < 0),
  )
  const shown = fromEnd ? within.slice(Math.max(0, within.length - limit)) : within.slice(0, limit)
  return toConnection({ rows: shown, hasMore: within.length > limit }, slice, form, () => rows.length)
}
