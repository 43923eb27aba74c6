import { badInput } from './error.ts'
import { type GoToken, scanGo } from './go-json-scan.ts'
import { type Json, toJson } from './json.ts'

/** A 64-bit integer: a number within ±(2^53-1), a bigint beyond. Both compare with `<`; use `Number()` to calculate. */
export type GoInteger = number | bigint

/** What has come of a whole text so far: its first fault, which is the one that is told, and what reading it has cost. */
type Report = { fault: string | null; effort: number }

/** Where a value stands, for the message. */
type Place = { readonly struct: string; readonly fields: readonly string[]; readonly report: Report }

/** About 20,000 structs. Without a bound, a megabyte of `{}` would become hundreds of megabytes of structs. */
const mostEffort = 300_000
const effortOfStruct = 15

/** What a Go type makes of a JSON value. `zero` is its value where the text says nothing. */
export type GoShape<T> = {
  readonly goType: string
  readonly zero: T
  /** Reads a token over what an earlier member of the same name has left; what does not fit leaves that unchanged. */
  decode(token: GoToken, current: T, place: Place): T
}

/**
 * Reads a text as Go's `encoding/json` does: members match in any case, unknown ones and whatever follows the first
 * value are ignored, a repeated member is read over the earlier one, and null leaves scalars as they are. Texts of some
 * ten thousands of objects are refused.
 * @throws DomainError BAD_USER_INPUT named BAD_REQUEST with Go's message
 */
export function decodeGo<T>(text: string, shape: GoShape<T>): T {
  const report: Report = { fault: null, effort: 0 }
  const value = shape.decode(scanGo(text), shape.zero, { struct: '', fields: [], report })
  if (report.fault !== null) throw badInput(report.fault, { name: 'BAD_REQUEST' })
  return value
}

/**
 * Writes a value as Go's encoder does, without a newline at the end; `pretty` indents by four spaces. Keys keep their
 * order, except that JavaScript puts keys that are whole numbers first.
 */
