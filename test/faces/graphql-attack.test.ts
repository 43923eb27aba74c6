import { introspectionFromSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlAnswer, type GraphqlGateway, openGraphql } from '../support/graphql.ts'

const json = { 'content-type': 'application/json' }
const csrf = { 'x-graphql-yoga-csrf': '1' }

/** `{ node(id) { ...on QueuedJob { latestExecution { job { latestExecution … } } } } }`, so many levels deep. */
const chain = (depth: number) =>
  `{ jobs(first: 1) { edges { node { ${'latestExecution { job { '.repeat(depth)} id ${'} }'.repeat(depth)} } } } }`
/** Fragments that each spread the next twice. */
const bomb = (levels: number) =>
  [
    '{ jobs { edges { node { ...f0 } } } }',
    ...Array.from({ length: levels }, (_, n) => `fragment f${n} on Job { a: status ...f${n + 1} ...f${n + 1} }`),
    `fragment f${levels} on Job { status }`,
  ].join('\n')
/** The same through lists, which multiplies rows. */
const listBomb = (levels: number) =>
  [
    '{ jobs(first: 100) { edges { node { ...f0 } } } }',
    ...Array.from(
      { length: levels },
      (_, n) => `fragment f${n} on Job { executions(first: 100) { edges { node { job { ...f${n + 1} } } } } }`,
    ),
    `fragment f${levels} on Job { id }`,
  ].join('\n')

