import { expect } from 'vitest'
import { at } from '../documents/scale-jobs.ts'
import type { GraphqlGateway } from '../support/graphql.ts'

type Variables = Readonly<Record<string, unknown>>

/** Asks the graph and the REST routes of one gateway for the same things. */
export type Twins = {
  /** What a REST route answers, which must be 200. */
  readonly rest: (path: string, method?: string, body?: unknown) => Promise<unknown>
  /** Runs one mutation; answers its payload or error. `head` declares the variables. */
  readonly mutate: (call: string, selection: string, variables?: Variables, head?: string) => Promise<unknown>
  /** Reads one connection with its count, cursors and page information. `head` declares the variables. */
  readonly list: (field: string, selection: string, variables?: Variables, head?: string) => Promise<unknown>
}

export function twinsOf(test: GraphqlGateway): Twins {
  return {
    rest: async (path, method = 'GET', body) => {
      const answer = await test.rest(method, path, body === undefined ? {} : { body })
      expect(answer.status, answer.text).toBe(200)
      return answer.json()
    },
    mutate: async (call, selection, variables = {}, head = '') => {
      const name = /^\w+/.exec(call)?.[0] ?? ''
      const payload = `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`
      const data = await test.data<unknown>(
        `mutation ${head} { ${call} { __typename ... on Error { code message path } ... on ${payload} { ${selection} } } }`,
        variables,
      )
      return at(data, name)
    },
    list: async (field, selection, variables = {}, head = '') => {
      const data = await test.data<unknown>(
        `query ${head} { list: ${field} { totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor node { ${selection} } } } }`,
        variables,
      )
      return at(data, 'list')
    },
  }
}

/** The nodes of a connection, in its order. */
export function nodesOf(connection: unknown): unknown[] {
  return rowsAt(connection, 'edges').map((edge) => at(edge, 'node'))
}

/** The rows of the list at a place in an answer, such as the `results` of a REST page. */
export function rowsAt(value: unknown, ...path: readonly (string | number)[]): unknown[] {
  const rows: unknown = at(value, ...path)
  if (!Array.isArray(rows)) throw new Error(`no list at ${path.join('.')}`)
  return rows
}

/** An object of the same values under other names: each key names where its value lies. */
export function renamed(row: unknown, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(names).map(([to, from]) => [to, at(row, ...from.split('.'))]))
}
