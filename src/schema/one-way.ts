import { badInput } from '#model/error.ts'

type Name<A> = keyof A & string
/** Names that belong together; one that ends in a question mark may be left out. */
type Way<A> = readonly [Name<A>, ...(Name<A> | `${Name<A>}?`)[]]

/**
 * Holds the arguments of a look-up against the ways in which it lets its object be named, each the arguments that
 * belong together: exactly one way must be given, and in full. Null counts as absent.
 * @throws DomainError BAD_USER_INPUT at the argument that is missing, or one too many
 */
export function checkOneWay<A extends object>(args: A, ...ways: readonly [Way<A>, ...Way<A>[]]): void {
  const isGiven = (name: string) => (Reflect.get(args, name) ?? null) !== null
  const [first = ways[0], second] = ways.filter((way) => way.some((name) => isGiven(bare(name))))
  const missing = first.find((name) => name === bare(name) && !isGiven(name))
  const place = second?.map(bare).find(isGiven) ?? missing
  if (place === undefined) return
  throw badInput(`Give ${inWords(ways)}.`, { path: [place] })
}

function bare(name: string): string {
  return name.replace('?', '')
}

/** Such as `id, or name together with version`, or `id or name; region only with name`. */
function inWords(ways: readonly (readonly string[])[]): string {
  const needed = ways.map((way) => way.filter((name) => name === bare(name)).join(' together with '))
  const others = ways.flatMap(([main, ...rest]) =>
    rest.filter((name) => name !== bare(name)).map((name) => `; ${bare(name)} only with ${main}`),
  )
  const isLong = needed.some((words) => words.includes(' '))
  return `${needed.join(isLong ? ', or ' : ' or ')}${others.join('')}`
}
