import { isObject, type Json, type JsonObject } from './json.ts'

/**
 * One difference between two documents. `path` is a JSON pointer (RFC 6901): into the later document, but for what was
 * removed into the earlier one. `from` is null for what was added, `to` for what was removed.
 */
export type JsonChange = {
  readonly path: string
  readonly kind: 'ADDED' | 'REMOVED' | 'CHANGED'
  readonly from: Json
  readonly to: Json
}

/**
 * What makes one document into another, in the order of the earlier one; what was added to an object or list comes
 * after the rest of it. Objects are compared by key, whatever the order of keys. Lists whose members all have a `name`
 * (or `Name`) of their own are compared by it, so that one more in front is one addition; where members that stayed
 * changed their order, the list changed as a whole. Other lists are compared place by place.
 */
export function diffJson(from: Json, to: Json): JsonChange[] {
  return [...differences(from, to, '', '')]
}

function* differences(from: Json, to: Json, oldPath: string, path: string): Generator<JsonChange> {
  if (from === to) return
  const pairs = pairsOf(from, to)
  if (pairs === null) {
    yield { path, kind: 'CHANGED', from, to }
    return
  }
  for (const { old, now } of pairs) {
    const [before, after] = [`${oldPath}/${escaped(old?.[0])}`, `${path}/${escaped(now?.[0])}`]
    if (old === null && now !== null) yield { path: after, kind: 'ADDED', from: null, to: now[1] }
    else if (now === null && old !== null) yield { path: before, kind: 'REMOVED', from: old[1], to: null }
    else if (old !== null && now !== null) yield* differences(old[1], now[1], before, after)
  }
}

/** A member and its key or place. */
type Member = readonly [string | number, Json]
/** What became of a member; null where it was not there before, or is not there any more. */
type Pair = { readonly old: Member | null; readonly now: Member | null }

/** Null where the two can only be told apart as a whole. */
function pairsOf(from: Json, to: Json): Pair[] | null {
  if (isObject(from) && isObject(to)) return paired(keyed(from), keyed(to))
  if (!isList(from) || !isList(to)) return null
  const [old, now] = [byName(from), byName(to)]
  if (old === null || now === null) return paired(placed(from), placed(to))
  const stayed = [...old.keys()].filter((name) => now.has(name))
  const order = [...now.keys()].filter((name) => old.has(name))
  return stayed.every((name, place) => name === order[place]) ? paired(old, now) : null
}

type Members = ReadonlyMap<string | number, Member>

function paired(from: Members, to: Members): Pair[] {
  const kept = [...from].map(([key, old]) => ({ old, now: to.get(key) ?? null }))
  const added = [...to].flatMap(([key, now]) => (from.has(key) ? [] : [{ old: null, now }]))
  return [...kept, ...added]
}

function keyed(object: JsonObject): Members {
  return new Map(Object.entries(object).map((member) => [member[0], member]))
}

function placed(list: readonly Json[]): Members {
  return new Map(list.map((value, place) => [place, [place, value]]))
}

/** Null where a member has no name, or two share one. */
function byName(list: readonly Json[]): Members | null {
  const named = new Map<string, Member>()
  for (const [place, value] of list.entries()) {
    const name = isObject(value) ? (value.name ?? value.Name) : null
    if (typeof name !== 'string') return null
    named.set(name, [place, value])
  }
  return named.size === list.length ? named : null
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function escaped(step: string | number | undefined): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1')
}
