/** Which requests come in at all: judged by their first lines alone, before any URL is built or body read. */
import type { IncomingMessage } from 'node:http'

/** Whose requests are taken; see `HttpOptions` for the two lists. */
export type AdmissionPolicy = {
  /** The address that the server is bound to. */
  readonly boundTo: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** The Host, and the target as it was sent but for bytes beyond ASCII and backslashes, which are percent-encoded. */
export type Admission = { readonly authority: string; readonly target: string }

/** A plain answer to a request that does not come in. */
export type Refusal = { readonly status: number; readonly text: string }

/**
 * Admits a request or an upgrade. Refused are: TRACE (405); a Host or target that is none (400); on a loopback address a
 * Host that is no loopback name nor allowed, as DNS rebinding has it (421); and a page of a foreign origin that sends
 * anything but GET or HEAD, or opens a WebSocket (403).
 */
export function admit(req: IncomingMessage, policy: AdmissionPolicy): Admission | { readonly refusal: Refusal } {
  if (req.method === 'TRACE') return refused(405, 'Invalid method')
  const hosts = req.headersDistinct.host ?? ['localhost']
  const authority = hosts[0]?.toLowerCase() ?? ''
  if (hosts.length > 1 || !isAuthority(authority)) return refused(400, 'The Host header is not valid.')
  if (req.url === undefined || !req.url.startsWith('/')) return refused(400, 'The request target is not a path.')
  if (!isServed(authority, policy)) return refused(421, 'This host name is not served here.')
  if (changesState(req) && isForeign(req, authority, policy)) return refused(403, 'This origin may not do that.')
  return { authority, target: req.url.replace(/[\\\u0080-\u00ff]/g, percentEncoded) }
}

function refused(status: number, text: string): { refusal: Refusal } {
  return { refusal: { status, text } }
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function isAuthority(text: string): boolean {
  return /^(?:\[[\da-f:.]+\]|[a-z\d_][a-z\d._-]*)(?::\d{1,5})?$/.test(text) && URL.canParse(`http://${text}/`)
}

function isServed(authority: string, policy: AdmissionPolicy): boolean {
  const name = authority.replace(/:\d+$/, '')
  if (isLoopback(name)) return true
  if (policy.allowedHosts.some((host) => [authority, name].includes(host.toLowerCase()))) return true
  return policy.allowedHosts.length === 0 && !isLoopback(policy.boundTo)
}

function isLoopback(name: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(name) || /^127(?:\.\d{1,3}){3}$/.test(name)
}

function changesState(req: IncomingMessage): boolean {
  return (req.method !== 'GET' && req.method !== 'HEAD') || req.headers.upgrade !== undefined
}

/**
 * Whether a browser says that another site's page sends this. A forwarded host counts as ours: a page cannot set that
 * header on a foreign site without asking first, and we answer no such question.
 */
function isForeign(req: IncomingMessage, authority: string, policy: AdmissionPolicy): boolean {
  const origin = req.headers.origin
  if (origin === undefined || policy.allowedOrigins.includes(origin)) return false
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return true
  const { host, protocol } = new URL(origin)
  const forwarded = req.headersDistinct['x-forwarded-host']?.[0]?.split(',', 1)[0]?.trim().toLowerCase()
  return ![authority, forwarded].some((own) => own !== undefined && hostUnder(protocol, own) === host)
}

/** A host without the port that its scheme implies. */
function hostUnder(protocol: string, authority: string): string | null {
  return URL.canParse(`${protocol}//${authority}`) ? new URL(`${protocol}//${authority}`).host : null
}
