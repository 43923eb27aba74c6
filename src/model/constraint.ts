import { runInNewContext } from 'node:vm'

/** A Nomad constraint: two targets and how they must relate. */
export type Constraint = { readonly lTarget: string; readonly rTarget: string; readonly operand: string }

/** What constraints may ask of a node. */
export type NodeFacts = {
  readonly uuid: string
  readonly hostname: string
  readonly datacenter: string
  readonly attributes: Readonly<Record<string, string>>
  readonly meta: Readonly<Record<string, string>>
}

/** A constraint that concerns where the other instances run rather than the node itself. */
export const distinctHosts = 'distinct_hosts'

/** A constraint as Nomad prints it in the reasons of a failed placement. */
export function describeConstraint({ lTarget, operand, rTarget }: Constraint): string {
  return `${lTarget} ${operand} ${rTarget}`
}

/** Whether a node meets a constraint. A target that the node does not have meets none, and neither does an unknown operand. */
export function isMet(constraint: Constraint, node: NodeFacts): boolean {
  if (constraint.operand === distinctHosts) return true
  const left = resolveTarget(constraint.lTarget, node)
  const right = resolveTarget(constraint.rTarget, node)
  return left !== null && right !== null && relates(constraint.operand, left, right)
}

/** What a target stands for on a node: `${attr.x}` and the older `$attr.x` are looked up, anything else is literal. */
export function resolveTarget(target: string, node: NodeFacts): string | null {
  const reference = /^\$\{(.+)\}$/.exec(target)?.[1] ?? (target.startsWith('$') ? target.slice(1) : null)
  if (reference === null) return target
  const [scope = '', ...rest] = reference.split('.')
  const key = rest.join('.')
  if (scope === 'attr') return own(node.attributes, key)
  if (scope === 'meta') return own(node.meta, key)
  if (scope !== 'node') return null
  if (key === 'datacenter') return node.datacenter
  if (key === 'unique.name' || key === 'name') return node.hostname
  if (key === 'unique.id' || key === 'id') return node.uuid
  return key === 'class' ? '' : null
}

function own(values: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(values, key) ? (values[key] ?? null) : null
}

function relates(operand: string, left: string, right: string): boolean {
  switch (operand) {
    case '=':
    case '==':
    case 'is':
      return left === right
    case '!=':
    case 'not':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case 'version':
      return meetsVersion(left, right)
    case 'regexp':
      return matches(left, right)
    default:
      return false
  }
}

const longestMatchMs = 100

/** A pattern comes from whoever registers a job, and a bad one may backtrack for ever: it is given a tenth of a second. */
function matches(text: string, pattern: string): boolean {
  try {
    const regexp = new RegExp(pattern)
    return runInNewContext('regexp.test(text)', { regexp, text }, { timeout: longestMatchMs }) === true
  } catch {
    return false
  }
}

/** Whether a version meets every part of a list such as `>= 1.2, < 2.0` or `~> 1.3`. */
export function meetsVersion(text: string, constraints: string): boolean {
  const version = parseVersion(text)
  if (version === null) return false
  return constraints.split(',').every((part) => {
    const parts = /^\s*(=|!=|>=|<=|>|<|~>)?\s*(\S+)\s*$/.exec(part)
    const wanted = parseVersion(parts?.[2] ?? '')
    return wanted !== null && versionRelates(parts?.[1] ?? '=', version, wanted)
  })
}

type LooseVersion = { readonly segments: readonly number[]; readonly given: number; readonly pre: string }

function parseVersion(text: string): LooseVersion | null {
  const parts = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text.trim())
  if (parts === null) return null
  const segments = (parts[1] ?? '').split('.').map(Number)
  const given = segments.length
  while (segments.length < 3) segments.push(0)
  return { segments, given, pre: parts[2] ?? '' }
}

function versionRelates(operator: string, version: LooseVersion, wanted: LooseVersion): boolean {
  const order = compareVersions(version, wanted)
  if (operator === '=') return order === 0
  if (operator === '!=') return order !== 0
  if (operator === '>') return order > 0
  if (operator === '>=') return order >= 0
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  // `~> 1.2.3` holds every given segment but the last.
  const held = wanted.given - 1
  return order >= 0 && wanted.segments.slice(0, held).every((segment, place) => version.segments[place] === segment)
}

function compareVersions(left: LooseVersion, right: LooseVersion): number {
  const length = Math.max(left.segments.length, right.segments.length)
  for (let place = 0; place < length; place += 1) {
    const difference = (left.segments[place] ?? 0) - (right.segments[place] ?? 0)
    if (difference !== 0) return difference
  }
  if (left.pre === right.pre) return 0
  if (left.pre === '' || right.pre === '') return left.pre === '' ? 1 : -1
  return left.pre < right.pre ? -1 : 1
}
