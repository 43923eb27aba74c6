/** Leaves out what was not sent, which a parameter reads as null: a filter tells an absent kind by its missing key. */
export function sent<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const given = Object.entries(values).filter(([, value]) => value !== null)
  return Object.fromEntries(given) as { [K in keyof T]?: NonNullable<T[K]> }
}
