import { Ajv, type ErrorObject } from 'ajv'
import { badInput, type Fault } from '../error.ts'
import { isObject, type Json, type JsonObject, unstorable } from '../json.ts'
import { placeText } from './schema.ts'
import { settingsSchema } from './settings-schema.ts'

const validate = new Ajv({ allErrors: true, ownProperties: true }).compile(settingsSchema)

/** The settings of a cluster that nobody has set. */
export const defaultSettings: JsonObject = filled(settingsSchema, {})

/**
 * Checks settings as they were posted and fills every value that is missing, at any depth, with its default. Members
 * that the schema does not know are kept as they are; a list is taken whole.
 * @throws DomainError BAD_USER_INPUT that lists every fault with its place
 */
export function parseSettings(value: unknown): JsonObject {
  const reason = unstorable(value)
  if (reason !== null) throw badInput(`The settings document ${reason}.`)
  if (!isObject(value)) throw badInput('The settings must be a JSON object.')
  const faults = [...schemaFaults(value), ...referenceFaults(value, [])]
  const [first] = faults
  if (first !== undefined) throw badInput(`${placeText(first.path, 'settings')} ${first.message}.`, { faults })
  return filled(settingsSchema, value)
}

/** Stored settings in full: a setting that a later release added shows its default. */
export function fullSettings(stored: JsonObject): JsonObject {
  return filled(settingsSchema, stored)
}

function schemaFaults(value: JsonObject): Fault[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map((error) => ({ path: placeOf(error), message: error.message ?? 'is not valid' }))
}

function placeOf(error: ErrorObject): string[] {
  const keys = error.instancePath.split('/').slice(1)
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A settings document refers to nothing: a reference would only invite somebody, some day, to follow it. */
function referenceFaults(value: Json, path: readonly (string | number)[]): Fault[] {
  if (typeof value !== 'object' || value === null) return []
  const members: [string | number, Json][] = isObject(value) ? Object.entries(value) : [...value.entries()]
  return members.flatMap(([key, member]) => {
    const place = [...path, key]
    if (key === '$ref') return [{ path: place, message: 'is not taken: settings refer to nothing' }]
    return referenceFaults(member, place)
  })
}

/** A value with what its schema gives for missing members: known members first, in the schema's order. */
function filled(schema: JsonObject, value: JsonObject): JsonObject {
  const known = isObject(schema.properties) ? Object.entries(schema.properties) : []
  const members = known.map(([key, member]): [string, Json] => {
    const given = Object.hasOwn(value, key) ? value[key] : undefined
    return [key, filledMember(isObject(member) ? member : {}, given)]
  })
  const names = new Set(known.map(([key]) => key))
  return Object.fromEntries([...members, ...Object.entries(value).filter(([key]) => !names.has(key))])
}

function filledMember(schema: JsonObject, given: Json | undefined): Json {
  const value = given ?? schema.default ?? null
  return isObject(schema.properties) && isObject(value) ? filled(schema, value) : value
}
