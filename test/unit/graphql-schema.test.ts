import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
} from 'graphql'
import { expect, it } from 'vitest'
import { schema } from '#schema/index.ts'

const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
const builtIn = ['String', 'Int', 'Float', 'Boolean', 'ID']
const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type))

it('describes every type, field, argument, input and enum value in a sentence', () => {
  const missing: string[] = []
  const check = (name: string, description: string | null | undefined) => {
    if (!description || description.length < 8) missing.push(name)
  }
  for (const type of types) {
    if (!isScalarType(type) || !builtIn.includes(type.name)) check(type.name, type.description)
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description)
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field.description)
  }
  for (const type of withFields) {
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field.description)
      for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument.description)
    }
  }
  expect(missing).toEqual([])
})

it('gives every mutation a union of its payload and errors that are of the interface Error', () => {
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {})
  expect(fields.length).toBeGreaterThanOrEqual(11)
  for (const field of fields) {
    const name = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`
    expect(String(field.type)).toBe(`${name}Result!`)
    const union = schema.getType(`${name}Result`)
    const members = union && 'getTypes' in union ? union.getTypes() : []
    const [payloads, errors] = [members.filter((type) => type.name === `${name}Payload`), members.slice()]
    expect(payloads).toHaveLength(1)
    for (const error of errors.filter((type) => type.name !== `${name}Payload`))
      expect(error.getInterfaces().map(String)).toContain('Error')
  }
})

it('lays every connection out as Relay has it', () => {
  const connections = withFields.filter((type) => type.name.endsWith('Connection'))
  expect(connections.length).toBeGreaterThanOrEqual(6)
  for (const connection of connections) {
    const noun = connection.name.replace('Connection', '')
    const fields = connection.getFields()
    expect(String(fields.edges?.type)).toBe(`[${noun}Edge!]!`)
    expect(String(fields.pageInfo?.type)).toBe('PageInfo!')
    expect(String(fields.totalCount?.type)).toBe('SafeInt!')
  }
  for (const type of withFields)
    for (const field of Object.values(type.getFields()))
      if (String(field.type).endsWith('Connection!'))
        expect(field.args.map(({ name }) => name)).toEqual(expect.arrayContaining(['first', 'after', 'last', 'before']))
})
