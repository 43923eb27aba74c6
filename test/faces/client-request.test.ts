import { ClientError, GraphQLClient, gql, request } from 'graphql-request'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'

describe('graphql-request', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('queries, with a parsed document and with a text', async () => {
    const expected = { changeIndex: { value: expect.stringMatching(/^\d+$/) } }
    expect(await request(test.url, '{ changeIndex { value } }')).toEqual(expected)
    expect(await new GraphQLClient(test.url).request(gql`query Index { changeIndex { value } }`)).toEqual(expected)
  })

  it('mutates with variables, and gets the errors that a caller can meet as data', async () => {
    const mutation = `mutation ($name: String!, $values: [SecretValueInput!]!) {
      setSecret(name: $name, values: $values) {
        ... on SetSecretPayload { secret { keys } }
        ... on Error { code message }
      }
    }`
    const client = new GraphQLClient(test.url)
    const values = [{ key: 'k', value: 'v' }]
    expect(await client.request(mutation, { name: 'mail', values })).toEqual({ setSecret: { secret: { keys: ['k'] } } })
    expect(await client.request(mutation, { name: 'mail', values: [] })).toMatchObject({
      setSecret: { code: 'BAD_USER_INPUT' },
    })
  })

  it.each([
    ['an unknown field', '{ jobz }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of the wrong type',
      'query ($n: Int) { jobs(first: $n) { totalCount } }',
      { n: 'x' },
      'BAD_USER_INPUT',
    ],
    ['an id that is none', 'query ($id: ID!) { job(id: $id) { id } }', { id: 'x' }, 'BAD_USER_INPUT'],
  ])('throws what is wrong with %s', async (_what, query, variables, code) => {
    const thrown = await request(test.url, query, variables).catch((error: unknown) => error)
    if (!(thrown instanceof ClientError)) throw new Error(`not a ClientError: ${String(thrown)}`)
    expect(thrown.response.errors).toMatchObject([{ extensions: { code } }])
  })
})
