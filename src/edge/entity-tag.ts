import { createHash } from 'node:crypto'

/** The strong tag of a body, quotes included. */
export function entityTag(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
}

/** Whether a request already holds what bears that tag: If-None-Match names it, weak or not, or is `*` (RFC 9110). */
export function holds(request: Request, tag: string): boolean {
  const given = request.headers.get('if-none-match') ?? ''
  return given.trim() === '*' || [...given.matchAll(/"[^"]*"/g)].some(([one]) => one === tag)
}
