import { introspectionFromSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlGateway, openGraphql, type Transport } from '../support/graphql.ts'
import { openTarget, type Target, times } from './attack.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

it('G5 answers a field that is repeated 500 times', async () => {
  const { status, data } = await target.post(`{ changeIndex { ${times(500, () => 'value')} } }`)
  expect([status, data]).toEqual([200, { changeIndex: { value: '0' } }])
})

it('G14 answers a full introspection', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  const { data, errors } = await target.post(
    getIntrospectionQuery({ descriptions: false, inputValueDeprecation: true }),
  )
  expect(errors).toEqual([])
  const names = introspectionFromSchema(target.gateway.edge.schema).__schema.types.map(({ name }) => name)
  expect(JSON.stringify(data)).toContain(names.at(-1))
})

describe.each([false, true])('where introspection is %s', (introspection) => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite', { introspection })
  })
  afterAll(() => test.close())
  const expectHints = (text: string) => expect(text.includes('Did you mean')).toBe(introspection)

  it.each([
    ['a field', '{ jobz { id } }'],
    ['an argument', '{ jobs(frist: 1) { edges { cursor } } }'],
    ['a type', 'fragment f on QueuedJobb { id } { ...f }'],
    ['an enum value', '{ jobs(filter: { statuses: [QUEUEDD] }) { edges { cursor } } }'],
    ['an input field', '{ jobs(filter: { status: [QUEUED] }) { edges { cursor } } }'],
  ])('G15 suggests a name for %s only there', async (_what, query) => {
    const { status, text } = await test.ask(query)
    expect(status).toBe(400)
    expectHints(text)
  })

  it('G15 suggests one for a variable only there', async () => {
    const query = 'query ($s: [JobStatus!]) { jobs(filter: { statuses: $s }) { edges { cursor } } }'
    const { text } = await test.ask(query, { s: ['QUEUEDD'] })
    expect(text).toContain('JobStatus')
    expectHints(text)
  })

  it.each(['graphql-ws', 'sse'] as const)('G15 suggests one in a stream over %s only there', async (transport) => {
    const query = 'subscription { jobStatusChanged { kind } }'
    const stream = 'subscription ($f: LogLineFilter) { logTail(execution: "x", filter: $f) { cursor } }'
    expectHints(await refusal(transport, query.replace('kind', 'kinds')))
    expectHints(await refusal(transport, stream, { f: { stream: ['x'] } }))
  })

  async function refusal(transport: Transport, query: string, variables = {}): Promise<string> {
    const error: unknown = await test
      .events(transport, query, variables)
      .next()
      .catch((thrown: unknown) => thrown)
    return error instanceof Error ? error.message : JSON.stringify(error)
  }
})

it('tells the cost of an answer and of a refusal beside the limit', async () => {
  const costOf = async (query: string) => JSON.parse((await target.post(query)).text).extensions.cost
  expect(await costOf('{ jobs(first: 5) { edges { cursor } } }')).toEqual({ requested: 6, limit: 50_000 })
  const { requested, limit } = await costOf(
    '{ jobs(first: 1000) { edges { node { executions(first: 1000) { edges { cursor } } } } } }',
  )
  expect(requested).toBeGreaterThan(limit)
})

it('G17 names the method that may', async () => {
  const { headers } = await target.get('mutation { cancelJobs(filter: {}) { __typename } }')
  expect(headers.get('allow')).toBe('POST')
})

it('G21 answers no preflight', async () => {
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
  const answer = await target.gateway.fetch('/graphql', { method: 'OPTIONS', headers })
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
})

