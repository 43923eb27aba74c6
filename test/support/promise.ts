import { expect } from 'vitest'
import { isObject } from '#model/json.ts'

/**
 * Puts answers into a JSON value: a text `{{Name.path.0.member}}` becomes what stands at that path of the answer
 * called `Name`.
 * @throws Error where nothing stands there
 */
export function filled(value: unknown, answers: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((one) => filled(one, answers))
  if (isObject(value)) return mapped(value, (one) => filled(one, answers))
  const path = typeof value === 'string' ? /^\{\{([\w.]+)\}\}$/.exec(value)?.[1] : undefined
  if (path === undefined) return value
  const found = path.split('.').reduce<unknown>((at, step) => memberOf(at, step), answers)
  if (found === undefined || found === null) throw new Error(`No answer has ${path}`)
  return found
}

/** What a printed answer promises: the members shown, `"…"` for any value, and last in a list for any others. */
export function promised(shown: unknown): unknown {
  if (shown === '…') return expect.anything()
  if (Array.isArray(shown) && shown.at(-1) === '…' && shown.length > 1)
    return expect.arrayContaining(shown.slice(0, -1).map(promised))
  if (Array.isArray(shown)) return shown.map(promised)
  return isObject(shown) ? expect.objectContaining(mapped(shown, promised)) : shown
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)]
  return isObject(value) ? value[name] : undefined
}

function mapped(value: Readonly<Record<string, unknown>>, change: (one: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(one)]))
}
