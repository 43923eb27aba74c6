import { once } from 'node:events'
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

  it('is closed with 1013, holds up nobody, and resumes without loss', async () => {
    const type = await registerCommand(test, 'slow', 'true')
    const job = await queue(test, type)
    const slow = await subscribe()
    const quick = await subscribe()
    await until('both to follow', () => slow.events.length > 0 && quick.events.length > 0)
    slow.socket.pause()
    const moves = Array.from({ length: changes }, (_, n) => ({
      kind: 'JOB' as const,
      entityId: job.id,
      from: n % 2 === 0 ? 'QUEUED' : 'RUNNING',
      to: n % 2 === 0 ? 'RUNNING' : 'QUEUED',
    }))
    await writing(test.store, (tx) => recordChanges(tx, moves))
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
