/** What a walk of the schema needs: where the objects of each type stand in lists, and a query for each of their fields. */
import {
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { isObject } from '#model/json.ts'
import { schema } from '#schema/index.ts'

const inJob = (selection: string) =>
  `jobs(first: $N, filter: { statuses: [FAILED] }) { edges { node { ... on QueuedJob { ${selection} } } } }`
const inService = (prefix: string, selection: string) =>
  `serviceJobs(first: $N, namePrefix: "${prefix}") { edges { node { ${selection} } } }`
const inList = (list: string) => `${list} { edges { node { * } } }`

/**
 * For each type that a list leads to and that leads further: root fields in which its objects stand, `$N` for the page
 * size and `*` for what is asked of each object. What one place leaves empty another fills.
 */
export const places: Readonly<Record<string, readonly string[]>> = {
  Allocation: [inService('s-', 'allocations(first: 1) { edges { node { * } } }')],
  Batch: [inList('batches(first: $N)')],
  Evaluation: [
    ...['s-', 'b-'].map((prefix) => inService(prefix, 'evaluations(first: 1) { edges { node { * } } }')),
    inService('r-', 'evaluations(first: 2) { edges { node { * } } }'),
  ],
  JobChange: [
    inJob('history(first: 2) { edges { node { * } } }'),
    inService('s-', 'history(first: 20) { edges { node { * } } }'),
  ],
  JobExecution: [inJob('latestExecution { ... on JobExecution { * } }')],
  JobInputFile: [inJob('inputFiles { * }')],
  JobType: [inList('jobTypes(first: $N)')],
  JobTypeLongest: [inList('pendingJobTypes(first: $N)'), inList('runningJobTypes(first: $N)')],
  JobTypeName: [inList('jobTypeNames(first: $N)')],
  JobTypeRevision: [inJob('revision { * }')],
  JobTypeStatus: [inList('jobTypeStatuses(first: $N)')],
  LogInstance: ['logSources { instances(first: 1) { * } }'],
  LogLine: [inJob('latestExecution { logLines(last: 1) { edges { node { * } } } }')],
  LogSource: ['logSources { * }'],
  QueuedJob: [inJob('*')],
  Recipe: [inJob('recipe { * }')],
  RecipeType: [inList('recipeTypes(first: $N)')],
  ServiceJob: [inService('s-', '*'), inService('p-', '*')],
  SystemFailure: [inList('systemFailures(first: $N)')],
  TaskGroup: [inService('s-', 'taskGroups { * }')],
  TaskState: [inService('s-', 'allocations(first: 1) { edges { node { taskStates { * } } } }')],
  WorkspaceFile: [inList('files(first: $N)')],
}

type Field = GraphQLField<unknown, unknown>

/** The object types that lists of the query root lead to, themselves leading to objects, without Relay's own. */
export function walkedTypes(): GraphQLObjectType[] {
  const found = new Set<GraphQLObjectType>()
  const add = (type: GraphQLNamedOutputType): void => {
    if (isAbstractType(type)) for (const one of schema.getPossibleTypes(type)) add(one)
    if (!isObjectType(type) || found.has(type)) return
    found.add(type)
    for (const field of Object.values(type.getFields())) add(getNamedType(field.type))
  }
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {})
  for (const field of roots) if (isMany(field)) add(getNamedType(field.type))
  return [...found]
    .filter(({ name }) => !/(Connection|Edge|PageInfo)$/.test(name) && objectFields(name).length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Whether a field gives a list or a connection. */
function isMany({ type }: Field): boolean {
  return isListType(getNullableType(type)) || getNamedType(type).name.endsWith('Connection')
}

/** The fields of a type that give objects, or lists or connections of them. */
export function objectFields(typeName: string): Field[] {
  return fieldsOf(typeName).filter(({ type }) => !isLeafType(getNamedType(type)))
}

function fieldsOf(typeName: string): Field[] {
  const type = schema.getType(typeName)
  return isObjectType(type) || isAbstractType(type) ? Object.values('getFields' in type ? type.getFields() : {}) : []
}

/** The query of a place with `selection` asked of each of its objects, which `parent` marks in the answer. */
export function queryAt(place: string, size: number, selection: string): string {
  return `{ ${place.replace('*', `parent: __typename ${selection}`).replace('$N', String(size))} }`
}

/** What is asked of a field: all that needs no argument and is no object, two of a page. */
export function selectionOf(field: Field): string {
  const paged = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : ''
  return `child: ${field.name}${paged} { ${contentOf(getNamedType(field.type))} }`
}

/** The leaves of a type, of each type that it may be, and of the nodes of a connection. */
export function contentOf(type: GraphQLNamedOutputType): string {
  const leaves = leavesOf(type.name)
  if (type.name.endsWith('Connection')) {
    const edge = fieldsOf(type.name).find(({ name }) => name === 'edges')
    const node = edge && fieldsOf(getNamedType(edge.type).name).find(({ name }) => name === 'node')
    if (node === undefined) throw new Error(`${type.name} has no nodes`)
    return `${leaves} pageInfo { hasNextPage } edges { cursor node { ${contentOf(getNamedType(node.type))} } }`
  }
  if (!isAbstractType(type)) return leaves
  const parts = schema.getPossibleTypes(type).map(({ name }) => `... on ${name} { ${leavesOf(name)} }`)
  return ['__typename', ...parts].join(' ')
}

function leavesOf(typeName: string): string {
  const leaves = fieldsOf(typeName).filter(
    ({ type, args }) => isLeafType(getNamedType(type)) && !args.some(isRequiredArgument),
  )
  return ['__typename', ...leaves.map(({ name }) => name)].join(' ')
}

/** All objects within an answer. */
export function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : []
}

/** Whether a field of an answer tells of anything: an object, a list with members, or a page with edges. */
export function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isObject(value) && Array.isArray(value.edges)) return value.edges.length > 0
  return isObject(value)
}
