/** Where a path leads that segments cannot express: job IDs hold slashes, and everything is decoded before it is split. */
import { posix } from 'node:path'

/** What of a job is asked for. */
export type JobAction = 'job' | 'evaluate' | 'allocations' | 'evaluations' | 'force' | 'summary'

/** What a path means. `bad` is one that cannot be decoded; `other` is clean and none of ours. */
export type PathMeaning =
  | { readonly kind: 'job'; readonly id: string; readonly action: JobAction }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'bad' }
  | { readonly kind: 'other' }

/** What may follow a job's ID, in the order in which it is looked for. */
export const documentedSuffixes: readonly (readonly [suffix: string, action: JobAction])[] = [
  ['/evaluate', 'evaluate'],
  ['/allocations', 'allocations'],
  ['/evaluations', 'evaluations'],
  ['/periodic/force', 'force'],
]

const root = '/v1/job'

/**
 * Reads a path as it was sent, the way Nomad does: decoded once, sent on where it is not in its shortest form, and else
 * cut into a job's ID and what follows it. An ID that ends in a suffix can therefore not be reached.
 */
export function meaningOf(path: string, suffixes = documentedSuffixes): PathMeaning {
  const decoded = decodePath(path)
  if (decoded === null) return { kind: 'bad' }
  const clean = posix.normalize(decoded)
  if (clean !== decoded || decoded === root)
    return { kind: 'redirect', location: encodePath(decoded === root ? `${root}/` : clean) }
  if (!decoded.startsWith(`${root}/`)) return { kind: 'other' }
  const rest = decoded.slice(root.length + 1)
  const [suffix = '', action = 'job'] = suffixes.find(([ending]) => rest.endsWith(ending)) ?? []
  return { kind: 'job', id: rest.slice(0, rest.length - suffix.length), action }
}

/** Whether a path, decoded and tidied, is or lies under `/v1/job`. */
export function isJobPath(path: string): boolean {
  if (/^\/v1\/job(?:\/|$)/.test(path)) return true
  const decoded = decodePath(path)
  return decoded !== null && /^\/v1\/job(?:\/|$)/.test(posix.normalize(decoded))
}

/** Decodes percent signs once; bytes that are no UTF-8 become U+FFFD. Null for a bad percent sign or a NUL. */
function decodePath(path: string): string | null {
  if (!path.includes('%')) return path
  if (/%(?![0-9a-f]{2})/i.test(path)) return null
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8')
  return decoded.includes('\u0000') ? null : decoded
}

function encodePath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent)
}
