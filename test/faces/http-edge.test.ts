import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { readBytes } from '#rest/body.ts'
import type { RequestMeta } from '#rest/route.ts'
import { createHttpServer, type Handler, type HttpOptions, type HttpServer } from '../../src/edge/http.ts'

let running: HttpServer | null = null
let reports: unknown[] = []

afterEach(async () => {
  await running?.close(0)
  running = null
  reports = []
})

/** Starts the edge over a handler and gives its port. */
async function start(handler: Handler, options: Partial<HttpOptions> = {}): Promise<number> {
  running = createHttpServer(handler, {
    host: '127.0.0.1',
    port: 0,
    warn: (message) => reports.push(message),
    report: (error) => reports.push(error),
    ...options,
  })
  return (await running.listen()).port
}

const hello: Handler = async (request, meta) =>
  new Response(`${request.method} ${meta.target}`, { headers: { 'x-nomad-index': '7', waitindex: '7' } })

/** Sends bytes as they are and gives everything that comes back until the server closes. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const answer = received(socket)
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return answer()
}

/** Collects what a socket receives; a reset after the answer does not matter here. */
function received(socket: Socket): () => string {
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => {})
  return () => text
}

function ask(port: number, line: string, headers: readonly string[] = [], body = ''): Promise<string> {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : [`Host: localhost:${port}`]
  return raw(port, `${[line, ...host, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`)
}

function status(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
}

test('answers carry the safety headers, customary header spelling and the raw target', async () => {
  const port = await start(hello)
  const answer = await ask(port, 'GET //a/%2e%2e/%zz\\?x=%00 HTTP/1.1')
  expect(status(answer)).toBe(200)
  expect(answer).toContain('\r\nX-Content-Type-Options: nosniff\r\n')
  expect(answer).toContain('\r\nCache-Control: no-store\r\n')
  expect(answer).toContain("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n")
  expect(answer).toContain('\r\nX-Nomad-Index: 7\r\n')
  expect(answer).toContain('\r\nwaitIndex: 7\r\n')
  expect(answer).not.toContain('X-Powered-By')
  expect(answer).toContain('GET //a/%2e%2e/%zz%5C?x=%00')
})

test('what a handler sets itself is kept', async () => {
  const headers: [string, string][] = [
    ['Cache-Control', 'max-age=5'],
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ]
  const port = await start(async () => new Response('<p>', { headers }))
  const answer = await ask(port, 'GET / HTTP/1.1')
  expect(answer).toContain('Cache-Control: max-age=5')
  expect(answer).not.toContain('Content-Security-Policy')
  expect(answer.match(/Set-Cookie: /g)).toHaveLength(2)
})

test.each([
  ['GET / HTTP/1.1', 'Host: '],
  ['GET / HTTP/1.1', 'Host: a b'],
  ['GET / HTTP/1.1', 'Host: user@localhost'],
  ['GET / HTTP/1.1', 'Host: localhost:99999'],
  ['GET / HTTP/1.1', 'Host: local/host'],
  ['GET / HTTP/1.1', 'Host: localhost\r\nHost: localhost'],
  ['GET / HTTP/1.1', 'Host: [::1'],
  ['GET / HTTP/1.1', 'Host: \xff'],
  ['GET http://localhost/ HTTP/1.1', 'Host: localhost'],
  ['OPTIONS * HTTP/1.1', 'Host: localhost'],
  ['GET nowhere HTTP/1.1', 'Host: localhost'],
  ['get / HTTP/1.1', 'Host: localhost'],
  ['GET / HTTP/1.1', 'Host: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked'],
  ['GET / HTTP/1.1', 'Host: localhost\r\nContent-Length: 1\r\nContent-Length: 2'],
  ['GET / HTTP/1.1', 'Host: localhost\r\nX-A: a\0b'],
  ['GET / HTTP/1.1', 'X-No-Host: 1\r\nHos: x'],
])('%j with %j is a 400', async (line, headers) => {
  const port = await start(hello)
  expect(status(await raw(port, `${line}\r\n${headers}\r\nConnection: close\r\n\r\n`))).toBe(400)
  expect(reports).toEqual([])
})

test('no target and no header makes the edge itself fail', async () => {
  const port = await start(hello)
  const bytes = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (target, value) => {
      const answer = await ask(port, `GET /${target} HTTP/1.1`, [`X-Any: ${value}`])
      expect([200, 400]).toContain(status(answer))
    }),
    { numRuns: 200 },
  )
  expect(reports).toEqual([])
})

