import { badInput } from '#model/error.ts'

type Way<A> = readonly [keyof A & string, ...(keyof A & string)[]]

/**
 * Holds the arguments of a look-up against the ways in which it lets its object be named, each the arguments that
 * belong together: exactly one way must be given, and in full. Null counts as absent.
 * @param words what may be given, as in `id, or name together with version`
 * @throws DomainError BAD_USER_INPUT at the argument that is missing, or one too many
 */
export function checkOneWay<A extends object>(args: A, words: string, ...ways: readonly [Way<A>, ...Way<A>[]]): void {
  const isGiven = (name: keyof A & string) => args[name] !== null && args[name] !== undefined
  const [first = ways[0], second] = ways.filter((way) => way.some(isGiven))
  const missing = first.find((name) => !isGiven(name))
  const place = second?.find(isGiven) ?? missing
  if (place === undefined) return
  throw badInput(`Give ${words}.`, { path: [place] })
}
