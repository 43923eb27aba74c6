/** What every GraphQL operation passes through, whichever way it came. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { DomainError } from '#model/error.ts'
import { isObject } from '#model/json.ts'
import { costError, costOf } from '#schema/cost.ts'
import { presentError } from '#schema/error.ts'
import { noIntrospectionRule } from '#schema/introspection.ts'
import { limitError, limitRule, limits } from '#schema/limit.ts'

/** More errors than this help nobody but the one who wants a long answer. */
const mostErrors = 10

/** Holds a document against a schema; gives at most ten errors. */
export type Validate = (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[]

/**
 * Validation by the rules of GraphQL and our limits; without `introspection` it refuses `__schema` and `__type`, and
 * suggests no names that a client may have meant.
 */
export function validateWithin(introspection: boolean): Validate {
  const rules = [...specifiedRules, limitRule, ...(introspection ? [] : [noIntrospectionRule])]
  return (schema, document) =>
    validate(schema, document, rules, { maxErrors: mostErrors, hideSuggestions: !introspection }).slice(0, mostErrors)
}

/**
 * Parses, validates and costs documents within the limits; without `introspection` a bad variable gets no hints about
 * names either. Each answer of a query or mutation carries its cost and the limit in `extensions.cost`; events of
 * subscriptions carry none.
 */
export function bounded(introspection: boolean): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn(parseWithin)
    },
    onValidate({ setValidationFn }) {
      setValidationFn(validateWithin(introspection))
    },
    onExecute({ args, setResultAndStopExecution }) {
      const requested = costOf(args.schema, args.document, args.operationName, args.variableValues ?? {})
      const cost = { requested, limit: limits.cost }
      const error = costError(requested)
      if (error !== null) return setResultAndStopExecution({ errors: [error], extensions: { cost } })
      // The executor takes this, though the type of its arguments does not name it.
      Object.assign(args, { hideSuggestions: !introspection })
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (!isAsyncIterable(result)) setResult({ ...result, extensions: { ...result.extensions, cost } })
        },
      }
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = costError(costOf(args.schema, args.document, args.operationName, args.variableValues ?? {}))
      if (error !== null) setResultAndStopExecution({ errors: [error] })
    },
  }
}

/** Parses a document within the limit of tokens. @throws GraphQLError with code GRAPHQL_PARSE_FAILED or LIMIT_EXCEEDED */
export function parseWithin(source: Parameters<typeof parse>[0]): DocumentNode {
  try {
    return parse(source, { maxTokens: limits.tokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    if (/ more than \d+ tokens/.test(error.message))
      throw limitError(`The document has more than ${limits.tokens} tokens.`)
    const extensions = { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400, spec: true } }
    throw new GraphQLError(error.message, { source: error.source, positions: error.positions, extensions })
  }
}

/** Gives up a query or mutation that takes too long. */
export function timed(timeoutMs: number): Plugin {
  return {
    onExecute({ args }) {
      const late = new AbortController()
      // Made only when it is needed: the stack of an error costs more than the rest of this.
      const giveUp = () =>
        late.abort(new DomainError('UNAVAILABLE', `The operation took longer than ${timeoutMs / 1000} s.`))
      const timer = setTimeout(giveUp, timeoutMs)
      timer.unref()
      // The executor takes a signal that this type of its arguments does not name.
      Object.assign(args, { signal: late.signal })
      return { onExecuteDone: () => clearTimeout(timer) }
    },
  }
}

const statuses: Readonly<Record<string, number>> = {
  INTERNAL_SERVER_ERROR: 500,
  UNAVAILABLE: 503,
  NOT_FOUND: 404,
  CONFLICT: 409,
  KEY_REUSED: 422,
  COMPACTED: 410,
}

/** Makes every error of an HTTP answer one that a client may see, and gives an answer without data its status. */
export function presentable(report: (bug: unknown) => void): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      if (!isObject(result) || !('errors' in result) || !Array.isArray(result.errors)) return
      const namesJson = (request.headers.get('accept') ?? '').includes('application/json')
      const hasData = 'data' in result
      const errors = result.errors
        .slice(0, mostErrors)
        .map((error) => withStatus(presentError(error, report), hasData, namesJson))
      setResult({ ...result, errors })
    },
  }
}

/**
 * A client that names `application/json` alone gets 200 for a fault of its document, as GraphQL over HTTP has it for
 * old clients; every other gets 4xx.
 */
function withStatus(error: GraphQLError, hasData: boolean, namesJson: boolean): GraphQLError {
  const { http: given, ...extensions } = error.extensions
  const status = isObject(given) ? given.status : undefined
  const code = status === 403 ? 'FORBIDDEN' : String(extensions.code)
  const { spec, ...rest } = httpOf(given, code, hasData)
  const shown = { ...rest, ...(spec === true && namesJson ? { spec } : {}) }
  const { nodes, source, positions, path } = error
  return new GraphQLError(error.message, {
    nodes,
    source,
    positions,
    path,
    extensions: { ...extensions, code, http: shown },
  })
}

function httpOf(given: unknown, code: string, hasData: boolean): { readonly [key: string]: unknown } {
  if (isObject(given)) return given
  return hasData ? {} : { status: statuses[code] ?? 400, spec: true }
}