test('TRACE is refused and CONNECT gets nothing', async () => {
  const port = await start(hello)
  const answer = await ask(port, 'TRACE / HTTP/1.1')
  expect(status(answer)).toBe(405)
  expect(answer).toContain('\r\nAllow: ')
  expect(await ask(port, 'CONNECT localhost:80 HTTP/1.1')).toBe('')
})

test('a head beyond 16 KiB is a 431', async () => {
  const port = await start(hello)
  expect(status(await ask(port, 'GET / HTTP/1.1', [`X-Long: ${'x'.repeat(20_000)}`]))).toBe(431)
})

test('on loopback only loopback names are served, and those that are allowed', async () => {
  const port = await start(hello, { allowedHosts: ['jobs.example'] })
  for (const host of ['localhost', `127.0.0.1:${port}`, '127.9.9.9', '[::1]:4000', 'LOCALHOST', 'jobs.example:80']) {
    expect(status(await ask(port, 'GET / HTTP/1.1', [`Host: ${host}`])), host).toBe(200)
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '0.0.0.0']) {
    expect(status(await ask(port, 'GET / HTTP/1.1', [`Host: ${host}`])), host).toBe(421)
  }
})

test('on a public address any host name is served, unless some are named', async () => {
  const open = await start(hello, { host: '0.0.0.0' })
  expect(status(await ask(open, 'GET / HTTP/1.1', ['Host: any.example']))).toBe(200)
  await running?.close(0)
  const named = await start(hello, { host: '0.0.0.0', allowedHosts: ['jobs.example'] })
  expect(status(await ask(named, 'GET / HTTP/1.1', ['Host: any.example']))).toBe(421)
})

test('a page of another origin may send GET, but nothing that changes state or opens a WebSocket', async () => {
  const port = await start(hello, { allowedOrigins: ['https://ui.example'] })
  const post = async (...headers: string[]) =>
    status(await ask(port, 'POST /x HTTP/1.1', ['Content-Length: 0', ...headers]))
  expect(await post()).toBe(200)
  expect(await post(`Origin: http://localhost:${port}`)).toBe(200)
  expect(await post('Origin: https://ui.example')).toBe(200)
  expect(await post('Origin: https://jobs.example', 'X-Forwarded-Host: jobs.example')).toBe(200)
  expect(await post('Host: localhost:80', 'Origin: http://localhost')).toBe(200)
  for (const origin of [
    'http://evil.example',
    `http://127.0.0.1:${port}`,
    'http://localhost:1',
    'null',
    'file://',
    '',
  ]) {
    expect(await post(`Origin: ${origin}`), origin).toBe(403)
  }
  expect(status(await ask(port, 'GET / HTTP/1.1', ['Origin: http://evil.example']))).toBe(200)
  const upgrade = ['Origin: http://evil.example', 'Upgrade: websocket']
  expect(status(await ask(port, 'GET / HTTP/1.1', upgrade))).toBe(403)
})

test('HEAD sends the length and no body', async () => {
  const port = await start(async () => new Response('12345', { headers: { 'content-length': '5' } }))
  const answer = await ask(port, 'HEAD / HTTP/1.1')
  expect(answer).toContain('\r\nContent-Length: 5\r\n')
  expect(answer.endsWith('\r\n\r\n')).toBe(true)
})

test('an answer without a body says so', async () => {
  const port = await start(async () => new Response(null, { status: 202 }))
  const answer = await ask(port, 'POST / HTTP/1.1', ['Content-Length: 0'])
  expect(answer).toContain('\r\nContent-Length: 0\r\n')
  expect(answer).not.toContain('\r\nContent-Type:')
})

const echo: Handler = async (request) => {
  const bytes = await readBytes(request, 100)
  return 'fault' in bytes ? new Response(bytes.detail, { status: 413 }) : new Response(bytes)
}

