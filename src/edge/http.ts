/** The HTTP edge: node:http on one side, fetch `Request` and `Response` on the other, limits and browser checks between. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { UnderlyingSource } from 'node:stream/web'
import type { RequestMeta } from '#rest/route.ts'
import { type Admission, type AdmissionPolicy, admit } from './admission.ts'

/** Answers a request; a rejection becomes a masked 500. */
export type Handler = (request: Request, meta: RequestMeta) => Promise<Response>

/** Where to listen, and whom to answer. */
export type HttpOptions = {
  /** The address to bind; on a loopback address only loopback names are taken as Host. */
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** Further values that Host may have, such as `jobs.example` or `jobs.example:8443`; any other is refused on loopback. */
  readonly allowedHosts?: readonly string[]
  /** Origins besides our own whose pages may send anything but GET and HEAD, such as `https://ui.example`. */
  readonly allowedOrigins?: readonly string[]
  /** Milliseconds for which a client may leave a socket or an event stream blocked unread; absent means 30,000. */
  readonly slowReaderMs?: number
  /** Told in words of each client that was cut for it. */
  readonly warn: (message: string) => void
  /** Told of each rejection of the handler and each response stream that broke, with the stack. */
  readonly report: (error: unknown) => void
}

/** How long a client may leave a stream blocked, in milliseconds, and who hears that one was cut for it. */
export type SlowPolicy = { readonly ms: number; readonly closed: () => void }

/** What takes WebSocket upgrades needs of a server. */
export type UpgradeHost = {
  /** Whoever takes an upgrade of it must ask `admit` first. */
  readonly server: Server
  /** What `admit` holds every request against. */
  readonly policy: AdmissionPolicy
  /** What slow readers are held against, on a socket as on an event stream. */
  readonly slow: SlowPolicy
}

/** A server that is started and stopped once. */
export type HttpServer = UpgradeHost & {
  /** Starts to accept. @throws Error where the address cannot be bound */
  listen(): Promise<AddressInfo>
  /** Stops accepting, lets requests in flight finish for at most so many milliseconds, then cuts every socket. */
  close(deadlineMs: number): Promise<void>
}

const limits = {
  headersTimeout: 10_000,
  // Covers receiving a request only, so long polls and streams are safe.
  requestTimeout: 30_000,
  // Longer than the 60 s of common load balancers, so that they and not we end an idle connection.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
}

/** Header names whose customary spelling is not one capital per word. */
const spellings = new Map(['waitIndex', 'ETag', 'WWW-Authenticate'].map((name) => [name.toLowerCase(), name]))

/** Makes a server that hands every admissible request to `handler`; it listens only when told to. */
export function createHttpServer(handler: Handler, options: HttpOptions): HttpServer {
  const { host, allowedHosts = [], allowedOrigins = [], slowReaderMs = 30_000, warn, report } = options
  const policy: AdmissionPolicy = { boundTo: host, allowedHosts, allowedOrigins }
  const slow = { ms: slowReaderMs, closed: () => warn('A client that reads too slowly was closed') }
  const server = createServer(limits)
  server.maxRequestsPerSocket = 1000
  server.maxConnections = 20_000
  const sockets = new Set<Socket>()
  let isClosing = false
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const take = (req: IncomingMessage, res: ServerResponse) => {
    res.once('finish', () => isClosing && server.closeIdleConnections())
    if (isClosing) res.setHeader('Connection', 'close')
    serve(handler, policy, slow, req, res).catch((error: unknown) => {
      // What fails because the client left is its own affair.
      if (!res.destroyed) report(error)
      fail(res)
    })
  }
  server.on('request', take)
  // With this listener it is ours to say "continue", and that is said only once somebody reads the body.
  server.on('checkContinue', take)

  return {
    server,
    policy,
    slow,
    async listen() {
      server.listen(options.port, host)
      await once(server, 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('the server has no network address')
      return address
    },
    async close(deadlineMs) {
      if (!server.listening) return
      isClosing = true
      const closed = once(server, 'close')
      server.close()
      // Node does not count a connection that has yet to say a word as idle; browsers keep such ones in reserve.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, deadlineMs)
      await closed
      clearTimeout(timer)
    },
  }
}

async function serve(
  handler: Handler,
  policy: AdmissionPolicy,
  slow: SlowPolicy,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const admission = admit(req, policy)
  if ('refusal' in admission) return refuse(res, admission.refusal.status, admission.refusal.text)
  const gone = new AbortController()
  const request = toRequest(req, res, admission)
  if (request === null) return refuse(res, 400, 'Bad Request')
  res.once('close', () => res.writableFinished || gone.abort(new Error(`${req.method} was abandoned by its client`)))
  const remoteAddress = req.socket.remoteAddress ?? null
  const response = await handler(request, { target: admission.target, remoteAddress, signal: gone.signal })
  await send(response, slow, req, res)
}

/** Without a signal of its own, which `meta` has. Null where fetch cannot express the request, which no sane client sends. */
function toRequest(req: IncomingMessage, res: ServerResponse, admission: Admission): Request | null {
  try {
    const headers = new Headers()
    for (const [name, values] of Object.entries(req.headersDistinct)) {
      for (const value of values ?? []) headers.append(name, value)
    }
    const url = `http://${admission.authority}${admission.target}`
    const method = req.method ?? 'GET'
    if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers })
    // Node's fetch wants `duplex` for a streamed body; the types of browsers, which a package brings in, do not know it.
    const streamed = { method, headers, body: bodyOf(req, res), duplex: 'half' }
    return new Request(url, streamed)
  } catch {
    return null
  }
}

