import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createUsage } from '../../src/edge/usage.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'

describe.each([true, false])('a gateway that tells its schema: %s', (introspection) => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite', { introspection })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  /** Asks the whole app, without a port. */
  async function get(path: string, tags?: string, method = 'GET'): Promise<Response> {
    const app = createApp(test.gateway, {
      graphql: test.edge,
      usage: createUsage(test.gateway.now),
      isOpen: () => true,
    })
    const signal = new AbortController().signal
    const headers = new Headers(tags === undefined ? {} : { 'if-none-match': tags })
    return app(new Request(`http://gateway.test${path}`, { method, headers }), {
      target: path,
      signal,
      remoteAddress: null,
    })
  }

  it.each([
    '{ __schema { queryType { name } } }',
    '{ a: __type(name: "Query") { name } }',
    '{ ...f } fragment f on Query { ... @include(if: true) { __type(name: "Query") { name } } }',
  ])('answers %s as it was told', async (query) => {
    const { status, errors } = await test.ask(query)
    expect([status, errors[0]?.extensions?.code]).toEqual(
      introspection ? [200, undefined] : [400, 'INTROSPECTION_DISABLED'],
    )
  })

  it('answers __typename in any case', async () => {
    expect(await test.data('{ __typename changeIndex { __typename } }')).toEqual({
      __typename: 'Query',
      changeIndex: { __typename: 'ChangeIndex' },
    })
  })

  it('serves the SDL with the switch, and names it so', async () => {
    expect((await get('/schema.graphql')).status).toBe(introspection ? 200 : 404)
    const directory = await (await get('/')).json()
    expect(Object.hasOwn(directory, 'schema')).toBe(introspection)
  })

  it('spares whoever holds a document its second download', async () => {
    for (const path of introspection ? ['/schema.graphql', '/openapi.json'] : ['/openapi.json']) {
      const tag = (await get(path)).headers.get('etag') ?? ''
      expect(tag).toMatch(/^"[\w-]{22}"$/)
      for (const tags of [tag, `W/${tag}`, '*', `"a,b", ${tag}`, `"x",W/${tag} , "y"`, ` ${tag}`]) {
        const answer = await get(path, tags)
        expect([tags, answer.status, answer.headers.get('etag')]).toEqual([tags, 304, tag])
        expect((await get(path, tags, 'HEAD')).status).toBe(304)
      }
      for (const tags of ['"x"', tag.slice(1, -1), tag.toUpperCase(), '"*"', '', '"x", *'])
        expect([tags, (await get(path, tags)).status]).toEqual([tags, 200])
    }
  })
})
