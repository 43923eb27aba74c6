/** What map and reduce definitions make of events. */
import {
  captureOf,
  type EventDefinitions,
  type EventMap,
  type EventReduction,
  type EventTest,
  type EventValue,
  type EventWhere,
  type ReduceOperator,
} from './documents/event-definition.ts'
import { toJson } from './json.ts'

/** An event: a key of one or more parts, and a value. */
export type Event = { readonly key: readonly string[]; readonly value: EventValue }

/** An event as it came in, and when, in milliseconds since 1970. */
export type EventInput = Event & { readonly atMs: number }

/** A message for the log of results; `value` is a JSON text, and `error` is empty where all went well. */
export type NewEventResult = { readonly error: string; readonly value: string }

/** A message of the log of results at its position from 0, and when it was published: ISO 8601 in UTC. */
export type EventResult = NewEventResult & { readonly position: number; readonly at: string }

/**
 * Maps events and reduces what comes out. Each reduction gives one message for each of its periods in which something
 * matched, `{"id", "results": [{"key", "value"}]}`, in order of the periods' ends. Nothing is carried from one call to
 * the next. A value that is no number is left out of sums and told in the message's `error`.
 */
export function reduceEvents(definitions: EventDefinitions, inputs: readonly EventInput[]): NewEventResult[] {
  const mapped = inputs.flatMap((input) => definitions.maps.flatMap((map) => applyMap(map, input)))
  const messages = definitions.reductions.flatMap((reduction) => reduce(reduction, mapped))
  return messages.sort((one, other) => one.endMs - other.endMs).map(({ error, value }) => ({ error, value }))
}

type Captures = Map<string, EventValue>

function applyMap(map: EventMap, input: EventInput): EventInput[] {
  const captures: Captures = new Map()
  if (!matches(map.where, input, captures)) return []
  const named = typeof map.value === 'string' ? captureOf(map.value) : null
  const value = named === null ? map.value : (captures.get(named) ?? map.value)
  return [{ key: fillKey(map.key, input.key, captures), value: value ?? input.value, atMs: input.atMs }]
}

function fillKey(template: readonly string[] | null, key: readonly string[], captures: Captures): readonly string[] {
  if (template === null) return key
  return template.map((part) => {
    const name = captureOf(part)
    return name === null ? part : String(captures.get(name) ?? part)
  })
}

type Window = { readonly endMs: number; readonly groups: Map<string, Event[]> }

function reduce(reduction: EventReduction, events: readonly EventInput[]): (NewEventResult & { endMs: number })[] {
  const { periodMs } = reduction
  const windows = new Map<number, Window>()
  for (const event of events) {
    const captures: Captures = new Map()
    if (!matches(reduction.where, event, captures)) continue
    const endMs = periodMs > 0 ? (Math.floor(event.atMs / periodMs) + 1) * periodMs : Number.MAX_VALUE
    const window = windows.get(endMs) ?? { endMs, groups: new Map() }
    windows.set(endMs, window)
    const key = fillKey(reduction.key, event.key, captures)
    const group = window.groups.get(toJson(key)) ?? []
    window.groups.set(toJson(key), group)
    group.push({ key, value: event.value })
  }
  return [...windows.values()].map((window) => ({ ...message(reduction, window), endMs: window.endMs }))
}

function message({ id, operators }: EventReduction, { groups }: Window): NewEventResult {
  const results = [...groups.values()].map((events) => {
    const numbers = events.map(({ value }) => value).filter((value) => typeof value === 'number')
    const value = operators.map((operator) => [operator.slice(1), operate(operator, numbers, events.length)])
    return { key: events[0]?.key ?? [], value: Object.fromEntries(value) }
  })
  const all = [...groups.values()].flat()
  const unusable = all.filter(({ value }) => typeof value !== 'number').length
  const isCounting = operators.every((operator) => operator === '$count')
  const error = unusable === 0 || isCounting ? '' : `${id}: ${unusable} of ${all.length} values are not numbers`
  return { error, value: toJson({ id, results }) }
}

/** Null where there is no number to answer with. */
function operate(operator: ReduceOperator, numbers: readonly number[], count: number): number | null {
  switch (operator) {
    case '$count':
      return count
    case '$sum':
      return numbers.reduce((sum, value) => sum + value, 0)
    case '$min':
      return numbers.length === 0 ? null : numbers.reduce((least, value) => Math.min(least, value))
    case '$max':
      return numbers.length === 0 ? null : numbers.reduce((most, value) => Math.max(most, value))
  }
}

function matches(where: EventWhere, event: Event, captures: Captures): boolean {
  if (where.type !== null && typeof event.value !== where.type) return false
  if (where.key !== null && !matchesKey(where.key, event.key, captures)) return false
  if (where.name !== null && !capture(captures, where.name, event.value)) return false
  return where.tests.every((test) => holds(test, where, event, captures))
}

function matchesKey(pattern: readonly string[], key: readonly string[], captures: Captures): boolean {
  if (pattern.length !== key.length) return false
  return pattern.every((part, place) => {
    const found = key[place] ?? ''
    const name = captureOf(part)
    return name === null ? part === found : capture(captures, name, found)
  })
}

/** Takes a value under a name; a name that stands twice must find the same both times. */
function capture(captures: Captures, name: string, value: EventValue): boolean {
  const known = captures.get(name)
  if (known !== undefined) return String(known) === String(value)
  captures.set(name, value)
  return true
}

function holds(test: EventTest, where: EventWhere, event: Event, captures: Captures): boolean {
  const { value } = event
  const [operand] = test.values
  switch (test.operator) {
    case '$or':
      return test.clauses.some((clause) => matchesClause(clause, event, captures))
    case '$and':
      return test.clauses.every((clause) => matchesClause(clause, event, captures))
    case '$in':
      return test.values.includes(value)
    case '$search':
    case '$searchIn':
      return test.values.some((part) => contains(value, part, where.isCaseSensitive))
    case '$eq':
      return value === operand
    case '$neq':
      return value !== operand
    default:
      return operand !== undefined && compares(test.operator, value, operand)
  }
}

/** A clause that does not hold leaves nothing behind. */
function matchesClause(clause: EventWhere, event: Event, captures: Captures): boolean {
  const trial = new Map(captures)
  if (!matches(clause, event, trial)) return false
  for (const [name, value] of trial) captures.set(name, value)
  return true
}

function contains(value: EventValue, part: EventValue, isCaseSensitive: boolean): boolean {
  if (typeof value !== 'string') return false
  const wanted = String(part)
  return isCaseSensitive ? value.includes(wanted) : value.toLowerCase().includes(wanted.toLowerCase())
}

/** Order holds among numbers and among texts, never between them. */
function compares(operator: string, value: EventValue, operand: EventValue): boolean {
  if (typeof value !== typeof operand || typeof value === 'boolean') return false
  switch (operator) {
    case '$gt':
      return value > operand
    case '$gte':
      return value >= operand
    case '$lt':
      return value < operand
    default:
      return value <= operand
  }
}
