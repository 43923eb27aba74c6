import { expect, test } from 'vitest'
import { badInput, notFound } from '#model/error.ts'
import { jsonBody, readBody, readBytes } from '#rest/body.ts'
import { json, text } from '#rest/reply.ts'
import type { RestRequest, Route, Surface } from '#rest/route.ts'
import { createRouter, type Router } from '#rest/router.ts'
import { scaleBodyTypes, scaleJsonOnly, scaleManners } from '#rest/scale/error.ts'

type Ctx = { readonly greeting: string }

function route(method: Route<Ctx>['method'], path: string, more: Partial<Route<Ctx>> = {}): Route<Ctx> {
  const id = `${method} ${path}`
  const handler = async (_ctx: Ctx, request: RestRequest) => json(200, { id, params: request.params })
  return { surface: 'scale', method, path, id, summary: id, replies: { 200: { doc: 'ok' } }, handler, ...more }
}

const media = [
  { format: 'json', type: 'application/json' },
  { format: 'txt', type: 'text/plain' },
]

const scale: Surface<Ctx> = {
  ...scaleManners<Ctx>(),
  name: 'scale',
  title: 'Scale',
  owns: (path) => path.startsWith('/v6/'),
  pathParams: {
    job_id: { doc: 'A job', pattern: /\d+/, schema: { type: 'integer' } },
    name: { doc: 'A type', pattern: /[^/]+/, schema: { type: 'string' } },
    version: { doc: 'A version', pattern: /[^/]+/, schema: { type: 'string' } },
  },
  routes: [
    route('GET', '/v6/jobs/'),
    route('POST', '/v6/jobs/', { accepts: scaleBodyTypes, handler: async (_ctx, r) => json(201, bodyOf(r)) }),
    route('GET', '/v6/jobs/{job_id}/'),
    route('POST', '/v6/jobs/cancel/', {
      accepts: scaleJsonOnly,
      bodyLimit: 64,
      handler: async (_ctx, r) => json(202, bodyOf(r)),
    }),
    route('GET', '/v6/job-types/{name}/'),
    route('GET', '/v6/job-types/status/'),
    route('POST', '/v6/job-types/validation/'),
    route('GET', '/v6/job-types/{name}/{version}/'),
    route('GET', '/v6/logs/{name}/', {
      produces: media,
      handler: async (ctx, r) => {
        if (r.params.name === 'ghost') throw notFound('There is no ghost')
        return r.format === 'txt' ? text(200, ctx.greeting) : json(200, [ctx.greeting])
      },
    }),
    route('GET', '/v6/bug/', { handler: async () => Promise.reject(new Error('secret 42')) }),
    route('GET', '/v6/bad-header/', { handler: async () => json(200, {}, { Location: 'a\r\nb: c' }) }),
    route('GET', '/v6/refused/', { handler: async () => Promise.reject(badInput('No such order')) }),
  ],
}

/** A surface that answers in plain text, reads any body, keeps slashes in ids and serves no HEAD. */
const plainRoute = route('GET', '/v1/thing/{id}', { surface: 'nomad' })
const plain: Surface<Ctx> = {
  name: 'nomad',
  title: 'Plain',
  owns: (path) => path.startsWith('/v1/'),
  pathParams: { id: { doc: 'An id', pattern: /.+/, schema: { type: 'string' } } },
  routes: [plainRoute, route('PUT', '/v6/jobs/', { surface: 'nomad' })],
  match: (path) => {
    if (path.includes('//')) return { reply: { status: 301, headers: { Location: path.replaceAll('//', '/') } } }
    const id = /^\/v1\/thing\/(.+)$/.exec(path)?.[1]
    return id === undefined ? null : { routes: [plainRoute], params: { id: decodeURIComponent(id) } }
  },
  head: false,
  readBody: async (request, _route, limit) => {
    const bytes = await readBytes(request, limit)
    return 'fault' in bytes ? bytes : jsonBody(new TextDecoder().decode(bytes))
  },
  notFound: () => text(404, '404 page not found\n'),
  methodNotAllowed: (_method, allow) => text(405, 'Invalid method', { Allow: allow.join(', ') }),
  badBody: (fault) => text(400, fault.detail),
  fromError: (error) => text(500, error.message),
  failure: () => text(500, 'Internal error'),
}

function bodyOf(request: RestRequest): unknown {
  if (request.body.kind === 'form') return { form: [...request.body.fields] }
  return request.body.kind === 'json' ? { json: request.body.value } : request.body
}

const bugs: unknown[] = []
const router: Router<Ctx> = createRouter([scale, plain], { report: (error) => bugs.push(error) })

