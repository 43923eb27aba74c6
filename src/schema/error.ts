import type { ObjectRef } from '@pothos/core'
import { type ExecutionResult, GraphQLError } from 'graphql'
import type { DomainError, ErrorCode, Fault } from '#model/error.ts'
import { domainErrorOf } from '#resolvers/fault.ts'
import { builder, type SchemaTypes } from './builder.ts'
import { idOfMissing } from './global-id.ts'

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description:
    'What kind of error it is. In `errors` the same words stand in `extensions.code`, beside those of a request that was refused before it ran, such as `GRAPHQL_VALIDATION_FAILED` and `LIMIT_EXCEEDED`.',
  values: {
    BAD_USER_INPUT: { description: 'The input is not as it must be.' },
    NOT_FOUND: { description: 'Something that was named does not exist.' },
    CONFLICT: { description: 'Something stands against it as things are.' },
    KEY_REUSED: { description: 'The idempotency key was used for another request.' },
    FORBIDDEN: { description: 'The caller may not do that.' },
    TOO_LARGE: { description: 'More was asked for than can be given at once.' },
    UNAVAILABLE: { description: 'The store cannot answer now; the same request may succeed later.' },
    STALE_LEASE: { description: 'The worker no longer holds the execution and must stop its command.' },
    COMPACTED: { description: 'The changes after that cursor are no longer kept; start from a new snapshot.' },
    FOREIGN_CURSOR: { description: 'The cursor belongs to another store; start from a new snapshot.' },
  },
})

/** A domain error as a mutation answers it. */
type Failure = {
  readonly typename: ErrorName
  readonly code: ErrorCode
  readonly message: string
  readonly path: readonly string[]
  readonly name: string | null
  readonly faults: readonly Fault[]
}

const ErrorRef = builder.interfaceRef<Failure>('Error')
ErrorRef.implement({
  description: 'Why a request was refused.',
  resolveType: ({ typename }) => typename,
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, description: 'What kind of error it is.' }),
    message: t.exposeString('message', { description: 'One plain sentence for people; it may change.' }),
    path: t.exposeStringList('path', {
      description:
        'Where in the arguments the fault lies, outermost name first, a place in a list counted from "0"; empty where it has no one place.',
    }),
  }),
})

/** The error types that a mutation can answer, and the code of each. */
const codes = {
  InvalidInputError: 'BAD_USER_INPUT',
  NotFoundError: 'NOT_FOUND',
  ConflictError: 'CONFLICT',
  StaleLeaseError: 'STALE_LEASE',
} as const satisfies Record<string, ErrorCode>
type ErrorName = keyof typeof codes

const FaultRef = builder.objectRef<Fault>('InputFault').implement({
  description: 'One of several things that are wrong with a document.',
  fields: (t) => ({
    path: t.stringList({
      description:
        'Where in the document, outermost key first, such as `["encode", "input", "width"]`; a place in a list counts from "0". Empty where the message says it.',
      resolve: ({ path }) => path.map(String),
    }),
    message: t.exposeString('message', { description: 'What is wrong there.' }),
  }),
})

const InvalidInputRef = builder.objectRef<Failure>('InvalidInputError').implement({
  description: 'The input is not as it must be.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: true,
      description:
        'The name that a REST document gives to this fault, such as `MISSING_WORKSPACE`; null where it has none.',
    }),
    faults: t.field({
      type: [FaultRef],
      description:
        'Everything that is wrong, where a whole document was checked; otherwise empty. `message` sums it up.',
      resolve: ({ faults }) => [...faults],
    }),
  }),
})
const plain = { interfaces: [ErrorRef] }
const errorRefs: Record<ErrorName, ObjectRef<SchemaTypes, Failure>> = {
  InvalidInputError: InvalidInputRef,
  NotFoundError: builder
    .objectRef<Failure>('NotFoundError')
    .implement({ ...plain, description: 'Something that was named does not exist.' }),
  ConflictError: builder
    .objectRef<Failure>('ConflictError')
    .implement({ ...plain, description: 'Something stands against it as things are.' }),
  StaleLeaseError: builder.objectRef<Failure>('StaleLeaseError').implement({
    ...plain,
    description: 'The worker no longer holds the execution: it was canceled, given away or ended.',
  }),
}

