import { once } from 'node:events'
import { createServer, IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { openOutlet } from '#edge/graphql-socket-outlet.ts'
import { until } from '../support/wait.ts'

const bytes = (text: string) => Buffer.from(text)

describe('The way out of a socket', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** A client, and the outlet to it; `heard` has its messages and pings in order. */
  async function connect(slowMs = 60_000) {
    const server = createServer()
    const sockets = new WebSocketServer({ server, perMessageDeflate: false })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('there is no port')
    const accepted = once(sockets, 'connection')
    const client = new WebSocket(`ws://127.0.0.1:${address.port}`)
    const heard: string[] = []
    client.on('message', (data, isBinary) => heard.push(isBinary ? 'binary' : String(data)))
    client.on('ping', () => heard.push('ping'))
    await once(client, 'open')
    const [socket, request]: unknown[] = await accepted
    if (!(socket instanceof WebSocket && request instanceof IncomingMessage)) throw new Error('nobody connected')
    const transport = request.socket
    const outlet = openOutlet(socket, transport, { ms: slowMs, closed: () => {} })
    ends.push(async () => {
      client.terminate()
      socket.terminate()
      sockets.close()
      await new Promise((closed) => server.close(closed))
    })
    return { client, socket, transport, outlet, heard }
  }

  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('carries a text of %i bytes whole', async (length) => {
    const { outlet, heard } = await connect()
    const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)
    await outlet(bytes(text))
    await outlet(bytes('the next'))
    await until('both to come', () => heard.length === 2)
    expect(heard[0] === text).toBe(true)
    expect(heard[1]).toBe('the next')
  })

  it('lets the first frame of a turn leave at once and the others together at its end, in order', async () => {
    const { socket, transport, outlet, heard } = await connect()
    await turn()
    for (const round of [0, 1]) {
      const waiting = () => [transport.writableCorked, transport.writableLength]
      void outlet(bytes(`first ${round}`))
      expect(waiting()).toEqual([0, 0])
      // A head of two bytes goes before each.
      void outlet(bytes(`second ${round}`))
      expect(waiting()).toEqual([1, 10])
      socket.ping()
      expect(waiting()).toEqual([1, 12])
      void outlet(bytes(`third ${round}`))
      expect(waiting()).toEqual([1, 21])
      await turn()
      expect([transport.writableCorked, transport.writableLength]).toEqual([0, 0])
    }
    await until('all to come', () => heard.length === 8)
    const words = (round: number) => [`first ${round}`, `second ${round}`, 'ping', `third ${round}`]
    expect(heard).toEqual([...words(0), ...words(1)])
  })

  /** Writes until there is no more room; the promise is that of the last frame. */
  async function fill({ outlet, transport }: Awaited<ReturnType<typeof connect>>) {
    const large = bytes('x'.repeat(30_000))
    for (let count = 1; ; count += 1) {
      const room = outlet(large)
      if (transport.writableLength > 65_536) return { count, room }
      await room
      await turn()
    }
  }

  async function isOpen(room: Promise<void>): Promise<boolean> {
    return Promise.race([room.then(() => true), turn(false)])
  }

  it('lets whoever sends wait while its client does not read, and go on when it does', async () => {
    const opened = await connect()
    opened.client.pause()
    const { count, room } = await fill(opened)
    expect(await isOpen(room)).toBe(false)
    expect(await isOpen(opened.outlet(bytes('one more')))).toBe(false)
    opened.client.resume()
    await room
    expect(await isOpen(opened.outlet(bytes('the last')))).toBe(true)
    await until('all to come', () => opened.heard.length === count + 2)
    expect(opened.heard.slice(-2)).toEqual(['one more', 'the last'])
  })

  it('lets nobody wait for a socket that is gone', async () => {
    const opened = await connect()
    opened.client.pause()
    const { room } = await fill(opened)
    opened.socket.terminate()
    await room
    await opened.outlet(bytes('to nobody'))
  })

  it('sends nothing more to a socket that is closing, and lets its streams wait until it is closed', async () => {
    const opened = await connect()
    opened.client.pause()
    opened.socket.close(4000)
    const room = opened.outlet(bytes('too late'))
    expect(await isOpen(room)).toBe(false)
    opened.client.resume()
    await room
    expect(opened.socket.readyState).toBe(opened.socket.CLOSED)
    expect(opened.heard).toEqual([])
  })
})