async function ask(path: string, init: RequestInit = {}, raw = path): Promise<Response> {
  const request = new Request(new URL(path, 'http://jobs.test'), init)
  const meta = { target: raw, remoteAddress: null, signal: request.signal }
  return (await router(() => ({ greeting: 'hello' }), request, meta)) ?? new Response('nobody', { status: 599 })
}

async function body(path: string, init?: RequestInit): Promise<unknown> {
  return (await ask(path, init)).json()
}

function post(
  content: string | Uint8Array<ArrayBuffer>,
  type: string,
  headers: Record<string, string> = {},
): RequestInit {
  return { method: 'POST', body: content, headers: { 'content-type': type, ...headers } }
}

test.each([
  ['/v6/jobs/', 'GET /v6/jobs/', {}],
  ['/v6/jobs', 'GET /v6/jobs/', {}],
  ['/v6/jobs/7/', 'GET /v6/jobs/{job_id}/', { job_id: '7' }],
  ['/v6/job-types/status/', 'GET /v6/job-types/status/', {}],
  ['/v6/job-types/statu%73', 'GET /v6/job-types/status/', {}],
  ['/v6/job-types/status/1.0.0/', 'GET /v6/job-types/{name}/{version}/', { name: 'status', version: '1.0.0' }],
  ['/v6/job-types/a%2520b/1.0.0%2Bx/', 'GET /v6/job-types/{name}/{version}/', { name: 'a%20b', version: '1.0.0+x' }],
])('%s is served by %s', async (path, id, params) => {
  expect(await body(path)).toEqual({ id, params })
})

test.each([
  '/v6/nothing/',
  '/v6/jobs/abc/',
  '/v6/jobs/1/2/',
  '/v6/job-types/a%2Fb/',
  '/v6/job-types/%00/',
  '/v6/%zz',
  '/v6/jobs//',
])('%s is not found in the words of its surface', async (path) => {
  const response = await ask('/', {}, path.replace('//', '/%2F'))
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({ detail: 'Not found.' })
})

test('a path that no surface owns is left to the caller', async () => {
  expect((await ask('/v5/jobs/')).status).toBe(599)
})

