import { isInterfaceType, isIntrospectionType, isObjectType } from 'graphql'
import { expect, it } from 'vitest'
import { schema } from '#schema/index.ts'

const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type))

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
  const edges = withFields.filter((type) => type.name.endsWith('Edge'))
  expect(edges.map(({ name }) => name)).toEqual(connections.map(({ name }) => name.replace('Connection', 'Edge')))
  for (const edge of edges) {
    const { node, cursor, ...rest } = edge.getFields()
    expect([String(node?.type), String(cursor?.type), rest]).toEqual([edge.name.replace('Edge', '!'), 'String!', {}])
  }
  const pageInfo = withFields.find(({ name }) => name === 'PageInfo')?.getFields() ?? {}
  expect(Object.values(pageInfo).map(({ name, type }) => `${name}: ${type}`)).toEqual([
    'endCursor: String',
    'hasNextPage: Boolean!',
    'hasPreviousPage: Boolean!',
    'startCursor: String',
  ])
  for (const field of withFields.flatMap((type) => Object.values(type.getFields()))) {
    if (!String(field.type).endsWith('Connection!')) continue
    const page = field.args.map(({ name, type }) => `${name}: ${type}`)
    expect(page).toEqual(expect.arrayContaining(['first: Int', 'after: String', 'last: Int', 'before: String']))
  }
})

it('gives each node an id, and each thing with an id of that type the interface Node', () => {
  for (const type of withFields) {
    const isNode = type.name === 'Node' || type.getInterfaces().some(({ name }) => name === 'Node')
    const { id } = type.getFields()
    // Ids of the Cluster documents are names that users give, and of the type String.
    expect(id !== undefined && String(id.type) === 'ID!', type.name).toBe(isNode)
  }
})
