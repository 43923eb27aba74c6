import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

  it('of server-sent events is cut, and holds up nobody', async () => {
    const move = await moveALot()
    const quick = await subscribe()
    const body = JSON.stringify({ query: watch })
    const client = connect(test.port, '127.0.0.1')
    const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:${test.port}\r\nAccept: text/event-stream`
    client.write(
      `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    let heard = ''
    client.setEncoding('utf8').on('data', (text) => {
      heard += text
    })
    client.on('error', () => {})
    await until('both to follow', () => heard.includes('"BOOKMARK"') && quick.events.length > 0)
    client.pause()
    const gone = once(client, 'close')
    const told = quick.events.length
    await move()
    await until('the quick one to be told all', () => quick.events.length === told + changes)
    await until('the gateway to cut it', () => warnings.length > 0)
    client.resume()
    await gone
    const cursors = [...heard.matchAll(/"index":"(\d+)"/g)]
    expect(cursors.length).toBeLessThan(changes)
    warnings.length = 0
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
    await until('the gateway to close it', () => warnings.includes('A client that reads too slowly was closed'))
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
