import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  visit,
} from 'graphql'
import { unstorable } from '#model/json.ts'

/** What one document may hold; it is refused with 400 before anything runs. */
export const limits = {
  tokens: 1_000,
  depth: 15,
  rootFields: 20,
  /** All fields of an operation, with every fragment written out where it is spread. */
  fields: 5_000,
  aliases: 30,
  directives: 50,
  /** Objects, as `cost.ts` counts them. */
  cost: 50_000,
} as const

/** The error of a document beyond a limit. */
export function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', http: { status: 400 } } })
}

/**
 * A validation rule: depth and fields are counted through fragments, each fragment measured once however often
 * it is spread, and aliases and directives as they are written. Names exempt nothing.
 */
export function limitRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document: DocumentNode) {
      for (const message of breaches(document)) context.reportError(limitError(message))
    },
    // What a variable may not hold, a literal may not either.
    StringValue(node) {
      const reason = unstorable(node.value)
      if (reason !== null)
        context.reportError(
          new GraphQLError(`The text ${reason}.`, {
            nodes: node,
            extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
          }),
        )
    },
  }
}

function* breaches(document: DocumentNode): Generator<string> {
  let aliases = 0
  let directives = 0
  visit(document, {
    Field: ({ alias }) => {
      if (alias !== undefined) aliases += 1
    },
    Directive: () => {
      directives += 1
    },
  })
  if (aliases > limits.aliases) yield `The document has ${aliases} aliases; at most ${limits.aliases} are taken.`
  if (directives > limits.directives)
    yield `The document has ${directives} directives; at most ${limits.directives} are taken.`
  const measure = measureOf(document)
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue
    const { depth, fields, all } = measure(operation.selectionSet)
    if (depth > limits.depth) yield `The operation is ${depth} levels deep; at most ${limits.depth} are taken.`
    if (fields > limits.rootFields)
      yield `The operation has ${fields} root fields; at most ${limits.rootFields} are taken.`
    if (all > limits.fields) yield `The operation has ${all} fields; at most ${limits.fields} are taken.`
  }
}

/** Levels, fields at the top, and fields at all levels. */
type Measure = { readonly depth: number; readonly fields: number; readonly all: number }
const nothing: Measure = { depth: 0, fields: 0, all: 0 }

/** Measures selection sets; a fragment within itself counts nothing, and another rule refuses it. */
function measureOf(document: DocumentNode): (set: SelectionSetNode) => Measure {
  const fragments = fragmentsOf(document)
  const known = new Map<string, Measure>()
  const measureFragment = (name: string): Measure => {
    const measured = known.get(name)
    const fragment = fragments.get(name)
    if (measured !== undefined || fragment === undefined) return measured ?? nothing
    known.set(name, nothing)
    const found = measure(fragment.selectionSet)
    known.set(name, found)
    return found
  }
  const measure = (set: SelectionSetNode): Measure => {
    const parts = set.selections.map((selection): Measure => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value)
      if (selection.kind === Kind.INLINE_FRAGMENT) return measure(selection.selectionSet)
      const below = selection.selectionSet === undefined ? nothing : measure(selection.selectionSet)
      return { depth: below.depth + 1, fields: 1, all: below.all + 1 }
    })
    return {
      depth: Math.max(0, ...parts.map(({ depth }) => depth)),
      fields: parts.reduce((sum, { fields }) => sum + fields, 0),
      all: parts.reduce((sum, { all }) => sum + all, 0),
    }
  }
  return measure
}

/** The fragments of a document by name. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/** The operation that a request means, or null where it names none of the document's or leaves it open. */
export function operationOf(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode | null {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (name === null || name === undefined) return operations.length === 1 ? (operations[0] ?? null) : null
  return operations.find((operation) => operation.name?.value === name) ?? null
}
