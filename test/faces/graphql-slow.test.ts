import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import WebSocket from 'ws'
import { recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

type Message = { readonly type: string; readonly payload?: { readonly data?: { readonly jobStatusChanged: Event } } }
type Event = { readonly kind: string; readonly cursor: string; readonly index: string }

/** Each frame is large, so that few of them fill what the kernel keeps for a client. */
const fields = Array.from({ length: 20 }, (_, n) => `${'a_long_name_for_a_field_'.repeat(20)}${n}: cursor`).join(' ')
const watch = `subscription ($after: String) {
  jobStatusChanged(after: $after, snapshot: false) { kind cursor index ${fields} }
}`
const changes = 3_000
const cut = 'A client that reads too slowly was closed'

onBothStores('A client that stops reading', (kind) => {
  const warnings: string[] = []
  let test: GraphqlGateway
  beforeAll(async () => {
    const log = {
      debug: () => {},
      info: () => {},
      warn: (message: string) => void warnings.push(message),
      error: console.error,
    }
    test = await openGraphql(kind, { slowReaderMs: 300, log })
  })
  afterEach(() => {
    warnings.length = 0
  })
  afterAll(async () => {
    await test.close()
  })

  async function subscribe(after?: string) {
    const socket = new WebSocket(test.url.replace('http', 'ws'), 'graphql-transport-ws')
    const events: Event[] = []
    socket.on('message', (data) => {
      const { type, payload }: Message = JSON.parse(String(data))
      if (type === 'connection_ack')
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: watch, variables: { after } } }))
      if (payload?.data) events.push(payload.data.jobStatusChanged)
    })
    const closed = once(socket, 'close').then(([code]) => Number(code))
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init' }))
    return { socket, events, closed }
  }

  /** Asks for server-sent events over a bare socket, which alone can stop reading; `cursors` are of whole events. */
  function listen() {
    const body = JSON.stringify({ query: watch })
    const client = connect(test.port, '127.0.0.1')
    let heard = ''
    client.setEncoding('utf8').on('data', (text) => {
      heard += text
    })
    const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:${test.port}\r\nAccept: text/event-stream`
    client.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    // The gateway resets a connection that it cuts.
    const closed = new Promise((resolve) => client.on('error', resolve).on('close', resolve))
    const cursors = () =>
      [...heard.matchAll(/"kind":"\w+","cursor":"([^"]+)".*\n\n/g)].map(([, cursor]) => String(cursor))
    return { client, cursors, closed }
  }

  /** Makes a job whose moves, all of one commit, are made when they are asked for. */
  async function moveALot() {
    const type = await registerCommand(test, 'slow', 'true')
    const job = await queue(test, type)
    const moves = Array.from({ length: changes }, (_, n) => ({
      kind: 'JOB' as const,
      entityId: job.id,
      from: n % 2 === 0 ? 'QUEUED' : 'RUNNING',
      to: n % 2 === 0 ? 'RUNNING' : 'QUEUED',
    }))
    return () => writing(test.store, (tx) => recordChanges(tx, moves))
  }

  it('of server-sent events is cut, holds up nobody, and resumes without loss', async () => {
    const move = await moveALot()
    const quick = await subscribe()
    const slow = listen()
    await until('both to follow', () => slow.cursors().length > 0 && quick.events.length > 0)
    slow.client.pause()
    await move()
    await until('the quick one to be told all', () => quick.events.length === 1 + changes)
    await until('the gateway to cut it', () => warnings.includes(cut))
    slow.client.resume()
    await slow.closed
    const heard = slow.cursors()
    expect(heard.length).toBeLessThan(1 + changes)
    const resumed = await subscribe(heard.at(-1))
    await until('the rest', () => heard.length + resumed.events.length === 1 + changes)
    expect([...heard, ...resumed.events.map(({ cursor }) => cursor)]).toEqual(quick.events.map(({ cursor }) => cursor))
    resumed.socket.close()
    quick.socket.close()
  })

  it('is closed with 1013, holds up nobody, and resumes without loss', async () => {
    const move = await moveALot()
    const slow = await subscribe()
    const quick = await subscribe()
    await until('both to follow', () => slow.events.length > 0 && quick.events.length > 0)
    slow.socket.pause()
    await move()
    await until('the quick one to be told all', () => quick.events.length === 1 + changes)
    expect(slow.events).toHaveLength(1)
    await until('the gateway to close it', () => warnings.includes(cut))
    slow.socket.resume()
    expect(await slow.closed).toBe(1013)
    expect(slow.events.length).toBeLessThan(1 + changes)
    const resumed = await subscribe(slow.events.at(-1)?.cursor)
    await until('the rest', () => slow.events.length + resumed.events.length === 1 + changes)
    expect([...slow.events, ...resumed.events]).toEqual(quick.events)
    resumed.socket.close()
    quick.socket.close()
  })
})
