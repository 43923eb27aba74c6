/** A GraphQL mutation under an idempotency key: its work is done once, and its answer given again. */
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  Kind,
  print,
  type SelectionSetNode,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { badInput, DomainError } from '#model/error.ts'
import { isObject, parseJson, toJson } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { type Kept, keyUse, once, readKey } from '#resolvers/idempotency.ts'
import { presentError } from '#schema/error.ts'
import { fragmentsOf, operationOf } from '#schema/limit.ts'

/** What an operation came with; `request` is absent over a WebSocket. */
type Asked = { readonly ctx: Context; readonly request?: Request; readonly params?: unknown }

type Result = Pick<ExecutionResult, 'data' | 'errors'>

/** Answers with these codes are a fault of the moment, and are not kept. */
const passing = ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE']

/**
 * Does the work of a mutation's key once. The key is the header `Idempotency-Key`, or `extensions.idempotencyKey` of the
 * request; queries and subscriptions go on as if there were none. `report` hears of bugs.
 */
export function keyed(report: (bug: unknown) => void): Plugin<Asked> {
  const replays = new WeakSet<Request>()
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { document, operationName, variableValues, contextValue } = args
      const operation = operationOf(document, operationName)
      if (operation === null || operation.operation !== 'mutation' || !isKeyed(contextValue)) return
      setExecuteFn(async (given: ExecutionArgs): Promise<Result> => {
        try {
          const key = keyOf(contextValue)
          if (rootFields(document, operation.selectionSet).size > 1)
            throw badInput('Under an idempotency key a mutation has one root field.')
          const text = document.loc?.source.body ?? print(document)
          const use = keyUse('graphql', key, [text, operationName ?? '', toJson(variableValues ?? {})])
          const done = await once(contextValue.ctx, use, async (ctx) =>
            keptOf(await executeFn({ ...given, contextValue: { ...contextValue, ctx } }), report),
          )
          if ('answer' in done) return done.answer
          if (contextValue.request !== undefined) replays.add(contextValue.request)
          return resultOf(done.replayed, document)
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          return { errors: [new GraphQLError(error.message, { originalError: error })] }
        }
      })
    },
    onResponse({ request, response }) {
      if (replays.has(request)) response.headers.set('Idempotency-Replayed', 'true')
    },
  }
}

function sentKeys({ request, params }: Asked): { readonly header: string | null; readonly member: unknown } {
  const extensions = isObject(params) && isObject(params.extensions) ? params.extensions : {}
  return { header: request?.headers.get('idempotency-key') ?? null, member: extensions.idempotencyKey ?? null }
}

function isKeyed(asked: Asked): boolean {
  const { header, member } = sentKeys(asked)
  return header !== null || member !== null
}

function keyOf(asked: Asked): string {
  const { header, member } = sentKeys(asked)
  if (member !== null && typeof member !== 'string') throw badInput('extensions.idempotencyKey must be a string.')
  const keys = new Set([header, member].flatMap((text) => (text === null ? [] : [readKey(text)])))
  const [key, ...others] = keys
  if (key === undefined || others.length > 0)
    throw badInput('The header and extensions.idempotencyKey name different keys.')
  return key
}

/** The names under which the root fields answer, whether a directive leaves them out or not. */
function rootFields(document: DocumentNode, set: SelectionSetNode): Set<string> {
  const fragments = fragmentsOf(document)
  const namesOf = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return namesOf(selection.selectionSet)
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value)
        return fragment === undefined ? [] : namesOf(fragment.selectionSet)
      }
      return selection.name.value === '__typename' ? [] : [(selection.alias ?? selection.name).value]
    })
  return new Set(namesOf(set))
}

function keptOf(result: ExecutionResult, report: (bug: unknown) => void): Kept<Result> {
  if (result.errors === undefined) return { answer: result, kept: toJson({ data: result.data }) }
  // Made presentable here, since what is kept is shown again as it is.
  const errors = result.errors.map((error) => presentError(error, report))
  const isPassing = errors.some(({ extensions }) => passing.includes(String(extensions.code)))
  const shown = errors.map(({ message, path, positions, extensions }) => ({
    message,
    path: path ?? null,
    positions: positions ?? null,
    extensions,
  }))
  return { answer: { ...result, errors }, kept: isPassing ? null : toJson({ data: result.data, errors: shown }) }
}

function resultOf(text: string, document: DocumentNode): Result {
  const kept = parseJson(text)
  if (!isObject(kept) || !(kept.data === null || isObject(kept.data))) throw new Error('a kept answer is none')
  const { data, errors } = kept
  return Array.isArray(errors) ? { data, errors: errors.map((error) => errorOf(error, document)) } : { data }
}

function errorOf(kept: unknown, document: DocumentNode): GraphQLError {
  if (!isObject(kept)) throw new Error('a kept error is none')
  const { message, path, positions, extensions } = kept
  return new GraphQLError(String(message), {
    source: document.loc?.source,
    positions: Array.isArray(positions) ? positions.map(Number) : undefined,
    path: Array.isArray(path) ? path.map((step) => (typeof step === 'number' ? step : String(step))) : undefined,
    extensions: isObject(extensions) ? extensions : {},
  })
}
