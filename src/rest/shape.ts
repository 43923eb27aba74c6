/** A few words for writing the JSON Schemas of replies, whatever the document. */
import type { JsonObject } from '#model/json.ts'

/** A whole number. */
export const integer: JsonObject = { type: 'integer' }
/** Any number. */
export const decimal: JsonObject = { type: 'number' }
/** A text. */
export const string: JsonObject = { type: 'string' }
/** True or false. */
export const boolean: JsonObject = { type: 'boolean' }
/** An ISO 8601 time in UTC. */
export const instant: JsonObject = { type: 'string', format: 'date-time' }
/** An object whose members are not fixed. */
export const freeObject: JsonObject = { type: 'object' }

/** An object of exactly these members, all of them always present. */
export function exactly(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

/** An object of any members, each of this kind. */
export function mapOf(members: JsonObject): JsonObject {
  return { type: 'object', additionalProperties: members }
}

/** One of these words. */
export function wordOf(words: readonly string[]): JsonObject {
  return { type: 'string', enum: [...words] }
}

/** A list of these. */
export function listOf(items: JsonObject): JsonObject {
  return { type: 'array', items }
}

/** This, or null where there is none. */
export function orNull(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: 'null' }] }
}

/** A named schema of the surface. */
export function named(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` }
}
