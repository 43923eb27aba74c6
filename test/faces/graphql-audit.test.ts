import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'

describe('GraphQL over HTTP', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite')
  })
  afterAll(() => test.close())

  const audits = serverAudits({
    url: () => test.url,
    // The audits send plain GETs, which a browser could be made to send too.
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('x-graphql-yoga-csrf', 'audit')
      return fetch(url, { ...init, headers })
    },
  })

  it('has its 61 audits', () => expect(audits).toHaveLength(61))

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, _name, audit) => {
    const result = await audit.fn()
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok')
  })
})
