const turns = new WeakMap<object, Map<string, Promise<unknown>>>()

/**
 * Runs work of one name one after another within this process, in the order in which it was asked for. For writes that
 * would otherwise queue for one row with a database connection each.
 */
export async function inTurn<T>(owner: object, name: string, work: () => Promise<T>): Promise<T> {
  const names = turns.get(owner) ?? new Map<string, Promise<unknown>>()
  turns.set(owner, names)
  const mine = (names.get(name) ?? Promise.resolve()).then(work, work)
  names.set(name, mine)
  try {
    return await mine
  } finally {
    if (names.get(name) === mine) names.delete(name)
  }
}
