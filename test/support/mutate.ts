import fc from 'fast-check'
import { isObject } from '#model/json.ts'
import { hostileJson, hostileTexts } from './dictionary.ts'

type Path = readonly (string | number)[]

/** Anything hostile that a JSON body may hold. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...hostileJson),
  fc.constantFrom<unknown>(...hostileTexts),
)

const hostileKey = fc.constantFrom('__proto__', 'constructor', 'nonsense', '', 'x'.repeat(300), 'a\u0000b', '\ud800')

/**
 * A good document with one to three faults in it: a value replaced, left out, or something strange put beside it. Most
 * of it stays good, so it gets past the first checks and tries those behind them.
 */
export function mutated(document: unknown): fc.Arbitrary<unknown> {
  const place = fc.constantFrom(...places(document))
  const fault = fc.oneof(
    fc.record({ place, value: hostileValue }),
    fc.record({ place, value: fc.constant(undefined) }),
    fc.record({ place, value: hostileValue, key: hostileKey }),
  )
  return fc
    .array(fault, { minLength: 1, maxLength: 3 })
    .map((faults) =>
      faults.reduce((at, one) => changed(at, 'key' in one ? [...one.place, one.key] : one.place, one.value), document),
    )
}

/** The places of all values in a document, its root included. */
function places(value: unknown, path: Path = []): Path[] {
  const below = Array.isArray(value)
    ? value.flatMap((member, at) => places(member, [...path, at]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, member]) => places(member, [...path, key]))
      : []
  return [path, ...below]
}

/** The document with another value in one place, or without it where the value is undefined; places it lacks stay so. */
function changed(document: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value === undefined ? {} : value
  if (Array.isArray(document)) {
    return document.flatMap((member: unknown, at) => {
      if (at !== step) return [member]
      return rest.length === 0 && value === undefined ? [] : [changed(member, rest, value)]
    })
  }
  if (!isObject(document)) return document
  const others = Object.entries(document).filter(([key]) => key !== step)
  if (rest.length === 0 && value === undefined) return Object.fromEntries(others)
  const member = changed(Object.hasOwn(document, step) ? document[step] : undefined, rest, value)
  // Not an object literal: a key such as __proto__ must stay a key.
  return Object.fromEntries([...others, [String(step), member]])
}
