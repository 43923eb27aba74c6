/** How frames leave a socket: several of one turn in one write, and no more of them than its client reads. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { SlowPolicy } from './http.ts'

/** The close code of a client that was too slow: registered as "try again later", and clients take it as that. */
export const tooSlow = 1013

/** Bytes that may wait in a socket before its streams wait too. */
const backlogBytes = 65_536

/** Where messages are put, as text in UTF-8; resolves once there is room for the next, or the socket is closed. */
export type Outlet = (message: Uint8Array) => Promise<void>

const roomy = Promise.resolve()

/**
 * Opens the way out of a socket. While more than 64 KiB wait to be read by the client, whoever sends waits; a
 * socket that stands so for `slow.ms` is closed with 1013: its client can resume from the last cursor that it has handled.
 */
export function openOutlet(socket: WebSocket, transport: Socket, slow: SlowPolicy): Outlet {
  const write = gathering(socket, transport)
  let room: Promise<void> | null = null
  let closed: Promise<void> | null = null
  const waitForRoom = (sent: Promise<void>) => {
    const timer = setTimeout(() => {
      socket.close(tooSlow, 'The client reads too slowly')
      slow.closed()
    }, slow.ms)
    room = sent.finally(() => {
      clearTimeout(timer)
      room = null
    })
    return room
  }
  return (message) => {
    if (socket.readyState === socket.CLOSED) return roomy
    if (socket.readyState !== socket.OPEN) {
      // Nothing more is sent, and nothing more should be read for it.
      closed ??= new Promise((resolve) => socket.once('close', () => resolve()))
      return closed
    }
    if (room !== null || socket.bufferedAmount + message.length <= backlogBytes) {
      write(message)
      return room ?? roomy
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    write(message, () => resolve())
    return waitForRoom(promise)
  }
}

const asText = { binary: false }

/** Counts turns of the event loop, in which something was written. */
let turn = 0
let turnEnds: (() => void)[] | null = null

function atEndOfTurn(end: (() => void) | null): void {
  if (turnEnds === null) {
    turnEnds = []
    setImmediate(() => {
      const ends = turnEnds ?? []
      turnEnds = null
      turn += 1
      for (const one of ends) one()
    })
  }
  if (end !== null) turnEnds.push(end)
}

/** Lets the first frame of a turn leave at once, and those that follow in the same turn together at its end. */
function gathering(socket: WebSocket, transport: Socket): (message: Uint8Array, sent?: () => void) => void {
  let written = -1
  let isCorked = false
  return (message, sent) => {
    if (written === turn && !isCorked) {
      isCorked = true
      transport.cork()
      atEndOfTurn(() => {
        isCorked = false
        transport.uncork()
      })
    } else atEndOfTurn(null)
    written = turn
    socket.send(message, asText, sent)
  }
}
