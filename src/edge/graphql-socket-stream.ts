/** Answers of a subscription as frames of a socket. */
import type { GraphQLError } from 'graphql'
import type { Outlet } from './graphql-socket-outlet.ts'

/** An answer as the protocol has it: with the members that it has, of which only the errors are written specially. */
type Answer = { readonly errors?: readonly GraphQLError[] | undefined }

const tail = Buffer.from('}')

/** Payloads by their answer: an answer that equal subscriptions share is written as JSON once. */
const payloads = new WeakMap<Answer, Buffer>()

function payloadOf(result: Answer): Buffer {
  const known = payloads.get(result)
  if (known !== undefined) return known
  const { errors, ...rest } = result
  const shown = errors === undefined ? rest : { ...rest, errors: errors.map((one) => one.toJSON()) }
  const payload = Buffer.from(JSON.stringify(shown))
  payloads.set(result, payload)
  return payload
}

/**
 * Sends each answer as a `next` message of the operation `id`, and asks for another when there is room. The stream
 * itself has no values, since none is left to send: `graphql-ws` sees it begin, end, fail and be left.
 */
export function sending(
  id: string,
  results: AsyncIterator<Answer>,
  outlet: Outlet,
): AsyncGenerator<never, void, undefined> {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
  let isLeft = false
  const end = async (): Promise<IteratorReturnResult<void>> => {
    isLeft = true
    await results.return?.()
    return { done: true, value: undefined }
  }
  const stream: AsyncGenerator<never, void, undefined> = {
    next: async () => {
      for (;;) {
        const { done, value } = await results.next()
        if (done === true || isLeft) return { done: true, value: undefined }
        await outlet(Buffer.concat([head, payloadOf(value), tail]))
      }
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await end()),
  }
  return stream
}
