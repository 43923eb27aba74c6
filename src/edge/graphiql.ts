/** The GraphiQL page, served from this process alone: no other host is asked for anything. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCookbook, withComments } from './cookbook.ts'
import { fixedText } from './fixed-text.ts'

/** Whether a browser asks for a page rather than for an answer. */
export function wantsPage(request: Request): boolean {
  return request.method === 'GET' && (request.headers.get('accept') ?? '').includes('text/html')
}

/** Serves the page; it is made at its first request, and the browser keeps it until it changes. */
export function createGraphiql(): (request: Request) => Promise<Response> {
  let made: Promise<(request: Request) => Promise<Response>> | null = null
  return async (request) => {
    made ??= makePage()
    return (await made)(request)
  }
}

async function makePage(): Promise<(request: Request) => Promise<Response>> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({ title: 'Jobgraph', defaultTabs: await cookbookTabs() })
  return fixedText(html, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policyOf(html),
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept',
  })
}

/** The cookbook's operations, a tab each; a browser that has tabs of its own keeps those. */
async function cookbookTabs(): Promise<{ query: string; variables: string | null }[]> {
  const markdown = await readFile(join(import.meta.dirname, '../../docs/cookbook.md'), 'utf8')
  return readCookbook(markdown).map((operation) => ({
    query: withComments(operation),
    variables: operation.variables,
  }))
}

/** Only the page's own scripts run, known by their digests, and they may talk to this host alone. */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => digest(script))
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')} blob:`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function digest(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
}
