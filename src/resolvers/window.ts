import type { Counted, Window } from '#model/window.ts'

/**
 * Puts the size of the whole list beside the rows of a window. A window that is not full shows the list's end, and so
 * its size, without counting; otherwise `count` is asked.
 */
export async function counted<T>(
  window: Window,
  rows: readonly T[],
  count: () => Promise<number>,
): Promise<Counted<T>> {
  const seen = window.offset + rows.length
  const showsEnd = rows.length < window.limit && (rows.length > 0 || window.offset === 0)
  if (showsEnd) return { count: seen, rows }
  const total = await count()
  // Rows may have gone since they were read; a list is never shorter than what is shown of it.
  return { count: rows.length === 0 ? total : Math.max(total, seen), rows }
}