describe('Attacks on the GraphQL edge', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite', { graphiql: false })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const post = (query: string, variables: object = {}) => test.ask(query, { ...variables })
  const raw = (body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = json) =>
    test.fetch('/graphql', { method: 'POST', headers, body })
  const get = (query: string, headers: Readonly<Record<string, string>> = csrf) =>
    test.fetch(`/graphql?query=${encodeURIComponent(query)}`, { headers })

  type Case = readonly [id: string, what: string, send: () => Promise<GraphqlAnswer>, status: number, code?: string]
  const refused: readonly Case[] = [
    ['G1', 'depth 100', () => post(chain(50)), 400, 'LIMIT_EXCEEDED'],
    ['G1', 'pages within pages', () => post(nested(4)), 400, 'LIMIT_EXCEEDED'],
    ['G2', 'fan-out of lists through fragments', () => post(listBomb(3)), 400, 'LIMIT_EXCEEDED'],
    [
      'G3',
      '101 aliases of a cheap field',
      () => post(`{ ${times(101, (n) => `a${n}: __typename`)} }`),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G4',
      '10,000 aliased root fields',
      () => post(`{ ${times(10_000, (n) => `a${n}: changeIndex { value }`)} }`),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G4',
      '21 root fields through a fragment',
      () => post(`{ ...f } fragment f on Query { ${times(21, () => '__typename')} }`),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G5',
      'one field 10,000 times',
      () => post(`{ changeIndex { ${times(10_000, () => 'value')} } }`),
      400,
      'LIMIT_EXCEEDED',
    ],
    ['G6', 'conflicting arguments', () => post(`{ ${times(150, (n) => `job(number: ${n}) { id }`)} }`), 400],
    ['G7', '1,000 directives', () => post(`{ changeIndex { value ${times(240, () => '@skip(if: false)')} } }`), 400],
    ['G7', '60 unknown directives', () => post(`{ changeIndex { value ${times(60, () => '@x')} } }`), 400],
    [
      'G8',
      'a list nested 5,000 deep',
      () => post(`{ node(id: ${'['.repeat(5_000)}${']'.repeat(5_000)}) { id } }`),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G9',
      'a selection nested 20,000 deep',
      () => post('{a'.repeat(20_000) + '}'.repeat(20_000)),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G10',
      'circular fragments',
      () => post('{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['G11', 'a fragment bomb of 2^24', () => post(bomb(24)), 400],
    ['G12', 'a fragment bomb through lists', () => post(listBomb(16)), 400, 'LIMIT_EXCEEDED'],
    [
      'G13',
      'a fragment named __schema around depth',
      () => post(`{ ...__schema } fragment __schema on Query ${chain(50)}`),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G13',
      'a fragment named __type around cost',
      () => post(`{ ...__type } fragment __type on Query ${nested(4)}`),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'G14',
      'circular introspection',
      () => post(`{ __schema { types ${'{ fields { type '.repeat(8)} { name } ${'} }'.repeat(8)} } }`),
      400,
    ],
    [
      'G16',
      'a batch',
      () => raw(JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' })))),
      400,
      'BAD_USER_INPUT',
    ],
    ['G17', 'a mutation over GET', () => get('mutation { cancelJobs(filter: {}) { __typename } }'), 405],
    [
      'G18',
      'a urlencoded mutation',
      () =>
        raw('query=mutation{cancelJobs(filter:{}){__typename}}', {
          'content-type': 'application/x-www-form-urlencoded',
        }),
      403,
    ],
    [
      'G18',
      'a urlencoded mutation with the header',
      () => raw('query={__typename}', { 'content-type': 'application/x-www-form-urlencoded', ...csrf }),
      415,
    ],
    [
      'G19',
      'a multipart mutation',
      () =>
        raw('--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--', {
          'content-type': 'multipart/form-data; boundary=x',
        }),
      403,
    ],
    [
      'G19',
      'a multipart mutation with the header',
      () => raw('--x--', { 'content-type': 'multipart/form-data; boundary=x', ...csrf }),
      415,
    ],
    ['G20', 'JSON as text/plain', () => raw('{"query":"{ __typename }"}', { 'content-type': 'text/plain' }), 403],
    [
      'G20',
      'JSON as text/plain with the header',
      () => raw('{"query":"{ __typename }"}', { 'content-type': 'text/plain', ...csrf }),
      415,
    ],
    ['G21', 'a plain GET, which any page can send', () => get('{ __typename }', {}), 403, 'FORBIDDEN'],
    [
      'G21',
      'a POST from another origin',
      () => raw('{"query":"{ __typename }"}', { ...json, origin: 'https://evil.example' }),
      403,
    ],
    ['G22', 'GraphiQL where it is off', () => test.fetch('/graphql', { headers: { accept: 'text/html' } }), 406],
    ['G24', 'Int 2^31 as a literal', () => post('{ jobs(first: 2147483648) { edges { cursor } } }'), 400],
    [
      'G24',
      'Int 2^31 as a variable',
      () => post('query ($n: Int) { jobs(first: $n) { edges { cursor } } }', { n: 2 ** 31 }),
      400,
    ],
    ['G24', '2^53 + 1 as a literal', () => post('{ job(number: 9007199254740993) { id } }'), 400],
    [
      'G24',
      '2^53 + 1 as a variable',
      () => raw('{"query":"query ($n: SafeInt) { job(number: $n) { id } }","variables":{"n":9007199254740993}}'),
      400,
    ],
    [
      'G25',
      'variables nested 100,000 deep',
      () =>
        raw(
          `{"query":"query ($v: JSON) { __typename }","variables":{"v":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
        ),
      400,
    ],
    [
      'G25',
      'variables nested 65 deep',
      () => post('query ($m: JSON!) { __typename }', { m: deep(65) }),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'G25',
      'more than 1 MiB of variables',
      () => post('query ($v: JSON) { __typename }', { v: 'x'.repeat(1_100_000) }),
      413,
      'TOO_LARGE',
    ],
    ['G26', '__proto__ beside query', () => raw('{"query":"{ __typename }","__proto__":{"polluted":1}}'), 400],
    ['G26', 'constructor beside query', () => raw('{"query":"{ __typename }","constructor":{"prototype":{}}}'), 400],
    [
      'G26',
      '__proto__ in an input object',
      () =>
        post(
          'mutation ($f: JobFilter!) { cancelJobs(filter: $f) { __typename } }',
          JSON.parse('{"f":{"__proto__":{"ids":[]}}}'),
        ),
      400,
    ],
    ['G27', 'a query of 20 MB', () => raw(`{"query":"{ __typename } #${'x'.repeat(20_000_000)}"}`), 413, 'TOO_LARGE'],
    [
      'G28',
      'a lone surrogate',
      () => raw('{"query":"query ($v: JSON) { __typename }","variables":{"v":"\\ud800"}}'),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'G28',
      'invalid UTF-8',
      () => raw(new Uint8Array([...Buffer.from('{"query":"{ __typename } # '), 0xff, 0xfe, ...Buffer.from('"}')])),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'G28',
      'overlong UTF-8',
      () => raw(new Uint8Array([...Buffer.from('{"query":"# '), 0xc0, 0xaf, ...Buffer.from('\\n{ __typename }"}')])),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'G29',
      'NUL in a variable',
      () =>
        raw(
          '{"query":"query ($n: String!) { jobType(name: $n, version: \\"1\\") { id } }","variables":{"n":"a\\u0000b"}}',
        ),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'G29',
      'NUL in the document',
      () => raw('{"query":"{ jobType(name: \\"a\\\\u0000\\", version: \\"\\u0000\\") { id } }"}'),
      400,
    ],
    ['G32', 'an unknown operationName', () => raw('{"query":"query a { __typename }","operationName":"b"}'), 400],
    ['G32', 'two anonymous operations', () => post('{ __typename } { __typename }'), 400],
    ['G32', 'an empty document', () => post(''), 400],
    ['G32', 'no query', () => raw('{}'), 400],
    ['G32', 'JSON cut short', () => raw('{"query":'), 400, 'BAD_USER_INPUT'],
    ['G32', 'variables that are a list', () => raw('{"query":"{ __typename }","variables":[]}'), 400],
    ['G32', 'a compressed body', () => raw(new Uint8Array([31, 139]), { ...json, 'content-encoding': 'gzip' }), 415],
    ['G34', '@defer', () => post('{ ... @defer { __typename } }'), 400],
    ['G34', '@stream', () => post('{ jobs { edges @stream { cursor } } }'), 400],
    [
      'cost',
      'a page size in a variable',
      () =>
        post(
          'query ($n: Int) { jobs(first: 1000) { edges { node { executions(first: $n) { edges { cursor } } } } } }',
          { n: 1000 },
        ),
      400,
      'LIMIT_EXCEEDED',
    ],
    [
      'cost',
      'a page size in the default of a variable',
      () =>
        post(
          'query ($n: Int = 1000) { jobs(first: $n) { edges { node { executions(first: $n) { edges { cursor } } } } } }',
        ),
      400,
      'LIMIT_EXCEEDED',
    ],
  ]

  it.each(refused.map((one) => ({ one, name: `${one[0]} ${one[1]}` })))('$name', async ({ one }) => {
    const [, , send, status, code] = one
    const started = performance.now()
    const answer = await send()
    expect(answer.status).toBe(status)
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(answer.text.length).toBeLessThan(4_000)
    expect(answer.text).not.toMatch(/Did you mean|\bat .+:\d+:\d+/)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    if (answer.headers.get('content-type')?.includes('json')) {
      expect(answer.errors.length).toBeLessThanOrEqual(10)
      for (const error of answer.errors) expect(error.extensions?.code).toBeTruthy()
    }
    if (code !== undefined) expect(answer.errors[0]?.extensions?.code).toBe(code)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('G5 answers a field that is repeated 400 times', async () => {
    const { status, data } = await post(`{ changeIndex { ${times(400, () => 'value')} } }`)
    expect([status, data]).toEqual([200, { changeIndex: { value: '0' } }])
  })

  it('G14 answers a full introspection', async () => {
    const { getIntrospectionQuery } = await import('graphql')
    const { data, errors } = await post(getIntrospectionQuery({ descriptions: false, inputValueDeprecation: true }))
    expect(errors).toEqual([])
    const names = introspectionFromSchema(test.edge.schema).__schema.types.map(({ name }) => name)
    expect(JSON.stringify(data)).toContain(names.at(-1))
  })

  it.each([
    ['a field', '{ jobz { id } }'],
    ['an argument', '{ jobs(frist: 1) { edges { cursor } } }'],
    ['a type', 'fragment f on QueuedJobb { id } { ...f }'],
    ['an enum value', '{ jobs(filter: { statuses: [QUEUEDD] }) { edges { cursor } } }'],
    ['an input field', '{ jobs(filter: { status: [QUEUED] }) { edges { cursor } } }'],
  ])('G15 suggests nothing for %s', async (_what, query) => {
    const { status, text } = await post(query)
    expect(status).toBe(400)
    expect(text).not.toContain('Did you mean')
  })

  it('G15 suggests nothing for a variable either', async () => {
    const { text } = await post('query ($s: [JobStatus!]) { jobs(filter: { statuses: $s }) { edges { cursor } } }', {
      s: ['QUEUEDD'],
    })
    expect(text).toContain('JobStatus')
    expect(text).not.toContain('Did you mean')
  })

  it('G17 names the method that may', async () => {
    const { headers } = await get('mutation { cancelJobs(filter: {}) { __typename } }')
    expect(headers.get('allow')).toBe('POST')
  })

  it('G21 answers no preflight', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const answer = await test.fetch('/graphql', { method: 'OPTIONS', headers })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('G35 says the same of what is missing and of what was never there', async () => {
    for (const id of ['QueuedJob:1', 'QueuedJob:1000000000001', 'JobExecution:77', 'Workspace:8'])
      expect(await test.data(`{ node(id: "${Buffer.from(id).toString('base64')}") { id } }`)).toEqual({ node: null })
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
      const { status, errors } = await post('query ($id: ID!) { node(id: $id) { id } }', {
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
    const { status, errors } = await post(query, { from })
    expect([status, errors[0]?.extensions?.code]).toEqual([400, 'BAD_USER_INPUT'])
  })
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

function times(count: number, make: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => make(n)).join(' ')
}

/** Pages of executions of jobs of executions …, each of the usual size. */
function nested(levels: number): string {
  return `{ jobs { edges { node { ${'executions { edges { node { job { '.repeat(levels)} id ${'} } } }'.repeat(levels)} } } } }`
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)]
}
