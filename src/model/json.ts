/**
 * JSON that keeps 64-bit integers: an integer beyond 2^53 is read as a bigint and written back digit for digit.
 * `JSON.parse` alone would round it silently, and Nomad's indexes and nanoseconds would come back wrong.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** A text without any of these can hold no number that JSON.parse would round, so the slower reviver is not needed. */
const mayRound = /\d{16}|\d[eE]|\d\.\d{12}/
const integer = /^-?\d+$/

/** The third argument that V8 passes to a reviver; TypeScript's library does not know it yet. */
type ReviverContext = { readonly source?: string }

/** A reviver for `JSON.parse` that reads as `parseJson` does; @throws SyntaxError for a number that no double can hold */
export function exactNumber(_key: string, value: unknown, context: ReviverContext): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value
  if (integer.test(context.source)) return Number.isSafeInteger(value) ? value : BigInt(context.source)
  if (!Number.isFinite(value)) throw new SyntaxError(`Number out of range: ${context.source.slice(0, 40)}`)
  return value
}

/**
 * Reads one JSON text. Integers outside ±(2^53-1) become bigints; a number that no double can hold is refused.
 * @throws SyntaxError where the text is not JSON
 */
export function parseJson(text: string): Json {
  return mayRound.test(text)
    ? JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown)
    : JSON.parse(text)
}

/**
 * Writes a value as JSON, bigints as plain integers. Keys keep their order; undefined members are left out. With an
 * indent, members get lines of their own.
 */
export function toJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, writeBigint, indent)
}

/**
 * The same value in a form that plain `JSON.stringify` writes exactly: its bigints wrapped as raw JSON. A value
 * without bigints comes back as it is.
 */
export function exactJson(value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(value.toString())
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const members = value.map(exactJson)
    return members.some((member, place) => member !== value[place]) ? members : value
  }
  const entries = Object.entries(value).map(([key, member]) => [key, member, exactJson(member)] as const)
  const isChanged = entries.some(([, member, exact]) => member !== exact)
  return isChanged ? Object.fromEntries(entries.map(([key, , exact]) => [key, exact])) : value
}

const rawJson: (text: string) => unknown = Reflect.get(JSON, 'rawJSON')

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawJson(value.toString()) : value
}

/** Tells a JSON object from null, arrays and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Why Postgres could not store this value, or null when it can: NUL and lone surrogates are no text there,
 * and nesting beyond 64 levels serves nobody but an attacker.
 */
export function unstorable(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return unstorableText(value)
  if (typeof value !== 'object' || value === null) return null
  if (depth >= 64) return 'is nested more than 64 levels deep'
  for (const [key, member] of Object.entries(value)) {
    const reason = unstorableText(key) ?? unstorable(member, depth + 1)
    if (reason !== null) return reason
  }
  return null
}

function unstorableText(text: string): string | null {
  if (text.includes('\u0000')) return 'holds a NUL character'
  if (!text.isWellFormed()) return 'holds a lone surrogate'
  return null
}