/** The body, pulled chunk by chunk. Cancelling it drains the rest: destroying it would take the reply's socket along. */
function bodyOf(req: IncomingMessage, res: ServerResponse): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = req.iterator({ destroyOnReturn: false })
  let waits = req.headers.expect?.toLowerCase() === '100-continue'
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      if (waits) res.writeContinue()
      waits = false
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await chunks.return?.()
      req.resume()
    },
  }
  return new ReadableStream(source, { highWaterMark: 0 })
}

/**
 * Sends a response at the pace of its reader, and stops its source as soon as the client is gone. A stream of events
 * that its client does not read is cut: its client can resume from the last cursor that it has handled.
 */
async function send(response: Response, slow: SlowPolicy, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (res.destroyed) return reader?.cancel()
  // Head and body go out in one write where both are there by the end of this turn; a response that ends writes at once.
  req.socket.cork()
  setImmediate(() => req.socket.uncork())
  writeHead(response, res)
  if (reader === undefined || req.method === 'HEAD') {
    res.end()
    return reader?.cancel()
  }
  res.once('close', () => reader.cancel().catch(() => {}))
  // A stream may be silent for long; its head must not wait for the first event.
  if (!res.hasHeader('content-length')) res.flushHeaders()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (!res.write(next.value) && !res.destroyed)
      await (isEventStream(response) ? drainedInTime(res, slow) : drained(res))
  }
  res.end()
}

function writeHead(response: Response, res: ServerResponse): void {
  res.statusCode = response.status
  for (const [name, value] of response.headers) if (name !== 'set-cookie') res.setHeader(spelled(name), value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) res.setHeader('Set-Cookie', cookies)
  protect(res)
}

/** A fetch `Headers` forgets how names were written; HTTP does not care, but recordings and readers do. */
function spelled(name: string): string {
  return spellings.get(name) ?? name.replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase())
}

/** Headers that every answer carries; a page of HTML names its own content policy. */
function protect(res: ServerResponse): void {
  res.setHeader('X-Content-Type-Options', 'nosniff')
  if (!res.hasHeader('cache-control')) res.setHeader('Cache-Control', 'no-store')
  const isHtml = String(res.getHeader('content-type') ?? '').startsWith('text/html')
  if (!isHtml && !res.hasHeader('content-security-policy')) {
    res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  }
}

/** Whether an answer is a stream of server-sent events. */
export function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false
}

async function drainedInTime(res: ServerResponse, { ms, closed }: SlowPolicy): Promise<void> {
  const timer = setTimeout(() => {
    res.destroy()
    closed()
  }, ms)
  await drained(res)
  clearTimeout(timer)
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done)
      res.off('close', done)
      resolve()
    }
    res.on('drain', done)
    res.on('close', done)
  })
}

function refuse(res: ServerResponse, status: number, text: string): void {
  res.statusCode = status
  if (status === 405) res.setHeader('Allow', 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT')
  res.setHeader('Content-Type', 'text/plain; charset=utf-8')
  protect(res)
  res.end(text)
}

/** The end of a request whose handler threw or whose stream broke: 500, or a cut connection once the head is out. */
function fail(res: ServerResponse): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  for (const name of res.getHeaderNames()) res.removeHeader(name)
  refuse(res, 500, 'Internal Server Error')
}
