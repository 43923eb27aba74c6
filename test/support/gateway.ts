import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Context, createContext, type Gateway } from '#resolvers/context.ts'
import { onceOverRest } from '#rest/keyed.ts'
import { surfaces } from '#rest/surfaces.ts'
import { ensureBuiltinErrors } from '#store/job-error.ts'
import { documentedRouter } from './documented.ts'
import { openTestStore, type TestStore } from './store.ts'

/** An answer of a REST route, read to its end. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; throws where it is none. */
  readonly json: () => unknown
}

/** What a REST request is made of beyond method and path. */
export type Ask = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }

/** A whole gateway in this process, on a store of its own, asked without a port. */
export type TestGateway = TestStore & {
  readonly gateway: Gateway
  /** Bugs that were masked; a test that expects none checks that this is empty. */
  readonly bugs: unknown[]
  readonly directory: string
  /** A context as a request would get it. */
  readonly context: () => Context
  /**
   * Asks a REST route; an object body is sent as JSON, a string as it is.
   * @throws Error where the answer is not what OpenAPI says of it
   */
  readonly rest: (method: string, path: string, ask?: Ask) => Promise<Answer>
}

/** Opens a gateway on either database; `settings` override what it shares. */
export async function openTestGateway(
  kind: 'pglite' | 'postgres',
  settings: Partial<Pick<Gateway, 'workspaceMode' | 'now' | 'log' | 'revealSecrets' | 'store'>> = {},
): Promise<TestGateway> {
  const test = await openTestStore(kind)
  await ensureBuiltinErrors(test.store.db)
  const bugs: unknown[] = []
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-gateway-'))
  const gateway: Gateway = {
    store: test.store,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: (_message, error) => bugs.push(error) },
    now: () => new Date(),
    newId: randomUUID,
    workspaceMode: 'open',
    workspacesDirectory: join(directory, 'workspaces'),
    ...settings,
  }
  const context = () => createContext(gateway, new AbortController().signal)
  const route = documentedRouter(surfaces, { keyed: onceOverRest, report: (error) => bugs.push(error) })
  const rest = async (method: string, path: string, ask: Ask = {}): Promise<Answer> => {
    const isText = typeof ask.body === 'string'
    const request = new Request(`http://gateway.test${path}`, {
      method,
      headers: { ...(ask.body === undefined || isText ? {} : { 'content-type': 'application/json' }), ...ask.headers },
      ...(ask.body === undefined ? {} : { body: isText ? String(ask.body) : JSON.stringify(ask.body) }),
    })
    const response = await route(() => context(), request)
    if (response === null) throw new Error(`no surface owns ${path}`)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
  }
  const close = async () => {
    await test.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { ...test, gateway, bugs, directory, context, rest, close }
}
