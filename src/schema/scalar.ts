import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { DomainError } from '#model/error.ts'
import { exactJson, unstorable } from '#model/json.ts'
import { parseScaleTime } from '#model/time.ts'
import { builder } from './builder.ts'

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
const utc = /:\d{2}(?:\.\d{1,6})?Z$/

function readDateTime(value: unknown): string {
  const expected = 'a date and time with a zone is expected, of the years 0001 to 9999, such as 2026-01-31T09:00:00Z'
  if (typeof value !== 'string' || !dateTime.test(value)) throw refusal(expected)
  try {
    const instant = parseScaleTime(value, new Date(0))
    // What is kept as text, such as the time of a log line, is shown and compared as the text that it is.
    return utc.test(value) ? value : instant
  } catch (error) {
    if (error instanceof DomainError) throw refusal(expected)
    throw error
  }
}

builder.scalarType('DateTime', {
  description:
    'A moment: ISO 8601 in UTC with up to six digits of a second, such as `2026-01-31T09:00:00.250000Z`. In input any offset is taken, seconds are not left out, and digits beyond the sixth are cut off; years 0001 to 9999.',
  serialize: (value) => value,
  parseValue: readDateTime,
  parseLiteral: (node) => placed(node, () => readDateTime(node.kind === Kind.STRING ? node.value : null)),
})

function readJson(value: unknown): unknown {
  const reason = unstorable(value)
  if (reason !== null) throw refusal(`the value ${reason}`)
  return value
}

function jsonLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT: {
      const number = Number(node.value)
      return Number.isSafeInteger(number) ? number : BigInt(node.value)
    }
    case Kind.FLOAT: {
      const number = Number(node.value)
      if (!Number.isFinite(number)) throw refusal('the number is out of range')
      return number
    }
    case Kind.BOOLEAN:
    case Kind.STRING:
    case Kind.ENUM:
      return node.value
    case Kind.LIST:
      return node.values.map((member) => jsonLiteral(member, variables))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, jsonLiteral(value, variables)]))
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null
  }
}

builder.scalarType('JSON', {
  description: 'Any JSON value. Integers keep all their digits, and objects the order of their keys.',
  serialize: exactJson,
  parseValue: readJson,
  parseLiteral: (node, variables) => placed(node, () => readJson(jsonLiteral(node, variables ?? {}))),
})

function readSafeInt(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw refusal('a whole number of at most 2^53 - 1 is expected')
  return value
}

builder.scalarType('SafeInt', {
  description:
    'A whole number of at most 2^53 - 1, which every JSON reader keeps exactly: a job number, a size in bytes.',
  serialize: readSafeInt,
  parseValue: readSafeInt,
  parseLiteral: (node) => placed(node, () => readSafeInt(node.kind === Kind.INT ? Number(node.value) : null)),
})

function readBigInt(value: unknown): bigint {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string' || !/^-?\d{1,19}$/.test(text)) throw refusal('a whole number of 64 bits is expected')
  const number = BigInt(text)
  if (BigInt.asIntN(64, number) !== number) throw refusal('a whole number of 64 bits is expected')
  return number
}

builder.scalarType('BigInt', {
  description: 'A whole number of 64 bits, written as a text of its digits: a change index.',
  serialize: String,
  parseValue: readBigInt,
  parseLiteral: (node) =>
    placed(node, () => readBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : null)),
})

/** Reads a literal; a refusal says where in the document it stands. */
function placed<T>(node: ValueNode, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw new GraphQLError(error.message, { nodes: node, extensions: error.extensions })
  }
}

/** GraphQL puts the place of a variable's value before the message. */
function refusal(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
