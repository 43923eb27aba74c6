import { DomainError } from '#model/error.ts'

/** An input without the members that are null or undefined: absent and null mean the same in this graph's filters. */
export type Defined<T> = { readonly [K in keyof T]?: NonNullable<T[K]> }

/** Leaves out what a client did not give. */
export function defined<T extends object>(input: T): Defined<T> {
  // Only null and undefined are left out, which is what the type says.
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  ) as Defined<T>
}

/** What a lookup finds, or null where it says NOT_FOUND: a query that asks for one thing answers null. */
export async function orNull<T>(lookup: Promise<T>): Promise<T | null> {
  try {
    return await lookup
  } catch (error) {
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return null
    throw error
  }
}
