import { describe, expect, it, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { surfaces } from '#rest/surfaces.ts'
import { asObject, described, documented } from '../support/documented.ts'

const components = asObject(documented.components)

function resolved(value: Json | undefined): JsonObject {
  const object = asObject(value)
  if (typeof object.$ref !== 'string') return object
  const [kind = '', name = ''] = object.$ref.replace('#/components/', '').split('/')
  return asObject(asObject(components[kind])[name])
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

const sentence = /^(?:[A-Z`]).*\.$/s

describe.each([...described])('%s', (id, { operation }) => {
  it('has a name, a surface, a summary and a description', () => {
    expect(operation.operationId).toBe(id)
    const owners = surfaces.filter(({ routes }) => routes.some((route) => route.id === id)).map(({ name }) => name)
    expect(operation.tags).toEqual(owners)
    expect(operation.summary).toMatch(sentence)
    expect(operation.description).toMatch(sentence)
    expect(operation.description).not.toBe(operation.summary)
  })

  it('describes each parameter and says what it may be', () => {
    for (const parameter of listOf(operation.parameters).map(resolved)) {
      const { name, in: place, required, description, schema } = parameter
      expect(description, String(name)).toMatch(sentence)
      if (place === 'path') expect(required).toBe(true)
      expect(boundOf(asObject(schema)), `${name}`).toBe(true)
    }
  })

  it('says of each refusal what its body is', () => {
    const responses = Object.entries(asObject(operation.responses)).map(
      ([status, one]) => [status, resolved(one)] as const,
    )
    const refusals = responses.filter(([status]) => !status.startsWith('2'))
    expect(refusals.map(([status]) => status)).toEqual(expect.arrayContaining(['4XX', '5XX']))
    for (const [status, { description }] of responses)
      expect([status, description]).toEqual([status, expect.stringMatching(sentence)])
    for (const [status, { content }] of refusals) {
      const media = Object.values(asObject(content)).map((one) => asObject(asObject(one).schema))
      expect(media.length, status).toBeGreaterThan(0)
      for (const schema of media) expect(schema.$ref ?? schema.type, status).toBeTypeOf('string')
    }
  })
})

/** Whether a schema bounds what it takes: numbers and lists by size, texts where there is a bound to tell. */
function boundOf({ type, format, minimum, maxItems }: JsonObject): boolean {
  if (type === 'integer') return format === 'int32' || minimum !== undefined
  if (type === 'array') return typeof maxItems === 'number'
  return type === 'string' || type === 'boolean'
}

/** Objects of the components whose members are not all there, or not the only ones, and why. */
const open: Readonly<Record<string, string>> = {
  ClusterSettingsInput: 'what is sent may leave out everything',
  ClusterSettings: 'members that the schema does not know are kept as they were sent',
  ClusterSettingsError: 'only settings that are not valid have details',
}

test('every object that is answered is described as it always is: its members, all of them, and no others', () => {
  for (const [name, schema] of Object.entries(asObject(components.schemas))) {
    const loose = looseIn(schema)
    expect([name, loose.length > 0], JSON.stringify(loose)).toEqual([name, name in open])
  }
})

test.each([...described])('what %s answers by itself is described as exactly', (_, { operation }) => {
  expect(looseIn(operation.responses)).toEqual([])
})

/** The schemas within one that list members and do not require them all, or take others. */
function looseIn(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value.flatMap(looseIn)
  if (!isObject(value)) return []
  const { properties, required, additionalProperties } = value
  const names = isObject(properties) ? Object.keys(properties).toSorted() : null
  const isExact =
    names === null ||
    (additionalProperties === false && JSON.stringify(listOf(required).toSorted()) === JSON.stringify(names))
  return [...(isExact ? [] : [value]), ...Object.values(value).flatMap(looseIn)]
}

test('no operation asks who is there, since there is no sign-in', () => {
  expect(documented.security).toEqual([])
  expect(components.securitySchemes).toBeUndefined()
})
