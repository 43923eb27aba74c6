/** Map and reduce definitions of Genvid events: files of JSON whose faults are told beside what can be used. */
import { isObject, type Json, type JsonObject, parseJson, unstorable } from '../json.ts'
import { shown } from './schema.ts'

/** A file of definitions under its key, as it was posted. */
export type EventDefinition = { readonly key: string; readonly source: string }

/** The value of an event. */
export type EventValue = string | number | boolean

/** One condition on an event's value; `$or` and `$and` hold clauses, all others the values to compare with. */
export type EventTest = {
  readonly operator: string
  readonly values: readonly EventValue[]
  readonly clauses: readonly EventWhere[]
}

/** Which events are meant; a null part says nothing. */
export type EventWhere = {
  /** Part for part a literal, or `<name>`, which takes whatever stands there. */
  readonly key: readonly string[] | null
  /** The name under which the value can be used, without brackets. */
  readonly name: string | null
  readonly type: string | null
  readonly isCaseSensitive: boolean
  readonly tests: readonly EventTest[]
}

/** Turns events into others. A null key or value is handed on as it came. */
export type EventMap = {
  readonly id: string
  readonly where: EventWhere
  readonly key: readonly string[] | null
  readonly value: EventValue | null
}

/** What a reduction can work out about the values that share a key. */
export const reduceOperators = ['$sum', '$count', '$min', '$max'] as const
export type ReduceOperator = (typeof reduceOperators)[number]

/** Sums mapped events up, key by key, over periods of so many milliseconds; 0 means all that came together. */
export type EventReduction = {
  readonly id: string
  readonly where: EventWhere
  readonly key: readonly string[] | null
  readonly operators: readonly ReduceOperator[]
  readonly periodMs: number
}

/** What all files together define, and one line for each fault, naming the file's key. */
export type EventDefinitions = {
  readonly maps: readonly EventMap[]
  readonly reductions: readonly EventReduction[]
  readonly errors: readonly string[]
}

/** Reads all files. A definition with a fault is left out and told among the errors; the others still hold. */
export function readEventDefinitions(files: readonly EventDefinition[]): EventDefinitions {
  const errors: string[] = []
  const maps = new Map<string, EventMap>()
  const reductions = new Map<string, EventReduction>()
  for (const { key, source } of files) {
    const report = (fault: string) => errors.push(`${shown(key)}: ${fault}`)
    const game = gameOf(source, report)
    if (game === null) continue
    collect(game, 'maps', maps, report, readMap)
    collect(game, 'reductions', reductions, report, readReduction)
  }
  return { maps: [...maps.values()], reductions: [...reductions.values()], errors }
}

type Report = (fault: string) => void

/** The object with `maps` and `reductions`: the file itself, or what it wraps as `event.game`. */
function gameOf(source: string, report: Report): JsonObject | null {
  const file = readSource(source)
  if (typeof file === 'string') {
    report(file)
    return null
  }
  const event = isObject(file.value) ? file.value.event : undefined
  const game = isObject(event) && isObject(event.game) ? event.game : file.value
  if (isObject(game) && (Object.hasOwn(game, 'maps') || Object.hasOwn(game, 'reductions'))) return game
  report('has neither maps nor reductions')
  return null
}

function readSource(source: string): { readonly value: Json } | string {
  try {
    const value = parseJson(source)
    const reason = unstorable(value)
    return reason === null ? { value } : reason
  } catch {
    return 'is not JSON'
  }
}

function collect<T extends { readonly id: string }>(
  game: JsonObject,
  kind: 'maps' | 'reductions',
  found: Map<string, T>,
  report: Report,
  read: (item: JsonObject, id: string, report: Report) => T,
): void {
  const list = Object.hasOwn(game, kind) ? game[kind] : []
  if (!Array.isArray(list)) return void report(`${kind} is not a list`)
  const items: readonly Json[] = list
  for (const [place, item] of items.entries()) {
    const where = `${kind}[${place}]`
    if (!isObject(item)) report(`${where} is not an object`)
    else if (typeof item.id !== 'string' || item.id === '') report(`${where} has no id`)
    else if (found.has(item.id)) report(`${where} has the id '${shown(item.id)}', which is taken`)
    else {
      let isSound = true
      const told = `${where} ('${shown(item.id)}')`
      const definition = read(item, item.id, (fault) => {
        isSound = false
        report(`${told} ${fault}`)
      })
      if (isSound) found.set(item.id, definition)
    }
  }
}

