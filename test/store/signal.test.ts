import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ListenSignal } from '#store/signal.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { until } from '../support/wait.ts'

/** A way to Postgres that can be cut, or made to swallow what clients send. */
async function openProxy(target: URL) {
  const open = new Set<Socket>()
  let [accepted, swallowed, isSwallowing] = [0, 0, false]
  const server = createServer((client) => {
    accepted += 1
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
    }
    client.on('data', (data) => {
      if (isSwallowing) swallowed += data.length
      else upstream.write(data)
    })
    upstream.on('data', (data) => client.write(data))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(address.port)
  const cut = () => {
    for (const socket of open) socket.destroy()
    open.clear()
  }
  return {
    url: url.href,
    accepted: () => accepted,
    swallowed: () => swallowed,
    swallow: (swallows: boolean) => {
      isSwallowing = swallows
    },
    cut,
    close: async () => {
      cut()
      await new Promise((closed) => server.close(closed))
    },
  }
}

describe('The listening connection', () => {
  let test: TestStore
  beforeAll(async () => {
    test = await openTestStore('postgres')
  })
  afterAll(() => test.close())

  it('is made again once, also where a hint was on its way when it was lost', async () => {
    const proxy = await openProxy(new URL(test.url ?? ''))
    const heard: string[] = []
    const signal = new ListenSignal(proxy.url, () => {})
    const other = new ListenSignal(test.url ?? '', () => {})
    const connections = () => heard.filter((hint) => hint === '').length
    await other.start(() => {})
    await signal.start((hint) => heard.push(hint))
    for (const round of [1, 2]) {
      await until('it to listen', () => connections() >= round)
      expect(proxy.accepted()).toBe(round)
      other.send(`hint:${round}`)
      await until('the hint', () => heard.includes(`hint:${round}`))
      const before = proxy.swallowed()
      proxy.swallow(true)
      signal.send('lost')
      await until('a hint to be on its way', () => proxy.swallowed() > before)
      proxy.cut()
      proxy.swallow(false)
    }
    await until('it to listen again', () => connections() >= 3)
    expect(proxy.accepted()).toBe(3)
    await signal.stop()
    await other.stop()
    await proxy.close()
  })

  it('tells all where there are more hints than a message holds', async () => {
    const url = test.url ?? ''
    const [sender, listener] = [new ListenSignal(url, () => {}), new ListenSignal(url, () => {})]
    const heard: string[] = []
    await listener.start((hint) => heard.push(hint))
    await sender.start(() => {})
    expect(heard).toEqual([''])
    for (let id = 1; id <= 500; id += 1) sender.send(`log:${id}`)
    await until('the hint that means all', () => heard.length > 1)
    expect(heard).toEqual(['', ''])
    await sender.stop()
    await listener.stop()
  })
})