/**
 * The answer of a mutation: a union of its payload and the errors that it can meet. `run` does the work and turns a
 * domain error of those kinds into an answer; any other goes to `errors`.
 */
export function resultOf<P extends object>(
  name: string,
  payload: ObjectRef<SchemaTypes, P>,
  errors: readonly ErrorName[],
) {
  const type = builder.unionType(`${name}Result`, {
    description: `What \`${name.charAt(0).toLowerCase()}${name.slice(1)}\` answers: its payload, or the error that it met.`,
    types: [payload, ...errors.map((error) => errorRefs[error])],
    resolveType: (value) => (isFailure(value) ? value.typename : payload.name),
  })
  const run = async (work: () => Promise<P>, rename: Rename = {}): Promise<P | Failure> => {
    try {
      return await work()
    } catch (error) {
      const domain = domainErrorOf(error)
      const typename = errors.find((candidate) => codes[candidate] === domain?.code)
      if (domain === null || typename === undefined) throw error
      const path = inputPath(domain, rename)
      const message = renamed(messageOf(domain), domain, path)
      const { name = null, faults = [] } = domain.details
      return { typename, code: domain.code, message, path, name, faults }
    }
  }
  return { type, run }
}

/** The message with the name that this face has for what is missing. */
function messageOf({ message, details: { row } }: DomainError): string {
  return row === undefined ? clipped(message) : `There is no ${row.noun} with the id '${idOfMissing(row)}'.`
}

/** A message may quote what was sent, and that may be long. */
function clipped(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage).toWellFormed()}…`
}

const longestMessage = 2_000

function isFailure(value: object): value is Failure {
  return 'typename' in value
}

/**
 * Resolvers name keys as the REST documents do; this says what they are called here, by dotted path, or by a function
 * of what follows the key where several arguments make up one document.
 */
type Rename = Readonly<Record<string, string | ((rest: readonly string[]) => readonly string[])>>

function inputPath(error: DomainError, rename: Rename): string[] {
  const [first, ...rest] = (error.details.path ?? []).map(String)
  if (first === undefined) return []
  const name = rename[first] ?? camel(first)
  return typeof name === 'string' ? [...name.split('.'), ...rest] : [...name(rest)]
}

/** A message that begins with the name of the one argument at fault, as the REST documents have it, in our own name. */
function renamed(message: string, { details: { path = [] } }: DomainError, own: readonly string[]): string {
  const [name] = path
  const start = `${name} `
  return path.length === 1 && message.startsWith(start) ? `${own.at(-1)} ${message.slice(start.length)}` : message
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** An answer with its errors as a client may see them. */
export function presented(result: ExecutionResult, report: (bug: unknown) => void): ExecutionResult {
  if (result.errors === undefined) return result
  return { ...result, errors: result.errors.map((error) => presentError(error, report)) }
}

const shownErrors = new WeakSet<GraphQLError>()

/**
 * The error that a client may see in `errors`, always with a code. What is neither a caller's fault nor a known fault
 * of the database is a bug: `report` gets it with its stack, and the client nothing of it.
 */
export function presentError(error: unknown, report: (bug: unknown) => void): GraphQLError {
  if (error instanceof GraphQLError && shownErrors.has(error)) return error
  const shown = present(error, report)
  shownErrors.add(shown)
  return shown
}

function present(error: unknown, report: (bug: unknown) => void): GraphQLError {
  const where =
    error instanceof GraphQLError
      ? { nodes: error.nodes, path: error.path, source: error.source, positions: error.positions }
      : {}
  const cause = rootOf(error)
  const domain = domainErrorOf(cause)
  if (domain !== null) {
    const { path, name } = domain.details
    const extensions = {
      code: domain.code,
      ...(path && { inputPath: path.map(String) }),
      ...(name !== undefined && { name }),
    }
    return new GraphQLError(messageOf(domain), { ...where, extensions })
  }
  if (cause instanceof GraphQLError) {
    const extensions = { ...(error instanceof GraphQLError ? error.extensions : {}), ...cause.extensions }
    const message = (error instanceof GraphQLError ? error : cause).message
    return new GraphQLError(message, {
      ...where,
      extensions: { ...extensions, code: extensions.code ?? 'BAD_USER_INPUT' },
    })
  }
  report(cause)
  return new GraphQLError('Unexpected error.', {
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', unexpected: true },
  })
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError !== undefined ? rootOf(error.originalError) : error
}
