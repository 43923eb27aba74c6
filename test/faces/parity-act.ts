/** The same act over either face, and whether it was taken. */
import { isObject } from '#model/json.ts'
import { at } from '../documents/scale-jobs.ts'
import type { ParityStage } from './parity-stage.ts'

/** A request over REST, and the mutation that means the same. */
export type Act = {
  readonly what: string
  readonly rest: readonly [method: string, path: string, body?: unknown]
  readonly graph: {
    /** The mutation's field; its arguments are all variables. */
    readonly field: string
    /** Type and value of each argument. */
    readonly args?: Readonly<Record<string, readonly [type: string, value: unknown]>>
  }
}

/** What became of an act: `taken`, or the code of the refusal; a fault of shape is BAD_USER_INPUT as well. */
export type Fate = string

/** The cases of one writing operation. */
export type Writing = {
  /** Acts that must be taken; the state is compared after each. */
  readonly acts: readonly Act[]
  /** Acts that must be refused, and change nothing; only what cannot be asked wrongly has none. */
  readonly refusals: readonly Act[]
}

const codes: Readonly<Record<number, Fate>> = { 400: 'BAD_USER_INPUT', 404: 'NOT_FOUND', 409: 'CONFLICT' }

/** Does it over REST. */
export async function doOverRest({ test }: ParityStage, { rest: [method, path, body] }: Act): Promise<Fate> {
  const answer = await test.rest(method, path, body === undefined ? {} : { body })
  if (answer.status < 300) return 'taken'
  return codes[answer.status] ?? `${answer.status} ${answer.text}`
}

/** Does it over GraphQL. */
export async function doOverGraph({ test }: ParityStage, { graph: { field, args = {} } }: Act): Promise<Fate> {
  const entries = Object.entries(args)
  const head = entries.map(([key, [type]]) => `$${key}: ${type}`).join(', ')
  const call = entries.map(([key]) => `${key}: $${key}`).join(', ')
  const operation = `mutation${head && ` (${head})`} { ${field}${call && `(${call})`} { __typename ... on Error { code message } } }`
  const answer = await test.ask(operation, Object.fromEntries(entries.map(([key, [, value]]) => [key, value])))
  const [error] = answer.errors
  if (error !== undefined) return String(error.extensions?.code ?? error.message)
  const result = at(answer.data, field)
  return isObject(result) && result.code !== undefined ? String(result.code) : 'taken'
}

/** The global id of an object. */
export function globalId(typename: string, number: number): string {
  return Buffer.from(`${typename}:${number}`).toString('base64')
}

/** The arguments of a mutation: type and value of each. */
export type Arguments = NonNullable<Act['graph']['args']>

/** An act in short. */
export function act(what: string, rest: Act['rest'], field: string, args: Arguments = {}): Act {
  return { what, rest, graph: { field, args } }
}

/** An act that names nothing but a service job; the name takes the place of the star in the path. */
export function naming(what: string, method: string, path: string, field: string, name: string): Act {
  return act(what, [method, path.replace('*', name)], field, { name: ['String!', name] })
}