function readMap(item: JsonObject, id: string, report: Report): EventMap {
  if (item.source !== undefined && item.source !== 'userinput') report("has a source other than 'userinput'")
  const value = eventValue(item.value)
  if (item.value !== undefined && value === null) report('has a value that is no text, number or boolean')
  return { id, where: readWhere(item.where, report), key: readKey(item.key, report), value }
}

function readReduction(item: JsonObject, id: string, report: Report): EventReduction {
  const operators = [item.value ?? item.values ?? []].flat()
  const known = reduceOperators.filter((operator) => operators.includes(operator))
  for (const operator of operators)
    if (!reduceOperators.some((name) => name === operator)) report(`has the unknown operator ${nameOf(operator)}`)
  const { period = 0 } = item
  const isPeriod = typeof period === 'number' && period >= 0
  if (!isPeriod) report('has a period that is no number of milliseconds')
  const periodMs = isPeriod ? period : 0
  return { id, where: readWhere(item.where, report), key: readKey(item.key, report), operators: known, periodMs }
}

const valueOperators = new Set(['$eq', '$neq', '$gt', '$gte', '$lt', '$lte', '$search'])
const listOperators = new Set(['$in', '$searchIn'])
const clauseOperators = new Set(['$or', '$and'])

function readWhere(where: Json | undefined, report: Report): EventWhere {
  const clause = where ?? {}
  if (!isObject(clause)) report('has a where that is not an object')
  const members = isObject(clause) ? clause : {}
  const tests = Object.entries(members)
    .filter(([name]) => name.startsWith('$') && name !== '$caseSensitive')
    .map(([operator, operand]) => readTest(operator, operand, report))
  const { name, type } = members
  return {
    key: readKey(members.key, report),
    name: typeof name === 'string' ? (captureOf(name) ?? name) : null,
    type: typeof type === 'string' ? type : null,
    isCaseSensitive: members.$caseSensitive === true,
    tests,
  }
}

function readTest(operator: string, operand: Json, report: Report): EventTest {
  const list = [operand].flat()
  if (clauseOperators.has(operator)) {
    if (!Array.isArray(operand)) report(`has no list of clauses in ${operator}`)
    return { operator, values: [], clauses: list.map((clause) => readWhere(clause, report)) }
  }
  if (!valueOperators.has(operator) && !listOperators.has(operator)) {
    report(`has the unknown operator ${nameOf(operator)}`)
    return { operator, values: [], clauses: [] }
  }
  const values = list.map(eventValue).filter((value) => value !== null)
  const isList = Array.isArray(operand)
  if (values.length !== list.length || isList !== listOperators.has(operator))
    report(`cannot use what ${operator} compares with`)
  return { operator, values, clauses: [] }
}

function readKey(key: Json | undefined, report: Report): string[] | null {
  if (key === undefined) return null
  const parts = [key].flat().map(eventValue)
  if (!Array.isArray(key) || parts.includes(null)) report('has a key that is not a list of texts')
  return parts.map(String)
}

function nameOf(operator: Json): string {
  return typeof operator === 'string' ? shown(operator) : typeof operator
}

/** A value that an event can have, or null. Integers beyond 2^53 are rounded: events are counted, not kept. */
export function eventValue(value: unknown): EventValue | null {
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/** The name in `<name>`, or null for a literal. */
export function captureOf(part: string): string | null {
  return part.length > 2 && part.startsWith('<') && part.endsWith('>') ? part.slice(1, -1) : null
}
