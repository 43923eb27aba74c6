import type { Counted, Window } from '#model/window.ts'
import { type CursorForm, isId, type PageArgs, readSlice, toConnection } from './connection.ts'

type Placed<T> = { readonly row: T; readonly place: number }

/**
 * A connection over a list that can be read by offset alone: counts have no key that stays, and names are grouped.
 * Its cursors are places in the list, from 1, not keys of rows: when rows come or go during a walk, the next page may
 * show a row again or leave one out. Lists that grow while they are walked are cut by key instead, with `readSlice`.
 * @throws DomainError BAD_USER_INPUT as `readSlice` does
 */
export async function windowConnection<T>(list: string, args: PageArgs, find: (window: Window) => Promise<Counted<T>>) {
  const form: CursorForm<Placed<T>, number> = {
    list,
    key: ({ place }) => [place],
    read: ([place, ...rest]) => (isId(place) && rest.length === 0 ? place : null),
  }
  const slice = readSlice(args, form)
  const start = slice.after ?? 0
  // Counts come beside rows, so one row is read for them.
  const known = slice.fromEnd ? (await find({ offset: 0, limit: 1 })).count : null
  const end = Math.min(slice.before === null ? Number.MAX_SAFE_INTEGER : slice.before - 1, known ?? Infinity)
  const offset = slice.fromEnd ? Math.max(start, end - slice.limit) : start
  const limit = Math.max(0, Math.min(slice.limit, end - offset))
  const { count, rows } = await find({ offset, limit: Math.max(1, limit) })
  const placed = rows.slice(0, limit).map((row, index) => ({ row, place: offset + index + 1 }))
  const hasMore = slice.fromEnd ? offset > start : Math.min(end, count) > offset + placed.length
  // A window beyond the end of its list tells no count.
  const total = async () => (rows.length > 0 || offset === 0 ? count : (await find({ offset: 0, limit: 1 })).count)
  const connection = toConnection({ rows: placed, hasMore }, slice, form, total)
  return { ...connection, edges: connection.edges.map(({ node, cursor }) => ({ node: node.row, cursor })) }
}
