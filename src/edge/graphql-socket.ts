/** GraphQL over WebSocket: the graphql-transport-ws protocol on `ws`, with the bounds that neither package sets. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CloseCode, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { exactNumber, isObject } from '#model/json.ts'
import { admit } from './admission.ts'
import { type Outlet, openOutlet } from './graphql-socket-outlet.ts'
import type { UpgradeHost } from './http.ts'

/** Operations that one socket may have under way. */
export const operationsPerSocket = 20
/** The close code of a socket that asks for more than its share. */
export const tooMany = 4429

const maxPayload = 65_536
const serverKinds = ['connection_ack', 'next', 'error']
const pingMs = 12_000
/** Pings that a socket with a backlog may leave unanswered. */
const patience = 4
const initWaitMs = 3_000
/** How long a socket that was told to close may take before it is cut. */
const closeGraceMs = 1_000

/** How an operation is made ready and run, as `graphql-ws` asks for it. */
export type Operations = Required<Pick<ServerOptions, 'onSubscribe' | 'execute' | 'subscribe' | 'onOperation'>>

/** Sockets of one server. */
export type SocketServer = {
  /** Takes the upgrades of `/graphql` that `admit` lets in; others are answered and cut. */
  attach(host: UpgradeHost): void
  /** How many sockets are open. */
  count(): number
  /** Tells every socket 1001 and cuts those that stay. */
  dispose(): Promise<void>
}

/** Makes the sockets' end; `report` hears of bugs. */
export function createSocketServer(operations: Operations, report: (bug: unknown) => void): SocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, handleProtocols })
  const protocol = makeServer({ connectionInitWaitTimeout: initWaitMs, jsonMessageReviver: reviver, ...operations })
  const attached: { server: Server; upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void }[] = []
  return {
    attach({ server, policy, slow }) {
      const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
        const admission = admit(req, policy)
        if ('refusal' in admission) return refuse(socket, admission.refusal.status, admission.refusal.text)
        if (admission.target.split('?', 1)[0] !== '/graphql') return refuse(socket, 404, 'Nothing is served here.')
        sockets.handleUpgrade(req, socket, head, (ws) => serve(ws, protocol, openOutlet(ws, req.socket, slow), report))
      }
      server.on('upgrade', upgrade)
      attached.push({ server, upgrade })
    },
    count: () => sockets.clients.size,
    async dispose() {
      for (const { server, upgrade } of attached) server.off('upgrade', upgrade)
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, closeGraceMs)
      for (const socket of sockets.clients) socket.close(1001, 'Going away')
      await new Promise<void>((resolve) => sockets.close(() => resolve()))
      clearTimeout(cut)
    },
  }
}

/** `parseJson` by another door: the protocol reads its messages with a reviver. */
function reviver(this: unknown, ...args: readonly unknown[]): unknown {
  const [key, value, context] = args
  return exactNumber(String(key), value, typeof context === 'object' && context !== null ? context : {})
}

function serve(
  socket: WebSocket,
  protocol: ReturnType<typeof makeServer>,
  outlet: Outlet,
  report: (bug: unknown) => void,
): void {
  // A peer that breaks the protocol of the socket itself is closed by `ws`; that is its own affair.
  socket.on('error', () => {})
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // A slow reader holds up its own streams and nobody else's.
      send: (message) => outlet(Buffer.from(message)),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) => {
        socket.on('message', (data) => {
          const text = String(data)
          take(text).catch((error: unknown) => {
            // The protocol refuses what is no message, but throws at one that only a server may send.
            if (isOfServer(text)) return socket.close(CloseCode.BadRequest, 'Invalid message received')
            report(error)
            socket.close(CloseCode.InternalServerError, 'Internal server error')
          })
        })
      },
    },
    { socket, outlet },
  )
  const stopPings = ping(socket)
  socket.once('close', (code, reason) => {
    stopPings()
    closed(code, String(reason)).catch(report)
  })
}

/** Whether a message is of a kind that clients do not send. */
function isOfServer(text: string): boolean {
  const message: unknown = JSON.parse(text)
  return isObject(message) && serverKinds.includes(String(message.type))
}

/**
 * Pings a socket, and cuts it where no pong came by the next ping: it is gone. A ping may have to wait behind frames
 * that the client has yet to read, so a socket with a backlog is given more time than its slow reader has.
 */
function ping(socket: WebSocket): () => void {
  let unanswered = 0
  socket.on('pong', () => {
    unanswered = 0
  })
  const timer = setInterval(() => {
    if (unanswered >= (socket.bufferedAmount > 0 ? patience : 1)) return socket.terminate()
    unanswered += 1
    socket.ping()
  }, pingMs)
  return () => clearInterval(timer)
}

function refuse(socket: Duplex, status: number, text: string): void {
  socket.on('error', () => {})
  const head = `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8`
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}
