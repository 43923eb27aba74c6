/** The operations of `docs/cookbook.md`: a page for people, the tabs of GraphiQL, and a test, from one text. */

/** One operation of the cookbook, as it stands in the Markdown. */
export type CookbookOperation = {
  /** The name in the document, unique in the cookbook. */
  readonly name: string
  /** The heading above it. */
  readonly title: string
  /** What is said between the heading and the document. */
  readonly prose: string
  readonly query: string
  /** The JSON text of its variables; null where it has none. */
  readonly variables: string | null
  /** The JSON text of what it promises to answer; null where nothing is promised. */
  readonly answer: string | null
}

const pieces = /^#{2,3} (?<heading>[^\n]+)$|^```(?<kind>[^\n]+)\n(?<block>.*?)^```$/gms

/**
 * Reads the Markdown: a heading, prose, a `graphql` block with a named operation, then a `json variables` and a
 * `json answer` block in any order. Other blocks are passed over.
 * @throws Error for an operation without a name
 */
export function readCookbook(markdown: string): CookbookOperation[] {
  const operations: CookbookOperation[] = []
  let title = ''
  let proseStart = 0
  for (const match of markdown.matchAll(pieces)) {
    const { heading, kind, block = '' } = match.groups ?? {}
    const last = operations.at(-1)
    if (heading !== undefined) title = heading
    else if (kind === 'graphql')
      operations.push({
        name: nameOf(block),
        title,
        prose: markdown.slice(proseStart, match.index).trim(),
        query: block,
        variables: null,
        answer: null,
      })
    else if (last !== undefined && kind === 'json variables') operations.splice(-1, 1, { ...last, variables: block })
    else if (last !== undefined && kind === 'json answer') operations.splice(-1, 1, { ...last, answer: block })
    proseStart = match.index + match[0].length
  }
  return operations
}

function nameOf(query: string): string {
  const name = /^(?:query|mutation|subscription) (\w+)/m.exec(query)?.[1]
  if (name === undefined) throw new Error(`An operation of the cookbook has no name: ${query}`)
  return name
}

/** The operation as an editor shows it: what it is for in comments above it. */
export function withComments({ title, prose, query }: CookbookOperation): string {
  const said = [title, ...(prose === '' ? [] : ['', ...prose.split('\n')])]
  return `${said.map((line) => `# ${line}`.trimEnd()).join('\n')}\n${query}`
}
