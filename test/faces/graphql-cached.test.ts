import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'

/** A text that was run before is neither parsed nor validated again; what depends on the request must not stick to it. */
describe('A document that was run before', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite')
    const type = await registerCommand(test, 'cached', 'true')
    for (let made = 0; made < 3; made += 1) await queue(test, type)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('is costed by the variables of each request', async () => {
    const pages =
      'query ($n: Int!) { jobs(first: $n) { edges { node { executions(first: $n) { edges { cursor } } } } } }'
    for (const [n, status] of [
      [2, 200],
      [1000, 400],
      [3, 200],
      [1000, 400],
    ] as const) {
      const { status: told, errors, text } = await test.ask(pages, { n })
      expect(told).toBe(status)
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(status === 200 ? [] : ['LIMIT_EXCEEDED'])
      expect(JSON.parse(text)).toHaveProperty('extensions.cost.requested', 1 + n * (3 + n))
    }
  })

  it('takes no more values in a list than a request may have', async () => {
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'
    const ids = (count: number) => ({ ids: Array.from({ length: count }, () => 'UXVldWVkSm9iOjE=') })
    for (const count of [1, 1001, 2, 1001]) {
      const { data, errors } = await test.ask(nodes, ids(count))
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(count > 1000 ? ['BAD_USER_INPUT'] : [])
      if (count > 1000) expect(data).toBeNull()
      else expect(data?.nodes).toHaveLength(count)
    }
  })

  it('answers by the arguments and directives of each request', async () => {
    const page = `query ($n: Int, $named: Boolean!, $by: JobOrder) {
      jobs(first: $n, orderBy: $by) { edges { node { ... on QueuedJob { number } type @include(if: $named) { name } } } }
    }`
    const ask = async (variables: object) => (await test.ask(page, { ...variables })).text
    const first = { n: 1, named: true, by: { direction: 'ASC' } }
    const answers = [first, { ...first, named: false }, { ...first, n: 2 }, { named: false, by: { direction: 'DESC' } }]
    const once = []
    for (const variables of answers) once.push(await ask(variables))
    expect(new Set(once).size).toBe(answers.length)
    for (const [place, variables] of answers.entries()) expect(await ask(variables)).toBe(once[place])
    // At the same time, too.
    expect(await Promise.all(answers.map(ask))).toEqual(once)
  })

  it('is refused to a caller who may not send it, and by a gateway that does not take it', async () => {
    const query = '{ __schema { queryType { name } } }'
    const body = JSON.stringify({ query })
    expect((await test.ask(query)).status).toBe(200)
    const unasked = await test.fetch('/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' }, body })
    expect(unasked.status).toBe(403)
    const closed = await openGraphql('pglite', { introspection: false })
    expect((await closed.ask(query)).status).toBe(400)
    expect((await closed.ask(query)).data).toBeNull()
    await closed.close()
    const strict = await openGraphql('pglite', { persistedOnly: true })
    expect((await strict.ask(query)).status).toBe(400)
    await strict.close()
  })
})