it('G35 says the same of what is missing and of what was never there', async () => {
  for (const id of ['QueuedJob:1', 'QueuedJob:1000000000001', 'JobExecution:77', 'Workspace:8'])
    expect(await target.gateway.data(`{ node(id: "${Buffer.from(id).toString('base64')}") { id } }`)).toEqual({
      node: null,
    })
  for (const id of [
    'QueuedJob:0',
    'QueuedJob:-1',
    'QueuedJob:1.5',
    'QueuedJob:9999999999999999',
    'Query:1',
    'Job:1',
    'JobStatus:1',
    'x',
    '',
  ]) {
    const { status, errors } = await target.post('query ($id: ID!) { node(id: $id) { id } }', {
      id: Buffer.from(id).toString('base64'),
    })
    expect(status).toBe(200)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  }
})

it.each([
  '2026-13-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '300000-01-01T00:00:00Z',
  'now',
  'infinity',
  '2026-01-01',
  '2026-01-01T00:00:00',
  'P1D',
  '2026-01-01T25:00:00Z',
])('takes %s for no time', async (from) => {
  const query = 'query ($from: DateTime) { jobs(filter: { modified: { from: $from } }) { edges { cursor } } }'
  const { status, errors } = await target.post(query, { from })
  expect([status, errors[0]?.extensions?.code]).toEqual([400, 'BAD_USER_INPUT'])
})

describe('The edge in development', () => {
  it('G22 serves GraphiQL from this host alone, compressed, and tells a browser to keep it', async () => {
    const test = await openGraphql('pglite', { graphiql: true })
    const headers = { accept: 'text/html', 'accept-encoding': 'gzip' }
    const page = await test.fetch('/graphql', { headers })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-encoding')).toBe('gzip')
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'sha256-[^']+' blob:/)
    expect(page.text).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="https?:/)
    const tag = page.headers.get('etag') ?? ''
    expect((await test.fetch('/graphql', { headers: { ...headers, 'if-none-match': tag } })).status).toBe(304)
    await test.close()
  })

  it('G23 masks what it did not expect, and keeps the stack for the log', async () => {
    const now = () => {
      throw new Error('secret text of a bug')
    }
    const test = await openGraphql('pglite', { now })
    const answer = await test.ask('mutation { cancelJobs(filter: {}) { __typename } }')
    expect(answer.text).not.toContain('secret')
    expect(answer.errors).toMatchObject([
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ])
    expect(test.bugs.map(String)).toEqual(['Error: secret text of a bug'])
    await test.close()
  })

  it.each(['graphql-ws', 'sse'] as const)('G23 masks it in a stream over %s too', async (transport) => {
    const test = await openGraphql('pglite')
    test.store.feed.recentAfter = () => {
      throw new Error('secret text of a bug')
    }
    const events = test.events(transport, 'subscription { jobStatusChanged(snapshot: false) { kind } }')
    expect((await events.next()).value).toEqual({ kind: 'BOOKMARK' })
    const error: unknown = await events.next().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: 'Unexpected error.', code: 'INTERNAL_SERVER_ERROR' })
    expect(test.bugs.map(String)).toEqual(['Error: secret text of a bug'])
    await test.close()
  })

  it('G23 masks it in an answer over a socket too', async () => {
    const now = () => {
      throw new Error('secret text of a bug')
    }
    const test = await openGraphql('pglite', { now })
    const answers = test.events('graphql-ws', 'mutation { cancelJobs(filter: {}) { __typename } }')
    const error: unknown = await answers.next().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: 'Unexpected error.', code: 'INTERNAL_SERVER_ERROR' })
    expect(test.bugs.map(String)).toEqual(['Error: secret text of a bug'])
    await test.close()
  })

  it('gives up an operation that takes too long', async () => {
    const test = await openGraphql('pglite', { timeoutMs: 100 })
    const held = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    // The embedded database has one connection: whoever holds it makes all others wait.
    const holding = test.store.db.transaction().execute(async () => {
      begun.resolve()
      await held.promise
    })
    await begun.promise
    const answer = await test.ask('{ changeIndex { value } }')
    expect(answer.status).toBe(503)
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
    held.resolve()
    await holding
    expect((await test.ask('{ changeIndex { value } }')).status).toBe(200)
    expect(test.bugs).toEqual([])
    await test.close()
  })
})
