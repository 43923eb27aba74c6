/** Parameters as the Scale v6 documents have them: looked up in the query string first and in the body second. */
import { badInput, DomainError, notFound } from '#model/error.ts'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { parseScaleTime } from '#model/time.ts'
import type { ParamDoc, RestRequest } from '../route.ts'

/** What was sent under a name: the texts of a query or form, or one JSON value. A JSON null counts as not sent. */
export type Given = { readonly texts: readonly [string, ...string[]] } | { readonly json: Exclude<Json, null> }

/** A documented parameter together with how its value is read; T holds null where absence is allowed. */
export type ScaleParam<T> = ParamDoc & { readonly read: (given: Given | null, name: string, now: Date | string) => T }
/** A route's parameters by name, wherever they may stand: query string, form or JSON object. */
export type ScaleParams = { readonly [name: string]: ScaleParam<unknown> }
/** The values of a table of parameters, under the same names. */
export type Values<P extends ScaleParams> = { readonly [K in keyof P]: P[K] extends ScaleParam<infer T> ? T : never }

/**
 * Reads every parameter of the table; `now` is what a duration counts back from.
 * @throws DomainError BAD_USER_INPUT in the words of Scale, naming the parameter
 */
export function readParams<P extends ScaleParams>(request: RestRequest, params: P, now: Date | string): Values<P>
export function readParams(request: RestRequest, params: ScaleParams, now: Date | string): Values<ScaleParams> {
  const entries = Object.entries(params).map(([name, param]) => [name, param.read(given(request, name), name, now)])
  return Object.fromEntries(entries)
}

/** What was sent under this name, the query string before the body; null where nothing was. */
export function given(request: RestRequest, name: string): Given | null {
  const { query, body } = request
  const [first, ...rest] = query.getAll(name)
  if (first !== undefined) return { texts: [first, ...rest] }
  if (body.kind === 'form') {
    const [field, ...more] = body.fields.getAll(name)
    return field === undefined ? null : { texts: [field, ...more] }
  }
  if (body.kind !== 'json' || !isObject(body.value) || !Object.hasOwn(body.value, name)) return null
  const value = body.value[name]
  return value === undefined || value === null ? null : { json: value }
}

/** Whether the body names this key with a JSON null, which clears a few editable fields and is absence elsewhere. */
export function isCleared(request: RestRequest, name: string): boolean {
  const { query, body } = request
  if (query.has(name) || body.kind !== 'json' || !isObject(body.value)) return false
  return Object.hasOwn(body.value, name) && body.value[name] === null
}

/** An id in the path. A number that no row can have is unknown rather than wrong. @throws DomainError NOT_FOUND */
export function pathId(request: RestRequest, name: string): number {
  const id = Number(request.params[name])
  if (!Number.isSafeInteger(id) || id > largestInt) throw notFound(`There is no ${name} ${request.params[name]}.`)
  return id
}

/** Makes a parameter required. @throws (on reading) DomainError `Missing required parameter` */
export function required<T>(param: ScaleParam<T | null>): ScaleParam<T> {
  return {
    ...param,
    required: true,
    read: (sent, name, now) => {
      const value = param.read(sent, name, now)
      if (value === null) throw badInput(`Missing required parameter: "${name}"`, { path: [name] })
      return value
    },
  }
}

/** Gives a parameter the value it has when it is not sent. */
export function withDefault<T extends Json>(param: ScaleParam<T | null>, value: T): ScaleParam<T> {
  const schema = { ...param.schema, default: value }
  return { ...param, schema, read: (sent, name, now) => param.read(sent, name, now) ?? value }
}

/** A text, taken as it is; the last one when repeated. An empty text is a value. */
export function text(doc: string): ScaleParam<string | null> {
  return single(doc, { type: 'string' }, asText)
}

/**
 * A repeatable text, or an array (or one scalar) in a JSON body. Commas do not separate. `most` bounds the number;
 * `items` is what OpenAPI says of each.
 */
export function texts(
  doc: string,
  most = largestList,
  items: JsonObject = { type: 'string' },
): ScaleParam<string[] | null> {
  return list(doc, items, asText, most)
}

/** The same where only these words match anything; any other text is taken and matches nothing. */
export function words(doc: string, known: readonly string[]): ScaleParam<string[] | null> {
  return texts(doc, largestList, { type: 'string', enum: [...known] })
}

