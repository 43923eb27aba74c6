/** Equal subscriptions share one execution of each change: what 5,000 clients are told alike is worked out once. */
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  Kind,
  type OperationDefinitionNode,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
  visit,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { toJson } from '#model/json.ts'
import { type Context, createContext, refreshed } from '#resolvers/context.ts'
import type { Holder } from '#schema/builder.ts'
import { presentError, presented } from '#schema/error.ts'
import { changeOf, isOfSnapshot } from '#schema/stream.ts'

/** An answer, and when it was begun: where the change log stood and the time. */
type Answer = { readonly asOf: object; readonly begunAt: number; readonly result: Promise<ExecutionResult> }

/** How long an answer is shared, in milliseconds, though the log stands still: some fields tell what takes no index. */
const sharedMs = 1_000

/** Answers by the change that they tell, then by the operation that asked. They go when the feed forgets the change. */
const answers = new WeakMap<object, Map<string, Answer>>()

type Report = (bug: unknown) => void

/**
 * Runs subscriptions so that equal ones share answers. Equal are those of one document (the same object, which the
 * server's cache of documents gives to the same text), operation and variables, letter for letter; there are no rights
 * that differ between clients. Only variables that do nothing but say where the stream starts may differ. An answer is
 * shared only until the change log has grown, and for a second at most: it is the one that the store would give again.
 * `report` hears of bugs, once for each execution. The errors of an event come as clients may see them; names are
 * suggested where `introspection` is on.
 */
export function sharing(report: Report, introspection: boolean): Plugin<Holder> {
  return {
    onSubscribe({ args: { contextValue }, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) =>
        subscribeShared({ ...args, hideSuggestions: !introspection }, contextValue.ctx, report),
      )
    },
  }
}

async function subscribeShared(
  args: ExecutionArgs,
  ctx: Context,
  report: Report,
): Promise<AsyncIterableIterator<ExecutionResult, void> | ExecutionResult> {
  const validated = validateSubscriptionArgs(args)
  if (!('schema' in validated)) return { errors: validated }
  const source = await createSourceEventStream(validated)
  if (!(Symbol.asyncIterator in source)) return source
  const answer = answering(validated, ctx, report)
  const events = source[Symbol.asyncIterator]()
  const results: AsyncIterableIterator<ExecutionResult, void> = {
    next: async () => {
      const event = await events.next()
      if (event.done === true) return { done: true, value: undefined }
      return { done: false, value: await answer(event.value) }
    },
    return: async () => {
      await events.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => results,
  }
  return results
}

/** Answers the events of one subscription: each sees rows as they are at that moment, those of a snapshot at one. */
function answering(args: ValidatedSubscriptionArgs, ctx: Context, report: Report) {
  const key = keyOf(args)
  let own: Holder = { ctx }
  return (event: unknown): Promise<ExecutionResult> => {
    const change = changeOf(event)
    if (change === null) {
      if (!isOfSnapshot(event)) own = { ctx: refreshed(ctx) }
      return execute(args, own, event, report)
    }
    const ofChange = answers.get(change) ?? new Map<string, Answer>()
    answers.set(change, ofChange)
    const asOf = ctx.store.feed.head
    const known = ofChange.get(key)
    const now = performance.now()
    if (known?.asOf === asOf && now - known.begunAt < sharedMs) return known.result
    // Nobody's own signal: the one who asks first may leave while others wait for the answer.
    const everyones = { ctx: createContext(ctx, new AbortController().signal) }
    const result = execute(args, everyones, event, report)
    ofChange.set(key, { asOf, begunAt: now, result })
    return result
  }
}

async function execute(
  args: ValidatedSubscriptionArgs,
  contextValue: Holder,
  rootValue: unknown,
  report: Report,
): Promise<ExecutionResult> {
  try {
    return presented(await executeSubscriptionEvent({ ...args, contextValue, rootValue }), report)
  } catch (error) {
    return { errors: [presentError(error, report)] }
  }
}

const ids = new WeakMap<DocumentNode, number>()
let lastId = 0

function idOf(document: DocumentNode): number {
  const id = ids.get(document) ?? ++lastId
  ids.set(document, id)
  return id
}

/** Equal for two operations only where each change has the same answer under both. */
function keyOf({ document, operation, rawVariableValues }: ValidatedSubscriptionArgs): string {
  const meant = meaningful(document, operation)
  const variables = Object.entries(rawVariableValues ?? {}).filter(([name]) => meant.has(name))
  return toJson([idOf(document), operation.name?.value ?? null, variables])
}

/** Arguments of a stream that say where it starts, and nothing of what a change is answered with. */
const startArguments = ['after', 'snapshot']

/** The variables that are used anywhere but as such an argument of the stream itself. */
function meaningful(document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const starts = new Set<object>(
    operation.selectionSet.selections
      .flatMap((field) => (field.kind === Kind.FIELD ? (field.arguments ?? []) : []))
      .filter(({ name, value }) => startArguments.includes(name.value) && value.kind === Kind.VARIABLE),
  )
  const used = new Set<string>()
  visit(document, {
    VariableDefinition: () => false,
    Argument: (argument) => (starts.has(argument) ? false : undefined),
    Variable: ({ name }) => {
      used.add(name.value)
    },
  })
  return used
}
