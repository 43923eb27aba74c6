/** The GraphiQL page, served from this process alone: no other host is asked for anything. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { readCookbook, withComments } from './cookbook.ts'
import { entityTag, holds } from './entity-tag.ts'

/** Whether a browser asks for a page rather than for an answer. */
export function wantsPage(request: Request): boolean {
  return request.method === 'GET' && (request.headers.get('accept') ?? '').includes('text/html')
}

type Page = {
  readonly tag: string
  readonly policy: string
  readonly bodies: {
    readonly br: Uint8Array<ArrayBuffer>
    readonly gzip: Uint8Array<ArrayBuffer>
    readonly identity: Uint8Array<ArrayBuffer>
  }
}

/** Serves the page; it is made at its first request, and the browser keeps it until it changes. */
export function createGraphiql(): (request: Request) => Promise<Response> {
  let made: Promise<Page> | null = null
  return async (request) => {
    made ??= makePage()
    const { tag, policy, bodies } = await made
    const accepted = request.headers.get('accept-encoding') ?? ''
    const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : 'identity'
    const headers = new Headers({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'private, no-cache',
      Vary: 'Accept, Accept-Encoding',
      ETag: tag,
    })
    if (holds(request, tag)) return new Response(null, { status: 304, headers })
    if (encoding !== 'identity') headers.set('Content-Encoding', encoding)
    return new Response(bodies[encoding], { headers })
  }
}

async function makePage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({ title: 'Jobgraph', defaultTabs: await cookbookTabs() })
  const identity = new TextEncoder().encode(html)
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    promisify(gzip)(identity),
  ])
  return {
    tag: entityTag(html),
    policy: policyOf(html),
    bodies: { br: new Uint8Array(br), gzip: new Uint8Array(zipped), identity },
  }
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
