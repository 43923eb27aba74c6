import { once } from 'node:events'
import { createServer, IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { frameOf } from '#edge/graphql-socket-frame.ts'
import { openOutlet } from '#edge/graphql-socket-outlet.ts'
import { until } from '../support/wait.ts'

const frame = (text: string) => frameOf(Buffer.from(text))

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
    await outlet(frame(text))
    await outlet(frameOf(Buffer.from('in '), Buffer.from(''), Buffer.from('parts')))
    await until('both to come', () => heard.length === 2)
    expect(heard[0] === text).toBe(true)
    expect(heard[1]).toBe('in parts')
  })

  it('lets the first frame of a turn leave at once and the others together at its end, in order', async () => {
    const { socket, transport, outlet, heard } = await connect()
    await turn()
    for (const round of [0, 1]) {
      const frames = ['first', 'second', 'third'].map((word) => frame(`${word} ${round}`))
      const [first, second, third] = frames
      if (first === undefined || second === undefined || third === undefined) throw new Error('there are three')
      void outlet(first)
      expect([transport.writableCorked, transport.writableLength]).toEqual([0, 0])
      void outlet(second)
      socket.ping()
      const pingBytes = transport.writableLength - second.length
      expect(pingBytes).toBeGreaterThan(0)
      void outlet(third)
      expect(transport.writableLength).toBe(second.length + pingBytes + third.length)
      expect(transport.writableCorked).toBe(1)
      await turn()
      expect([transport.writableCorked, transport.writableLength]).toEqual([0, 0])
    }
    await until('all to come', () => heard.length === 8)
    const words = (round: number) => [`first ${round}`, `second ${round}`, 'ping', `third ${round}`]
    expect(heard).toEqual([...words(0), ...words(1)])
  })

  /** Writes until there is no more room; the promise is that of the last frame. */
  async function fill({ outlet, transport }: Awaited<ReturnType<typeof connect>>) {
    const large = frame('x'.repeat(30_000))
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
    expect(await isOpen(opened.outlet(frame('one more')))).toBe(false)
    opened.client.resume()
    await room
    expect(await isOpen(opened.outlet(frame('the last')))).toBe(true)
    await until('all to come', () => opened.heard.length === count + 2)
    expect(opened.heard.slice(-2)).toEqual(['one more', 'the last'])
  })

  it('lets nobody wait for a socket that is gone', async () => {
    const opened = await connect()
    opened.client.pause()
    const { room } = await fill(opened)
    opened.socket.terminate()
    await room
    await opened.outlet(frame('to nobody'))
  })

  it('sends nothing more to a socket that is closing, and lets its streams wait until it is closed', async () => {
    const opened = await connect()
    opened.client.pause()
    opened.socket.close(4000)
    const room = opened.outlet(frame('too late'))
    expect(await isOpen(room)).toBe(false)
    opened.client.resume()
    await room
    expect(opened.socket.readyState).toBe(opened.socket.CLOSED)
    expect(opened.heard).toEqual([])
  })
})
