/** The page of the documented operations and their use, by which an owner sees which routes nobody needs any more. */
import { createHash } from 'node:crypto'
import { toJson } from '#model/json.ts'
import { parity } from '#rest/parity.ts'
import type { Usage, Use } from './usage.ts'

type Row = Omit<(typeof parity)[number], 'ids'> & Use

/** Answers with the page, or with the same as JSON where that is what the client accepts and a page is not. */
export function usagePage(usage: Usage, request: Request): Response {
  const rows = parity.map(({ ids, ...operation }): Row => ({ ...operation, ...sum(ids.map(usage.useOf)) }))
  const accepted = request.headers.get('accept') ?? ''
  const wantsJson = accepted.includes('application/json') && !accepted.includes('text/html')
  const body = wantsJson ? toJson({ since: usage.since.toISOString(), operations: rows.map(plain) }) : page(usage, rows)
  const headers = {
    'Content-Type': wantsJson ? 'application/json' : 'text/html; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Vary: 'Accept',
    ...(wantsJson ? {} : { 'Content-Security-Policy': policy }),
  }
  return new Response(request.method === 'HEAD' ? null : body, { headers })
}

/** An operation may have several routes, one for each method that its document allows. */
function sum(uses: readonly Use[]): Use {
  const total = (count: (use: Use) => number) => uses.reduce((so, use) => so + count(use), 0)
  const last = Math.max(...uses.map(({ lastAt }) => lastAt?.getTime() ?? Number.NEGATIVE_INFINITY))
  return {
    served: total(({ served }) => served),
    refused: total(({ refused }) => refused),
    failed: total(({ failed }) => failed),
    lastAt: Number.isFinite(last) ? new Date(last) : null,
  }
}

function plain({ lastAt, ...row }: Row) {
  return { ...row, lastAt: lastAt?.toISOString() ?? null }
}

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;margin:0 0 2rem}caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem;border-bottom:1px solid #ccd2d9}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:13px}`

const digest = createHash('sha256').update(style).digest('base64')

/** Nothing but the page's own style is taken: no script, no picture, no other host. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${digest}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function page({ since }: Usage, rows: readonly Row[]): string {
  const documents = [...new Set(rows.map(({ document }) => document))]
  const tables = documents.map((document) =>
    table(
      document,
      rows.filter((row) => row.document === document),
    ),
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Use of the documented operations</title><style>${style}</style></head><body>
<h1>Use of the documented operations</h1>
<p>Counted by this process since it started at <time>${since.toISOString()}</time>. Nothing from before is known, nor what
other gateways on the same database answered: collect <a href="/metrics">/metrics</a> of each to see further back.</p>
${tables.join('\n')}
</body></html>
`
}

function table(document: string, rows: readonly Row[]): string {
  const head = ['Operation', 'Method', 'Path', 'GraphQL'].map((name) => `<th scope="col">${name}</th>`)
  const counts = ['2xx, 3xx', '4xx', '5xx'].map((name) => `<th scope="col" class="n">${name}</th>`)
  return `<table><caption>${escaped(document)}</caption>
<thead><tr>${head.join('')}${counts.join('')}<th scope="col">Last used</th></tr></thead>
<tbody>
${rows.map(line).join('\n')}
</tbody></table>`
}

function line({ title, methods, path, twins, served, refused, failed, lastAt }: Row): string {
  const texts = [escaped(title), methods.join(', '), code(path), twins.map(code).join('<br>')]
  const cells = texts.map((text) => `<td>${text}</td>`)
  const counts = [served, refused, failed].map((count) => `<td class="n">${count}</td>`)
  return `<tr>${cells.join('')}${counts.join('')}<td>${lastAt?.toISOString() ?? 'not since the start'}</td></tr>`
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