export function encodeGo(value: unknown, pretty = false): string {
  return toJson(value, pretty ? 4 : 0).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Notes that a value does not fit, unless an earlier one already failed to. */
function misfit(place: Place, found: string, goType: string): void {
  const field = place.struct === '' ? 'Go value' : `Go struct field ${[place.struct, ...place.fields].join('.')}`
  place.report.fault ??= `json: cannot unmarshal ${found.slice(0, 200)} into ${field} of type ${goType}`
}

function spend({ report }: Place, effort: number): void {
  report.effort += effort
  if (report.effort > mostEffort) throw badInput('too many values to read', { name: 'BAD_REQUEST' })
}

/** Null leaves a value as it is; whatever else reaches this does not fit. Either way the current value stays. */
function kept<T>(token: GoToken, current: T, place: Place, goType: string): T {
  if (token.kind !== 'null') misfit(place, token.kind, goType)
  return current
}

/** Go's `string`, empty where nothing is said. */
export const goString: GoShape<string> = {
  goType: 'string',
  zero: '',
  decode: (token, current, place) => (token.kind === 'string' ? token.value : kept(token, current, place, 'string')),
}

/** Go's `bool`, false where nothing is said. */
export const goBool: GoShape<boolean> = {
  goType: 'bool',
  zero: false,
  decode: (token, current, place) => (token.kind === 'bool' ? token.value : kept(token, current, place, 'bool')),
}

/** Go's `int`: digits alone, within 64 bits; neither fraction nor exponent. */
export const goInt = goIntegerOf('int', -(2n ** 63n), 2n ** 63n - 1n)
/** Go's `uint64`: digits alone, without a sign. */
export const goUint64 = goIntegerOf('uint64', 0n, 2n ** 64n - 1n)
/** Go's `time.Duration`: whole nanoseconds, never a text. */
export const goDuration = goIntegerOf('time.Duration', -(2n ** 63n), 2n ** 63n - 1n)

function goIntegerOf(goType: string, least: bigint, most: bigint): GoShape<GoInteger> {
  const digits = least < 0n ? /^-?\d{1,19}$/ : /^\d{1,20}$/
  return {
    goType,
    zero: 0,
    decode(token, current, place) {
      if (token.kind !== 'number') return kept(token, current, place, goType)
      const exact = digits.test(token.text) ? BigInt(token.text) : null
      if (exact !== null && exact >= least && exact <= most) return goInteger(exact)
      misfit(place, `number ${token.text}`, goType)
      return current
    },
  }
}

/** Gives a 64-bit integer its one form: a number where that is exact. */
export function goInteger(value: bigint): GoInteger {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** Go's `interface {}`, which takes every value; numbers become doubles and the members of objects are sorted by their bytes. */
export const goAny: GoShape<Json> = {
  goType: 'interface {}',
  zero: null,
  decode(token, _current, place) {
    switch (token.kind) {
      case 'null':
        return null
      case 'number':
        if (!Number.isFinite(Number(token.text))) misfit(place, `number ${token.text}`, 'float64')
        return Number(token.text)
      case 'array':
        return token.items.map((item) => goAny.decode(item, null, place))
      case 'object':
        return sorted(new Map(token.members.map(([key, member]) => [key, goAny.decode(member, null, place)])))
      default:
        return token.value
    }
  },
}

/** A Go slice, null where nothing is said. An item is read over the one that an earlier list of that name has there. */
export function goList<T>(item: GoShape<T>): GoShape<readonly T[] | null> {
  const goType = `[]${item.goType}`
  return {
    goType,
    zero: null,
    decode(token, current, place) {
      if (token.kind === 'null') return null
      if (token.kind !== 'array') return kept(token, current, place, goType)
      return token.items.map((member, index) => item.decode(member, current?.[index] ?? item.zero, place))
    },
  }
}

/** A Go slice of pointers. Go takes a null item and Nomad then crashes over it, so here it does not fit. */
export function goPointers<T>(item: GoShape<T>): GoShape<readonly T[] | null> {
  return goList({
    goType: `*${item.goType}`,
    zero: item.zero,
    decode(token, current, place) {
      if (token.kind === 'null') misfit(place, 'null', item.goType)
      return item.decode(token, current, place)
    },
  })
}

/** A Go pointer: null where nothing is said and wherever null is said. */
export function goPointer<T>(target: GoShape<T>): GoShape<T | null> {
  return {
    goType: `*${target.goType}`,
    zero: null,
    decode(token, current, place) {
      return token.kind === 'null' ? null : target.decode(token, current ?? target.zero, place)
    },
  }
}

/** A Go map with text keys, null where nothing is said, sorted by the bytes of its keys; repeated maps are merged. */
export function goMap<T>(value: GoShape<T>): GoShape<Readonly<Record<string, T>> | null> {
  const goType = `map[string]${value.goType}`
  return {
    goType,
    zero: null,
    decode(token, current, place) {
      if (token.kind === 'null') return null
      if (token.kind !== 'object') return kept(token, current, place, goType)
      const earlier = Object.entries(current ?? {})
      spend(place, earlier.length)
      const read = token.members.map(([key, member]) => [key, value.decode(member, value.zero, place)] as const)
      return sorted(new Map([...earlier, ...read]))
    },
  }
}

/** A Go struct; its fields come out in the order that they are given in. `name` is without the package. */
export function goStruct<T extends object>(
  name: string,
  fields: { readonly [K in keyof T]: GoShape<T[K]> },
): GoShape<T> {
  type Name = keyof T & string
  const goType = `structs.${name}`
  // The language has no typed keys() or fromEntries(): what `fields` is declared to hold is what these give.
  const names = Object.keys(fields) as Name[]
  const zero = Object.fromEntries(names.map((field) => [field, fields[field].zero])) as T
  const byFold = new Map(names.map((field) => [folded(field), field]))
  return {
    goType,
    zero,
    decode(token, current, place) {
      if (token.kind !== 'object') return kept(token, current, place, goType)
      spend(place, effortOfStruct)
      const value = { ...current }
      const read = <K extends Name>(field: K, member: GoToken) => {
        const inside = { struct: name, fields: [...place.fields, field], report: place.report }
        value[field] = fields[field].decode(member, value[field], inside)
      }
      for (const [key, member] of token.members) {
        const field = byFold.get(folded(key))
        if (field !== undefined) read(field, member)
      }
      return value
    },
  }
}

/** Lets null stand for a value of its own, as clients of Nomad 0.5 mean it. */
export function goNullAs<T>(shape: GoShape<T>, value: T): GoShape<T> {
  return {
    ...shape,
    decode: (token, current, place) => (token.kind === 'null' ? value : shape.decode(token, current, place)),
  }
}

/** Go folds case by Unicode: beside ASCII, the long s and the Kelvin sign count as letters of field names. */
function folded(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's')
}

/** Built by fromEntries, so that a key such as `__proto__` is a member like any other. */
function sorted<T>(members: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...members].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
}