/** An integer as Python's `int()` reads one, in the range of 32 bits. */
export function int(doc: string): ScaleParam<number | null> {
  return single(doc, { type: 'integer', format: 'int32' }, asInt)
}

/** A repeatable integer; each item as in `int`. */
export function ints(doc: string, most = largestList): ScaleParam<number[] | null> {
  return list(doc, { type: 'integer', format: 'int32' }, asInt, most)
}

/** `true`, `t`, `1` or `false`, `f`, `0` in any case, blanks around it ignored; or a JSON boolean. */
export function bool(doc: string): ScaleParam<boolean | null> {
  return single(doc, { type: 'boolean' }, asBool)
}

/** An instant, or an ISO 8601 duration that counts back from now; read as ISO text in UTC. */
export function time(doc: string): ScaleParam<string | null> {
  return single(doc, { type: 'string', anyOf: [{ format: 'date-time' }, { format: 'duration' }] }, asTime)
}

/** One of the named words. */
export function choice<W extends string>(doc: string, words: readonly W[]): ScaleParam<W | null> {
  return single(doc, { type: 'string', enum: words }, (value, name) => {
    const word = words.find((one) => one === value)
    if (word === undefined) throw refusal(`Parameter "${name}" values must be one of: ${words.join(', ')}`, name)
    return word
  })
}

/** A JSON object. */
export function dict(doc: string, schema: JsonObject = { type: 'object' }): ScaleParam<JsonObject | null> {
  return single(doc, schema, (value, name) => {
    if (!isObject(value)) throw refusal(`Parameter must be a valid JSON object: "${name}"`, name)
    return value
  })
}

/**
 * Holds two ends of a time range, as `time` reads them, against each other; nothing to check unless both were sent.
 * @throws DomainError BAD_USER_INPUT where they are equal or the wrong way round
 */
export function checkRange(started: string | null, ended: string | null): void {
  if (started === null || ended === null) return
  if (started === ended) throw badInput('Start and end values must be different')
  if (started > ended) throw badInput('Start time must come before end time')
}

type Sent = Exclude<Json, null>
type Read<T> = (value: Sent, name: string, now: Date | string) => T

const largestInt = 2_147_483_647
/** More items than a body of 1 MiB is likely to hold by honest means. */
const largestList = 100_000

function single<T>(doc: string, schema: JsonObject, read: Read<T>): ScaleParam<T | null> {
  return {
    doc,
    schema,
    read: (sent, name, now) => {
      if (sent === null) return null
      return read('texts' in sent ? (sent.texts.at(-1) ?? sent.texts[0]) : sent.json, name, now)
    },
  }
}

function list<T>(doc: string, items: JsonObject, read: Read<T>, most: number): ScaleParam<T[] | null> {
  return {
    doc,
    schema: { type: 'array', items, maxItems: most },
    read: (sent, name, now) => {
      if (sent === null) return null
      const values: readonly Json[] = 'texts' in sent ? sent.texts : Array.isArray(sent.json) ? sent.json : [sent.json]
      if (values.length > most) throw refusal(`Parameter has more than ${most} values: "${name}"`, name)
      return values.map((value) => read(value ?? '', name, now))
    },
  }
}

function refusal(message: string, name: string): DomainError {
  return badInput(message, { path: [name] })
}

function asText(value: Sent, name: string): string {
  if (typeof value === 'object') throw refusal(`Parameter must be a valid string: "${name}"`, name)
  return String(value)
}

function asInt(value: Sent, name: string): number {
  const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= -largestInt - 1 && number <= largestInt) {
    return number
  }
  throw refusal(`Parameter must be a valid integer: "${name}"`, name)
}

function asBool(value: Sent, name: string): boolean {
  if (typeof value === 'boolean') return value
  const word = String(value).trim().toLowerCase()
  if (['true', 't', '1'].includes(word)) return true
  if (['false', 'f', '0'].includes(word)) return false
  throw refusal(`Parameter must be a valid boolean: "${name}"`, name)
}

function asTime(value: Sent, name: string, now: Date | string): string {
  try {
    if (typeof value === 'string') return parseScaleTime(value, now)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
  }
  throw refusal(`Invalid ISO timestamp format for parameter: ${name}`, name)
}
