/** Which rows of a list to fetch: skip `offset`, then at most `limit`. */
export type Window = { readonly offset: number; readonly limit: number }

/** `count` is the number of rows in the whole list, `rows` are those in the window. */
export type Counted<T> = { readonly count: number; readonly rows: readonly T[] }
