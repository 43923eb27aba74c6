import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { largestPage, usualPage } from './connection.ts'
import { fragmentsOf, limitError, limits, operationOf } from './limit.ts'

type Variables = Readonly<Record<string, unknown>>

/** How many objects a list that has no page size is taken to hold. */
const usualList = 10

/**
 * How many objects an operation may make, at most, by the sizes of the pages that it asks for: each object counts 1,
 * and what hangs below a page counts once for each of its rows. Fields that two fragments share count twice.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): number {
  const operation = operationOf(document, operationName)
  const root = operation === null ? undefined : schema.getRootType(operation.operation)
  if (operation === null || root === undefined || root === null) return 0
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }): [string, unknown][] =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
  )
  const given = { ...Object.fromEntries(defaults), ...variables }
  const fragments = fragmentsOf(document)
  const known = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const counted = known.get(name)
    const fragment = fragments.get(name)
    if (counted !== undefined || fragment === undefined) return counted ?? 0
    known.set(name, 0)
    const type = schema.getType(fragment.typeCondition.name.value)
    const cost = isCompositeType(type) ? ofSet(type, fragment.selectionSet) : 0
    known.set(name, cost)
    return cost
  }
  const ofSet = (type: GraphQLCompositeType, set: SelectionSetNode): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(selection.name.value)
      if (selection.kind === Kind.FIELD) return sum + ofField(type, selection)
      const narrowed = schema.getType(selection.typeCondition?.name.value ?? type.name)
      return sum + (isCompositeType(narrowed) ? ofSet(narrowed, selection.selectionSet) : 0)
    }, 0)
  const ofField = (parent: GraphQLCompositeType, field: FieldNode): number => {
    const definition = schema.getField(parent, field.name.value)
    if (definition === undefined || field.selectionSet === undefined) return 0
    const type = getNamedType(definition.type)
    if (!isCompositeType(type) || isIntrospectionType(type)) return 1
    const isPaged = definition.args.some(({ name }) => name === 'first')
    const rows = isPaged ? pageSize(field, given) : listSize(definition.type, field, given)
    return isPaged ? 1 + rows * ofSet(type, field.selectionSet) : rows * (1 + ofSet(type, field.selectionSet))
  }
  return ofSet(root, operation.selectionSet)
}

/** The error of an operation of that cost where it is too much, otherwise null. */
export function costError(cost: number): GraphQLError | null {
  if (cost <= limits.cost) return null
  return limitError(`The operation may make ${cost} objects; at most ${limits.cost} are taken. Ask for smaller pages.`)
}

function pageSize(field: FieldNode, variables: Variables): number {
  const sizes = ['first', 'last'].map((name) => argument(field, name, variables))
  const given = sizes.find((size) => typeof size === 'number')
  // An empty page still costs the reading of it.
  return Math.min(largestPage, Math.max(1, given ?? usualPage))
}

function listSize(type: GraphQLOutputType, field: FieldNode, variables: Variables): number {
  // The rows of a connection were counted at the connection itself.
  if (!isListType(getNullableType(type)) || field.name.value === 'edges') return 1
  const ids = argument(field, 'ids', variables)
  return Array.isArray(ids) ? ids.length : usualList
}

function argument(field: FieldNode, name: string, variables: Variables): unknown {
  const value = field.arguments?.find((one) => one.name.value === name)?.value
  return value === undefined ? undefined : literalOf(value, variables)
}

function literalOf(value: ValueNode, variables: Variables): unknown {
  if (value.kind === Kind.VARIABLE) return variables[value.name.value]
  if (value.kind === Kind.INT) return Number(value.value)
  return value.kind === Kind.LIST ? value.values : undefined
}
