/** The rules of graphql-eslint's recommended and Relay sets, which does not yet run with graphql 17. */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'

/** Something with a name in a schema: a type, a field, an argument or an enum value. */
export type Part = {
  readonly kind: 'type' | 'input' | 'field' | 'inputField' | 'argument' | 'value'
  /** `Type`, `Type.field`, `Type.field(argument)` or `Enum.VALUE`. */
  readonly path: string
  readonly name: string
  readonly description: string | null | undefined
  /** The type that it has, as it is written; empty for types and values. */
  readonly type: string
  /** The name of the type that it belongs to; its own for a type. */
  readonly owner: string
}

/** All parts that a schema defines itself. */
export function partsOf(schema: GraphQLSchema): Part[] {
  return ownTypes(schema).flatMap((type): Part[] => {
    const { name, description } = type
    const isInput = isInputObjectType(type)
    const own: Part = { kind: isInput ? 'input' : 'type', path: name, name, description, type: '', owner: name }
    return [own, ...membersOf(type)]
  })
}

function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
}

function membersOf(type: GraphQLNamedType): Part[] {
  const part = (kind: Part['kind'], path: string, of: Pick<Part, 'name' | 'description'>, its: unknown = ''): Part => ({
    kind,
    path,
    name: of.name,
    description: of.description,
    type: String(its),
    owner: type.name,
  })
  if (isEnumType(type)) return type.getValues().map((value) => part('value', `${type.name}.${value.name}`, value))
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) =>
      part('inputField', `${type.name}.${field.name}`, field, field.type),
    )
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap((field) => {
    const path = `${type.name}.${field.name}`
    const given = field.args.map((one) => part('argument', `${path}(${one.name})`, one, one.type))
    return [part('field', path, field, field.type), ...given]
  })
}

const casing: Readonly<Record<Part['kind'], RegExp>> = {
  type: /^([A-Z][a-z0-9]+)+$/,
  input: /^([A-Z][a-z0-9]+)+$/,
  field: /^[a-z][a-z0-9]*([A-Z][a-z0-9]+)*$/,
  inputField: /^[a-z][a-z0-9]*([A-Z][a-z0-9]+)*$/,
  argument: /^[a-z][a-z0-9]*([A-Z][a-z0-9]+)*$/,
  value: /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/,
}

const roots: readonly string[] = ['Query', 'Mutation', 'Subscription']

/** Each rule says whether a part breaks it. */
export const rules = {
  'describes every part in sentences that end with a full stop': ({ description }) =>
    !/^\S[\s\S]{6,}\.$/.test(description ?? ''),
  'writes types in PascalCase, fields and arguments in camelCase, values in UPPER_CASE': ({ kind, name }) =>
    !casing[kind].test(name),
  'asks in the name of each boolean': ({ kind, name, type }) =>
    kind === 'field' && /^\[*Boolean\b/.test(type) && !/^(is|has|can|should)[A-Z]/.test(name),
  'begins no field of the roots with a verb that says nothing': ({ kind, owner, name }) =>
    kind === 'field' && roots.includes(owner) && /^(get|list|find|fetch|query|mutate)[A-Z]/.test(name),
  'ends no type with its own kind': ({ kind, name }) =>
    kind === 'type' && /(Enum|Interface|Union|Type|Object)$/.test(name),
  'begins no field with the name of its type': ({ kind, owner, name }) =>
    (kind === 'field' || kind === 'inputField') && name.toLowerCase().startsWith(owner.toLowerCase()),
  'ends every input, and nothing else, with what inputs are called': ({ kind, name }) =>
    (kind === 'input' && !/(Input|Filter|Order|Range|Outcome)$/.test(name)) ||
    (kind === 'type' && /(Input|Filter)$/.test(name)),
  'gives nodes an id that is an ID and never null': ({ kind, name, type, owner }) =>
    kind === 'field' && owner === 'Node' && (name !== 'id' || type !== 'ID!'),
} satisfies Readonly<Record<string, (part: Part) => boolean>>

/** The names of types that no root leads to. */
export function unreachable(schema: GraphQLSchema): string[] {
  const seen = new Set<GraphQLNamedType>()
  const visit = (type: GraphQLNamedType): void => {
    if (seen.has(type)) return
    seen.add(type)
    for (const next of nextOf(schema, type)) visit(next)
  }
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    if (type) visit(type)
  return ownTypes(schema)
    .filter((type) => !seen.has(type))
    .map(({ name }) => name)
}

function nextOf(schema: GraphQLSchema, type: GraphQLNamedType): GraphQLNamedType[] {
  if (isUnionType(type)) return [...type.getTypes()]
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => getNamedType(field.type))
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  const fields = Object.values(type.getFields())
  return [
    ...(isInterfaceType(type) ? schema.getPossibleTypes(type) : []),
    ...type.getInterfaces(),
    ...fields.map((field) => getNamedType(field.type)),
    ...fields.flatMap(({ args }) => args.map((arg) => getNamedType(arg.type))),
  ]
}