test('a wrong method is told what is allowed, and a fixed word does not fall back to a parameter', async () => {
  const response = await ask('/v6/jobs/', { method: 'DELETE' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD, POST, PUT')
  expect(await response.json()).toEqual({ detail: 'Method "DELETE" not allowed.' })
  expect((await ask('/v6/job-types/validation/')).headers.get('allow')).toBe('POST')
  const overridden = await ask('/v6/jobs/7/', { method: 'POST', headers: { 'x-http-method-override': 'GET' } })
  expect(overridden.status).toBe(405)
})

test('two surfaces may share a path', async () => {
  expect(await body('/v6/jobs/', { method: 'PUT' })).toEqual({ id: 'PUT /v6/jobs/', params: {} })
  expect(await (await ask('/v6/jobs/', { method: 'PUT' }, '/v6/jobs/?a=%00')).text()).toBe(
    'The query string holds a NUL character.',
  )
})

test('HEAD is GET without the body, where the surface serves it', async () => {
  const get = await ask('/v6/jobs/')
  const head = await ask('/v6/jobs/', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength))
  expect((await ask('/v1/thing/a', { method: 'HEAD' })).status).toBe(405)
})

test('a surface may match the raw path itself and answer at once', async () => {
  expect(await body('/v1/thing/a/b%2Fc')).toMatchObject({ params: { id: 'a/b/c' } })
  const moved = await ask('/', {}, '//v1//thing/a')
  expect([moved.status, moved.headers.get('location')]).toEqual([301, '/v1/thing/a'])
  expect(await (await ask('/v1/other')).text()).toBe('404 page not found\n')
})

test.each([
  ['', 'application/json', { kind: 'none' }],
  ['{"a":1}', 'Application/JSON; charset=utf-8', { json: { a: 1 } }],
  [
    'a=1&a=%C3%A4',
    'application/x-www-form-urlencoded',
    {
      form: [
        ['a', '1'],
        ['a', 'ä'],
      ],
    },
  ],
])('the body %j of %s is read', async (content, type, expected) => {
  expect(await body('/v6/jobs/', post(content, type))).toEqual(expected)
})

test('64-bit integers come and go exactly', async () => {
  const response = await ask('/v6/jobs/', post('{"a":9007199254740993}', 'application/json'))
  expect(await response.text()).toBe('{"json":{"a":9007199254740993}}')
})

test('the text fields of a multipart form are read, a file is refused', async () => {
  const form = new FormData()
  form.append('job_type_id', '7')
  expect(await body('/v6/jobs/', { method: 'POST', body: form })).toEqual({ form: [['job_type_id', '7']] })
  form.append('file', new Blob(['x']))
  expect((await ask('/v6/jobs/', { method: 'POST', body: form })).status).toBe(400)
  expect((await ask('/v6/jobs/', post('x', 'multipart/form-data'))).status).toBe(400)
})

test.each([
  ['{"a":', 'JSON parse error - '],
  ['[1]', 'must be a JSON object'],
  ['null', 'must be a JSON object'],
  ['{"a":"\\u0000"}', 'holds a NUL'],
  ['{"a":"\\ud800"}', 'lone surrogate'],
  [`{"a":${'['.repeat(70)}${']'.repeat(70)}}`, 'more than 64 levels'],
  [`{"n":1e5,"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, ''],
  [new Uint8Array([0x7b, 0xff, 0x7d]), 'not valid UTF-8'],
])('a bad JSON body is a 400', async (content, words) => {
  const response = await ask('/v6/jobs/', post(content, 'application/json'))
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ detail: expect.stringContaining(words) })
})

test('other media types and compressed bodies are 415', async () => {
  expect(await body('/v6/jobs/', post('x', 'text/plain'))).toEqual({
    detail: 'Unsupported media type "text/plain" in request.',
  })
  expect((await ask('/v6/jobs/cancel/', post('a=1', 'application/x-www-form-urlencoded'))).status).toBe(415)
  expect((await ask('/v6/jobs/', post('{}', 'application/json', { 'content-encoding': 'gzip' }))).status).toBe(415)
})

test('a body over the limit is 413, whether announced or streamed', async () => {
  const long = JSON.stringify({ a: 'x'.repeat(64) })
  expect((await ask('/v6/jobs/cancel/', post(long, 'application/json'))).status).toBe(413)
  expect((await ask('/v6/jobs/cancel/', post('{}', 'application/json', { 'content-length': '65' }))).status).toBe(413)
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>(
    { pull: (controller) => controller.enqueue(new Uint8Array(++pulled && 32)) },
    { highWaterMark: 0 },
  )
  const streamed = { method: 'POST', body: endless, duplex: 'half' }
  const request = new Request('http://jobs.test/', streamed)
  expect(await readBody(request, scaleJsonOnly, 64)).toMatchObject({ fault: 'too-large' })
  expect(pulled).toBe(3)
})

test.each(['?a=%00', '?%00=1'])('a query string with NUL (%s) is a 400', async (query) => {
  const response = await ask('/', {}, `/v6/jobs/${query}`)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ detail: 'The query string holds a NUL character.' })
})

test.each([
  ['', '*/*', 200, '["hello"]'],
  ['', 'text/plain', 200, 'hello'],
  ['', 'text/html, text/*;q=0.9, */*;q=0.1', 200, 'hello'],
  ['', 'text/plain, application/json', 200, 'hello'],
  ['', 'image/png', 406, '{"detail":"Could not satisfy the request Accept header."}'],
  ['?format=json', 'image/png', 200, '["hello"]'],
  ['?format=txt', '*/*', 200, 'hello'],
  ['?format=xml', '*/*', 404, '{"detail":"Not found."}'],
])('with %j and Accept %s the answer is %i', async (query, accept, status, words) => {
  const response = await ask(`/v6/logs/x/${query}`, { headers: { accept } })
  expect([response.status, await response.text()]).toEqual([status, words])
})

test('refusals take the form that was asked for', async () => {
  expect(await (await ask('/v6/logs/ghost/?format=txt')).text()).toBe('Not found.')
  expect(await body('/v6/logs/ghost/')).toEqual({ detail: 'Not found.' })
  expect(await body('/v6/refused/')).toEqual({ detail: 'No such order' })
})

test.each(['/v6/bug/', '/v6/bad-header/'])('a bug behind %s is masked and reported', async (path) => {
  bugs.length = 0
  const response = await ask(path)
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ detail: 'Internal server error.' })
  expect(bugs).toHaveLength(1)
})

test('under a base path everything else is nobody’s', async () => {
  const based = createRouter([scale], { basePath: '/api', report: () => {} })
  const make = () => ({ greeting: '' })
  expect((await based(make, new Request('http://jobs.test/api/v6/jobs/')))?.status).toBe(200)
  expect(await based(make, new Request('http://jobs.test/v6/jobs/'))).toBeNull()
})

test('a faulty table stops the start', () => {
  const report = () => {}
  expect(() => createRouter([{ ...scale, routes: [route('GET', '/a/'), route('GET', '/a')] }], { report })).toThrow(
    'twice',
  )
  expect(() => createRouter([{ ...scale, routes: [route('GET', '/{who}/')] }], { report })).toThrow('{who}')
})
