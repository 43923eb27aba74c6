import { badInput, DomainError } from '#model/error.ts'
import { isObject, parseJson } from '#model/json.ts'
import type { Slice, Sliced } from '#model/slice.ts'

/** Rows on a page where a client names no number. */
export const usualPage = 50
/** A page never holds more. */
export const largestPage = 1_000

/** A list that is small by nature and has no pages is cut here. */
export const longestList = 10_000

/** The four arguments of a Relay connection. */
export type PageArgs = {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** How a list's rows are marked: `list` tells its cursors from another's, `key` is what `read` makes a key of again. */
export type CursorForm<T, K> = {
  readonly list: string
  readonly key: (row: T) => readonly (string | number)[]
  /** Null where the parts are not those of a key. */
  readonly read: (parts: readonly unknown[]) => K | null
}

/**
 * Reads the arguments of a connection.
 * @throws DomainError BAD_USER_INPUT for `first` beside `last`, a number below 0 or above 1,000, or a strange cursor
 */
export function readSlice<T, K>(args: PageArgs, form: CursorForm<T, K>): Slice<K> {
  const { first = null, last = null, after = null, before = null } = args
  if (first !== null && last !== null) throw badInput('Give first or last, not both.', { path: ['last'] })
  for (const [name, size] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (size !== null && (size < 0 || size > largestPage))
      throw badInput(`${name} must be between 0 and ${largestPage}.`, { path: [name] })
  }
  return {
    after: after === null ? null : decode(after, form, 'after'),
    before: before === null ? null : decode(before, form, 'before'),
    limit: first ?? last ?? usualPage,
    fromEnd: last !== null,
  }
}

/** Lays a slice out as a Relay connection; `count` counts the whole list and runs only when a client asks. */
export function toConnection<T, K>(
  sliced: Sliced<T>,
  slice: Slice<K>,
  form: CursorForm<T, K>,
  count: () => number | Promise<number>,
) {
  const edges = sliced.rows.map((node) => edgeOf(node, form))
  return {
    edges,
    count,
    pageInfo: {
      hasNextPage: slice.fromEnd ? slice.before !== null : sliced.hasMore,
      hasPreviousPage: slice.fromEnd ? sliced.hasMore : slice.after !== null,
      get startCursor() {
        return edges[0]?.cursor ?? null
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null
      },
    },
  }
}

/** A row and its place; the place is written out only where it is asked for. */
function edgeOf<T, K>(node: T, form: CursorForm<T, K>) {
  return {
    node,
    get cursor() {
      return encode(node, form)
    },
  }
}

function encode<T, K>(row: T, form: CursorForm<T, K>): string {
  return Buffer.from(JSON.stringify([form.list, ...form.key(row)])).toString('base64url')
}

function decode<T, K>(cursor: string, form: CursorForm<T, K>, argument: string): K {
  const parts = partsOf(cursor)
  const key = parts?.[0] === form.list ? form.read(parts.slice(1)) : null
  if (key === null) throw badInput('The cursor is not one that this list gave.', { path: [argument] })
  return key
}

function partsOf(cursor: string): readonly unknown[] | null {
  if (cursor.length > 2_000) return null
  try {
    const parts = parseJson(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) && !isObject(parts) ? parts : null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DomainError) return null
    throw error
  }
}

/** A part of a key that must be an id. */
export function isId(part: unknown): part is number {
  return typeof part === 'number' && Number.isSafeInteger(part) && part > 0
}

/** A part of a key that must be a text which the store can hold: Postgres keeps no zero character. */
export function isText(part: unknown): part is string {
  return typeof part === 'string' && part.isWellFormed() && !part.includes('\0')
}

/** Lists of which a text alone is the key. */
export function byText<T>(list: string, textOf: (row: T) => string): CursorForm<T, string> {
  return {
    list,
    key: (row) => [textOf(row)],
    read: ([text, ...rest]) => (isText(text) && rest.length === 0 ? text : null),
  }
}

/** Lists of which an id alone is the key. */
export function byId<T extends { readonly id: number }>(list: string): CursorForm<T, number> {
  return { list, key: ({ id }) => [id], read: ([id, ...rest]) => (isId(id) && rest.length === 0 ? id : null) }
}

/** The types of a connection, named after what it holds; `plural` is how descriptions call the rows. */
export function named(noun: string, plural: string) {
  return [
    { name: `${noun}Connection`, description: `A page of ${plural}.` },
    { name: `${noun}Edge`, description: `One of the ${plural}, and its place in the list.` },
  ] as const
}
