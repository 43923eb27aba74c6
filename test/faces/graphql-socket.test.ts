import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'

type Message = { readonly type: string; readonly id?: string; readonly payload?: unknown }

describe('GraphQL over WebSocket', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('pglite')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  /** A bare socket, and what came over it. */
  async function open(headers: Readonly<Record<string, string>> = {}) {
    const socket = new WebSocket(test.url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
    const messages: Message[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    await once(socket, 'open')
    const next = async (type: string): Promise<Message> => {
      for (;;) {
        const found = messages.find((message) => message.type === type)
        if (found !== undefined) return found
        await once(socket, 'message')
      }
    }
    const closed = once(socket, 'close').then(([code]) => Number(code))
    return {
      socket,
      next,
      closed,
      send: (message: object | string) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    }
  }

  async function ready() {
    const opened = await open()
    opened.send({ type: 'connection_init' })
    await opened.next('connection_ack')
    return opened
  }

  /** The status of an upgrade that is refused. */
  function refusedUpgrade(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
    return new Promise((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port: test.port,
        path,
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...headers,
        },
      })
      asked.on('response', (response) => resolve(response.statusCode ?? 0))
      asked.on('upgrade', () => reject(new Error('the upgrade was let in')))
      asked.on('error', reject)
      asked.end()
    })
  }

  it('runs a query, and says complete', async () => {
    const { send, next, socket } = await ready()
    send({ type: 'subscribe', id: '1', payload: { query: '{ changeIndex { value } }' } })
    expect(await next('next')).toMatchObject({
      id: '1',
      payload: { data: { changeIndex: { value: expect.any(String) } } },
    })
    expect(await next('complete')).toEqual({ type: 'complete', id: '1' })
    socket.close()
  })

  it.each([
    ['another origin', '/graphql', { origin: 'https://evil.example' }, 403],
    ['another host', '/graphql', { host: 'evil.example' }, 421],
    ['another path', '/v6/jobs/', {}, 404],
  ])('lets nobody in from %s', async (_what, path, headers, status) => {
    expect(await refusedUpgrade(path, headers)).toBe(status)
  })

  it('lets our own pages in', async () => {
    const { socket } = await open({ origin: `http://127.0.0.1:${test.port}` })
    socket.close()
  })

  it('W1 closes a socket that does not begin', async () => {
    expect(await (await open()).closed).toBe(4408)
  })

  it.each([
    ['W2 an operation before its turn', [{ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } }], 4401],
    ['a second beginning', [{ type: 'connection_init' }, { type: 'connection_init' }], 4429],
    ['what is no message', ['{'], 4400],
    ['a number that nobody can hold', ['{"type":"ping","payload":{"n":1e999}}'], 4400],
    ['W4 a frame beyond 64 KiB', ['x'.repeat(70_000)], 1009],
  ])('closes a socket that sends %s', async (_what, messages, code) => {
    const { send, closed } = await open()
    for (const message of messages) send(message)
    expect(await closed).toBe(code)
  })

  it('W3 closes a socket that uses an id twice', async () => {
    const { send, closed } = await ready()
    const subscribe = { type: 'subscribe', id: '1', payload: { query: 'subscription { jobStatusChanged { kind } }' } }
    send(subscribe)
    send(subscribe)
    expect(await closed).toBe(4409)
  })

  it.each(['next', 'error', 'connection_ack'])(
    'closes a socket that sends %s, which only a server may',
    async (kind) => {
      const { send, closed } = await ready()
      send({ type: kind, id: '1', payload: {} })
      expect(await closed).toBe(4400)
      expect(test.bugs).toEqual([])
    },
  )

  it('G33 closes a socket that wants more than 20 operations', async () => {
    const { send, next, closed, socket } = await ready()
    const query = 'subscription { jobStatusChanged { kind } }'
    for (let n = 1; n <= 20; n += 1) send({ type: 'subscribe', id: String(n), payload: { query } })
    await next('next')
    expect(socket.readyState).toBe(WebSocket.OPEN)
    send({ type: 'subscribe', id: '21', payload: { query } })
    expect(await closed).toBe(4429)
  })

  it.each([
    ['a document that is none', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ jobz }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'an operation that it has not',
      { query: 'query A { __typename }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['several and no name', { query: 'query A { __typename } query B { __typename }' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['too deep a document', { query: `{ ${'a { '.repeat(30)} b ${'} '.repeat(30)} }` }, 'LIMIT_EXCEEDED'],
    ['NUL in a variable', { query: '{ __typename }', variables: { a: '\u0000' } }, 'BAD_USER_INPUT'],
    [
      'deep variables',
      { query: '{ __typename }', variables: { a: JSON.parse('['.repeat(70) + ']'.repeat(70)) } },
      'BAD_USER_INPUT',
    ],
  ])('answers %s with an error', async (_what, payload, code) => {
    const { send, next, socket } = await ready()
    send({ type: 'subscribe', id: '1', payload })
    const { payload: errors } = await next('error')
    expect(errors).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ extensions: expect.objectContaining({ code }) })]),
    )
    socket.close()
  })

  it('answers too dear an operation, and a bad variable, with errors', async () => {
    const { send, next, socket } = await ready()
    const dear = '{ jobs(first: 1000) { edges { node { executions(first: 1000) { edges { cursor } } } } } }'
    send({ type: 'subscribe', id: '1', payload: { query: dear } })
    expect(await next('next')).toMatchObject({ payload: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] } })
    socket.close()
    const other = await ready()
    const query = 'subscription ($ids: [ID!]) { jobStatusChanged(ids: $ids) { kind } }'
    other.send({ type: 'subscribe', id: '1', payload: { query, variables: { ids: [{}] } } })
    expect(await other.next('next')).toMatchObject({
      payload: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    })
    other.socket.close()
  })

  it('tells every socket to go away when it closes', async () => {
    const own = await openGraphql('pglite')
    const socket = new WebSocket(own.url.replace('http', 'ws'), 'graphql-transport-ws')
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await own.edge.dispose()
    expect((await closed)[0]).toBe(1001)
    await own.close()
  })
})
