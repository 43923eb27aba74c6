import { type ExecutionResult, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Outcome, Usage } from './usage.ts'

/** Counts every operation by kind and outcome, and subscriptions as long as they are open. Stands before what may stop one. */
export function counted(usage: Usage): Plugin {
  const refused = () => usage.operated('none', 'refused')
  return {
    onParse: () => (parsed) => {
      if (parsed.result instanceof Error) refused()
    },
    onValidate: () => (validated) => {
      if (!validated.valid) refused()
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const kind = getOperationAST(args.document, args.operationName)?.operation ?? 'none'
      setExecuteFn(async (given) => {
        try {
          return await executeFn(given)
        } catch (error) {
          usage.operated(kind, 'error')
          throw error
        }
      })
      return {
        onExecuteDone: ({ result }) => usage.operated(kind, isAsyncIterable(result) ? 'ok' : outcomeOf(result)),
      }
    },
    onSubscribe: () => ({
      onSubscribeResult: ({ result, setResult }) => {
        if (!isAsyncIterable(result)) return usage.operated('subscription', outcomeOf(result))
        usage.operated('subscription', 'ok')
        setResult(watched(result, usage.subscribed))
      },
    }),
  }
}

function outcomeOf({ errors }: { readonly errors?: unknown }): Outcome {
  return errors === undefined ? 'ok' : 'error'
}

/**
 * The same stream, open from when its first result is asked for until it ends, fails or is left: one that nobody ever
 * reads, since its request is answered in another way, is not open.
 */
function watched(
  source: AsyncIterable<ExecutionResult>,
  open: () => () => void,
): AsyncIterableIterator<ExecutionResult> {
  const results = source[Symbol.asyncIterator]()
  let close: (() => void) | null = null
  const ended = () => close?.()
  const stream: AsyncIterableIterator<ExecutionResult> = {
    next: async () => {
      close ??= open()
      try {
        const result = await results.next()
        if (result.done === true) ended()
        return result
      } catch (error) {
        ended()
        throw error
      }
    },
    return: async () => {
      ended()
      await results.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
