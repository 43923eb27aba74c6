import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, it } from 'vitest'
import WebSocket from 'ws'
import type { GraphqlAnswer } from '../support/graphql.ts'
import { type Attack, csrf, expectRefused, json, openTarget, type Target, times } from './attack.ts'

/** A request with the digest of `known` in the extension for it. */
function hashed(query: string | undefined, known: string): string {
  const sha256Hash = createHash('sha256').update(known).digest('hex')
  return JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } })
}

/** Starts so many subscriptions on one socket; the status of the answer is the code that the socket is closed with. */
async function overSocket({ gateway }: Target, operations: number): Promise<GraphqlAnswer> {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws')
  await once(socket, 'open')
  const closed = once(socket, 'close')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  const payload = { query: 'subscription { jobStatusChanged { kind } }' }
  for (let n = 1; n <= operations; n += 1) socket.send(JSON.stringify({ type: 'subscribe', id: String(n), payload }))
  const [status, text] = await closed
  return { status: Number(status), text: String(text), headers: new Headers(), data: null, errors: [] }
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)]
}

const requests: readonly Attack[] = [
  [
    'G16',
    'a batch',
    ({ raw }) => raw(JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' })))),
    400,
    'BAD_USER_INPUT',
  ],
  ['G17', 'a mutation over GET', ({ get }) => get('mutation { cancelJobs(filter: {}) { __typename } }'), 405],
  [
    'G18',
    'a urlencoded mutation',
    ({ raw }) =>
      raw('query=mutation{cancelJobs(filter:{}){__typename}}', {
        'content-type': 'application/x-www-form-urlencoded',
      }),
    403,
  ],
  [
    'G18',
    'a urlencoded mutation with the header',
    ({ raw }) => raw('query={__typename}', { 'content-type': 'application/x-www-form-urlencoded', ...csrf }),
    415,
  ],
  [
    'G19',
    'a multipart mutation',
    ({ raw }) =>
      raw('--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--', {
        'content-type': 'multipart/form-data; boundary=x',
      }),
    403,
  ],
  [
    'G19',
    'a multipart mutation with the header',
    ({ raw }) => raw('--x--', { 'content-type': 'multipart/form-data; boundary=x', ...csrf }),
    415,
  ],
  ['G20', 'JSON as text/plain', ({ raw }) => raw('{"query":"{ __typename }"}', { 'content-type': 'text/plain' }), 403],
  [
    'G20',
    'JSON as text/plain with the header',
    ({ raw }) => raw('{"query":"{ __typename }"}', { 'content-type': 'text/plain', ...csrf }),
    415,
  ],
  ['G21', 'a plain GET, which any page can send', ({ get }) => get('{ __typename }', {}), 403, 'FORBIDDEN'],
  [
    'G21',
    'a GET with the Accept of GraphQL, which any page can send as well',
    ({ get }) => get('{ __typename }', { accept: 'application/graphql-response+json' }),
    403,
    'FORBIDDEN',
  ],
  [
    'G21',
    'a POST from another origin',
    ({ raw }) => raw('{"query":"{ __typename }"}', { ...json, origin: 'https://evil.example' }),
    403,
  ],
  [
    'G22',
    'GraphiQL where it is off',
    ({ gateway }) => gateway.fetch('/graphql', { headers: { accept: 'text/html' } }),
    406,
  ],
  ['G24', 'Int 2^31 as a literal', ({ post }) => post('{ jobs(first: 2147483648) { edges { cursor } } }'), 400],
  [
    'G24',
    'Int 2^31 as a variable',
    ({ post }) => post('query ($n: Int) { jobs(first: $n) { edges { cursor } } }', { n: 2 ** 31 }),
    400,
  ],
  ['G24', '2^53 + 1 as a literal', ({ post }) => post('{ job(number: 9007199254740993) { id } }'), 400],
  [
    'G24',
    '2^53 + 1 as a variable',
    ({ raw }) => raw('{"query":"query ($n: SafeInt) { job(number: $n) { id } }","variables":{"n":9007199254740993}}'),
    400,
  ],
  [
    'G25',
    'variables nested 100,000 deep',
    ({ raw }) =>
      raw(`{"query":"query ($v: JSON) { __typename }","variables":{"v":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`),
    400,
  ],
  [
    'G25',
    'variables nested 65 deep',
    ({ post }) => post('query ($m: JSON!) { __typename }', { m: deep(65) }),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'G25',
    'more than 1 MiB of variables',
    ({ post }) => post('query ($v: JSON) { __typename }', { v: 'x'.repeat(1_100_000) }),
    413,
    'TOO_LARGE',
  ],
  ['G26', '__proto__ beside query', ({ raw }) => raw('{"query":"{ __typename }","__proto__":{"polluted":1}}'), 400],
  [
    'G26',
    'constructor beside query',
    ({ raw }) => raw('{"query":"{ __typename }","constructor":{"prototype":{}}}'),
    400,
  ],
  [
    'G26',
    '__proto__ in an input object',
    ({ post }) =>
      post(
        'mutation ($f: JobFilter!) { cancelJobs(filter: $f) { __typename } }',
        JSON.parse('{"f":{"__proto__":{"ids":[]}}}'),
      ),
    400,
  ],
  [
    'G27',
    'a query of 20 MB',
    ({ raw }) => raw(`{"query":"{ __typename } #${'x'.repeat(20_000_000)}"}`),
    413,
    'TOO_LARGE',
  ],
  [
    'G28',
    'a lone surrogate',
    ({ raw }) => raw('{"query":"query ($v: JSON) { __typename }","variables":{"v":"\\ud800"}}'),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'G28',
    'invalid UTF-8',
    ({ raw }) => raw(new Uint8Array([...Buffer.from('{"query":"{ __typename } # '), 0xff, 0xfe, ...Buffer.from('"}')])),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'G28',
    'overlong UTF-8',
    ({ raw }) =>
      raw(new Uint8Array([...Buffer.from('{"query":"# '), 0xc0, 0xaf, ...Buffer.from('\\n{ __typename }"}')])),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'G29',
    'NUL in a variable',
    ({ raw }) =>
      raw(
        '{"query":"query ($n: String!) { jobType(name: $n, version: \\"1\\") { id } }","variables":{"n":"a\\u0000b"}}',
      ),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'G29',
    'NUL in the document',
    ({ raw }) => raw('{"query":"{ jobType(name: \\"a\\\\u0000\\", version: \\"\\u0000\\") { id } }"}'),
    400,
  ],
  [
    'G30',
    'secrets tried by alias, 31 in one request',
    ({ post }) => post(`{ ${times(31, (n) => `a${n}: secretValues(name: "${n}") { value }`)} }`),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G30',
    'secrets tried by alias through fragments',
    ({ post }) =>
      post(
        `{ ...f ...g } ${times(2, (n) => `fragment ${'fg'[n]} on Query { ${times(11, (m) => `a${n}${m}: secretValues(name: "${m}") { value }`)} }`)}`,
      ),
    400,
    'LIMIT_EXCEEDED',
  ],
  [
    'G31',
    'a digest of another query',
    ({ raw }) => raw(hashed('{ __typename }', '{ changeIndex { value } }')),
    400,
    'BAD_USER_INPUT',
  ],
  ['G31', 'a digest alone, never laid down', ({ raw }) => raw(hashed(undefined, '{ __typename }')), 400],
  ['G33', '21 operations on one socket', (target) => overSocket(target, 21), 4429],
  ['G32', 'an unknown operationName', ({ raw }) => raw('{"query":"query a { __typename }","operationName":"b"}'), 400],
  ['G32', 'two anonymous operations', ({ post }) => post('{ __typename } { __typename }'), 400],
  ['G32', 'an empty document', ({ post }) => post(''), 400],
  ['G32', 'no query', ({ raw }) => raw('{}'), 400],
  ['G32', 'JSON cut short', ({ raw }) => raw('{"query":'), 400, 'BAD_USER_INPUT'],
  ['G32', 'variables that are a list', ({ raw }) => raw('{"query":"{ __typename }","variables":[]}'), 400],
  [
    'G32',
    'a compressed body',
    ({ raw }) => raw(new Uint8Array([31, 139]), { ...json, 'content-encoding': 'gzip' }),
    415,
  ],
  ['G34', '@defer', ({ post }) => post('{ ... @defer { __typename } }'), 400],
  ['G34', '@stream', ({ post }) => post('{ jobs { edges @stream { cursor } } }'), 400],
]

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

it.each(requests.map((one) => ({ one, name: `${one[0]} ${one[1]}` })))('$name', ({ one }) => expectRefused(target, one))

it('says which headers a query by GET lacks', async ({ expect }) => {
  const { errors } = await target.get('{ __typename }', {})
  expect(errors[0]?.message).toContain('graphql-require-preflight (or x-graphql-yoga-csrf or apollo-require-preflight)')
  expect((await target.get('{ __typename }', { 'apollo-require-preflight': 'yes' })).data).toEqual({
    __typename: 'Query',
  })
})
