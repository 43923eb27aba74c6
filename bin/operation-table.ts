import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type Parity, parity } from '#rest/parity.ts'

const root = join(import.meta.dirname, '..')
const place = /<!-- operations: (.+) -->\n[\s\S]*?<!-- end -->/g
const head = ['Method', 'Path', 'Code', 'GraphQL']

/** The page on surfaces with its tables of operations as the code has them now. @throws Error where a document has none */
export function surfacesPage(): string {
  const page = readFileSync(join(root, 'docs/surfaces.md'), 'utf8')
  const code = sources()
  return page.replaceAll(place, (_whole, document: string) => {
    const rows = parity.filter((row) => row.document === document)
    if (rows.length === 0) throw new Error(`No operation is of the document ${document}.`)
    const table = toTable([[`${document} document`, ...head], ...rows.map((row) => cells(row, code))])
    return `<!-- operations: ${document} -->\n\n${table}\n\n<!-- end -->`
  })
}

type Source = { readonly path: string; readonly text: string }

function sources(): Source[] {
  const names = readdirSync(join(root, 'src/rest'), { recursive: true, encoding: 'utf8' })
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => `src/rest/${name.split(sep).join('/')}`)
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function cells({ title, methods, path, ids, twins }: Parity, code: readonly Source[]): string[] {
  const file = code.find(({ text }) => ids.some((id) => declares(text, id)))
  if (file === undefined) throw new Error(`No file declares the route ${ids[0]}.`)
  return [title, methods.join(', '), quoted(path), quoted(file.path), twins.map(quoted).join(', ')]
}

/** Whether a source declares a route of that id, also where words such as `${word}` are put into it. */
function declares(text: string, id: string): boolean {
  const patterns = [...text.matchAll(/\bid: ['`]([\w${}]+)['`]/g)].map(([, written = '']) => written)
  return patterns.some((written) => new RegExp(`^${written.replaceAll(/\$\{\w+\}/g, '\\w*')}$`).test(id))
}

function quoted(text: string): string {
  return `\`${text}\``
}

function toTable([first = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = first.map((_cell, column) => Math.max(...[first, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(first), rule, ...rows.map(line)].join('\n')
}