test('bodies arrive whole, chunked or not', async () => {
  const port = await start(echo)
  expect(await ask(port, 'POST / HTTP/1.1', ['Content-Length: 5'], 'hello')).toContain('hello')
  const chunked = await ask(port, 'PUT / HTTP/1.1', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n')
  expect(chunked).toContain('abcde')
})

test('a body over the limit is refused and the connection stays usable', async () => {
  const port = await start(echo)
  const host = `Host: localhost:${port}`
  const long = `POST / HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n${'x'.repeat(200)}\r\n0\r\n\r\n`
  const announced = `POST / HTTP/1.1\r\n${host}\r\nContent-Length: 200\r\n\r\n${'x'.repeat(200)}`
  const short = `POST / HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`
  const answer = await raw(port, long + announced + short)
  expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 413', 'HTTP/1.1 200'])
})

test('"100 Continue" is said when the body is wanted and not before', async () => {
  const port = await start(async (request, meta) =>
    meta.target === '/no' ? new Response('no', { status: 403 }) : echo(request, meta),
  )
  const wanted = connect(port, '127.0.0.1')
  const answer = received(wanted)
  wanted.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`,
  )
  await vi.waitFor(() => expect(answer()).toContain('HTTP/1.1 100 Continue'))
  wanted.write('ok')
  await once(wanted, 'close')
  expect(answer()).toMatch(/200 OK[\s\S]*ok/)
  const refused = await ask(port, 'POST /no HTTP/1.1', ['Expect: 100-continue', 'Content-Length: 2'])
  expect(refused).not.toContain('100 Continue')
  expect(status(refused)).toBe(403)
})

test('a handler that throws is a masked 500, reported once', async () => {
  const port = await start(async () => Promise.reject(new Error('secret 42')))
  const answer = await ask(port, 'GET / HTTP/1.1')
  expect(status(answer)).toBe(500)
  expect(answer).not.toContain('secret')
  expect(reports).toHaveLength(1)
})

test('a stream that breaks cuts the connection', async () => {
  const source = { pull: (controller: ReadableStreamDefaultController) => controller.error(new Error('broken')) }
  const port = await start(async () => new Response(new ReadableStream(source, { highWaterMark: 0 })))
  const answer = await ask(port, 'GET / HTTP/1.1')
  expect(answer.endsWith('0\r\n\r\n')).toBe(false)
  expect(reports).toHaveLength(1)
})

test('the head of a silent stream is sent at once, and its source stops when the client leaves', async () => {
  const stopped = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<RequestMeta>()
  const port = await start(async (_request, meta) => {
    seen.resolve(meta)
    const aborted = once(meta.signal, 'abort')
    const body = new ReadableStream({ cancel: () => void aborted.then(() => stopped.resolve()) })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  })
  const socket = connect(port, '127.0.0.1')
  const answer = received(socket)
  socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await vi.waitFor(() => expect(answer()).toContain('text/event-stream'))
  socket.destroy()
  await stopped.promise
  expect((await seen.promise).signal.aborted).toBe(true)
  expect(reports).toEqual([])
})

test('a stream is produced no faster than it is read', async () => {
  let made = 0
  const chunk = new Uint8Array(65_536)
  const port = await start(
    async () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            made += 1
            controller.enqueue(chunk)
          },
        }),
      ),
  )
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'readable')
  // Unread, the sockets' buffers fill up and production must come to a stop, here seen as 1,000 idle turns.
  let last = -1
  let idle = 0
  while (idle < 1000) {
    idle = made === last ? idle + 1 : 0
    last = made
    await turn()
  }
  expect(made * chunk.byteLength).toBeLessThan(64 * 1024 * 1024)
  socket.destroy()
})

test('a client that leaves while its answer is being made aborts the work, which is no error', async () => {
  const entered = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  const port = await start(async (_request, meta) => {
    entered.resolve()
    await once(meta.signal, 'abort')
    left.resolve()
    throw new Error('abandoned')
  })
  const request = httpRequest({ port, host: '127.0.0.1', path: '/' })
  request.on('error', () => {})
  request.end()
  await entered.promise
  request.destroy()
  await left.promise
  await turn()
  expect(reports).toEqual([])
})

test('close lets a request finish, refuses new ones and ends idle connections', async () => {
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const port = await start(async () => {
    entered.resolve()
    await release.promise
    return new Response('done')
  })
  const idle = connect(port, '127.0.0.1')
  await once(idle, 'connect')
  const answer = raw(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await entered.promise
  const closed = running?.close(60_000)
  const late = connect(port, '127.0.0.1')
  await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  release.resolve()
  expect(await answer).toContain('done')
  await closed
  idle.destroy()
})

test('close cuts what does not finish in time', async () => {
  const entered = Promise.withResolvers<void>()
  const port = await start(() => {
    entered.resolve()
    return new Promise(() => {})
  })
  const answer = raw(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await entered.promise
  await running?.close(20)
  expect(await answer).toBe('')
})

test('the limits of time are those that slow clients are held to', async () => {
  await start(hello)
  expect(running?.server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxRequestsPerSocket: 1000,
    maxConnections: 20_000,
  })
})
