/** Operations that come over a WebSocket, passed through the same hooks as those that come over HTTP. */
import { type DocumentNode, type ExecutionArgs, GraphQLError } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import type { YogaServerInstance } from 'graphql-yoga'
import type { WebSocket } from 'ws'
import { unstorable } from '#model/json.ts'
import { presentError, presented } from '#schema/error.ts'
import { type Operations, operationsPerSocket, tooMany } from './graphql-socket.ts'
import type { Outlet } from './graphql-socket-outlet.ts'
import { sending } from './graphql-socket-stream.ts'
import type { FindText } from './persisted-document.ts'

type Enveloped = ReturnType<YogaServerInstance<object, object>['getEnveloped']>
type Run = Pick<Enveloped, 'execute' | 'subscribe'>

/** `findText` says which text an operation means; `signal` ends every stream when the gateway stops; `report` hears of bugs. */
export function socketOperations(
  getEnveloped: (context: object) => Enveloped,
  findText: FindText,
  signal: AbortSignal,
  report: (bug: unknown) => void,
): Operations {
  const runs = new WeakMap<object, Run>()
  const present = (error: unknown) => presentError(error, report)
  const run = async (args: ExecutionArgs, way: keyof Run) => {
    const enveloped = runs.get(args)
    if (enveloped === undefined) throw new Error('an operation runs that was never prepared')
    // The arguments live as long as a subscription does.
    runs.delete(args)
    try {
      const result = await enveloped[way](args)
      return Symbol.asyncIterator in result ? result : presented(result, report)
    } catch (error) {
      return { errors: [present(error)] }
    }
  }
  return {
    onSubscribe: async ({ subscriptions, extra }, _id, payload) => {
      // The one that asks is among them already.
      if (Object.keys(subscriptions).length > operationsPerSocket) {
        closeSocket(extra)
        return [present(new GraphQLError('Too many operations.', { extensions: { code: 'LIMIT_EXCEEDED' } }))]
      }
      const reason = unstorable(payload)
      if (reason !== null) return [present(new GraphQLError(`The operation ${reason}.`))]
      const prepared = await prepare(getEnveloped({ signal, params: payload }), payload, findText)
      if ('errors' in prepared) return prepared.errors.map(present)
      runs.set(prepared.args, prepared.enveloped)
      return prepared.args
    },
    execute: (args) => run(args, 'execute'),
    subscribe: (args) => run(args, 'subscribe'),
    onOperation: ({ extra }, id, _payload, _args, result) =>
      isOpened(extra) && Symbol.asyncIterator in result
        ? sending(id, result[Symbol.asyncIterator](), extra.outlet)
        : undefined,
  }
}

/** What the socket's end hands to the protocol for each socket. */
function isOpened(extra: unknown): extra is { readonly socket: WebSocket; readonly outlet: Outlet } {
  return typeof extra === 'object' && extra !== null && 'socket' in extra && 'outlet' in extra
}

function closeSocket(extra: unknown): void {
  if (isOpened(extra)) extra.socket.close(tooMany, 'Too many operations')
}

async function prepare(
  enveloped: Enveloped,
  payload: SubscribePayload,
  findText: FindText,
): Promise<{ readonly errors: readonly unknown[] } | { readonly args: ExecutionArgs; readonly enveloped: Run }> {
  const { variables, operationName } = payload
  let document: DocumentNode
  try {
    document = enveloped.parse(findText({ ...payload }) ?? '')
  } catch (error) {
    return { errors: [error] }
  }
  const errors: readonly unknown[] = enveloped.validate(enveloped.schema, document)
  if (errors.length > 0) return { errors }
  const args: ExecutionArgs = {
    schema: enveloped.schema,
    document,
    contextValue: await enveloped.contextFactory(),
    variableValues: variables ?? {},
    ...(operationName === null || operationName === undefined ? {} : { operationName }),
  }
  return { args, enveloped }
}
