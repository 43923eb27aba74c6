import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Lease } from '#model/execution.ts'
import { appendLog, claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

type Tail = { cursor: string; isEnd: boolean; lines: { order: number; stream: string; text: string }[] }

const tail = `subscription ($execution: ID!, $after: String, $last: Int, $streams: [String!]) {
  logTail(execution: $execution, after: $after, last: $last, filter: { streams: $streams }) { cursor isEnd lines { order stream text } }
}`

onBothStores('Logs', (kind) => {
  let test: GraphqlGateway

  beforeAll(async () => {
    test = await openGraphql(kind)
    await registerCommand(test, 'talker', 'true')
  })
  afterAll(() => test.close())

  /** An execution under way: its lease and global id. */
  async function start(): Promise<{ lease: Lease; id: string }> {
    const type = await registerCommand(test, 'talker', 'true')
    await queue(test, type)
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'w.test' })
    const [claim] = await claimJobs(test.context(), worker.id, 1)
    if (claim === undefined) throw new Error('nothing was claimed')
    return { lease: claim, id: Buffer.from(`JobExecution:${claim.executionId}`).toString('base64') }
  }

  function append(lease: Lease, texts: readonly string[], stream = 'stdout'): Promise<number> {
    const at = '2026-03-04T05:06:07Z'
    return appendLog(
      test.context(),
      lease,
      texts.map((text) => ({ stream, at, bytes: Buffer.from(`${text}\n`) })),
    )
  }

  function end(lease: Lease): Promise<void> {
    return reportOutcome(test.context(), lease, { kind: 'COMPLETED', exitCode: 0, output: {}, taskResults: null })
  }

  describe.each(['graphql-ws', 'sse'] as const)('followed over %s', (transport) => {
    it('come once and in order through reconnects, and end with the execution', async () => {
      const { lease, id } = await start()
      const total = 400
      const writing = (async () => {
        for (let n = 1; n <= total; n += 20)
          await append(
            lease,
            Array.from({ length: 20 }, (_, place) => `line ${n + place}`),
            n % 40 === 1 ? 'stdout' : 'stderr',
          )
        await end(lease)
      })()
      const seen: string[] = []
      let after: string | null = null
      let isEnd = false
      for (let turn = 1; !isEnd; turn += 1) {
        let batches = 0
        for await (const event of test.events<Tail>(transport, tail, { execution: id, after })) {
          seen.push(...event.lines.map(({ order, text }) => `${order} ${text}`))
          after = event.cursor
          isEnd = event.isEnd
          batches += 1
          if (batches >= turn % 4) break
        }
      }
      await writing
      expect(seen).toEqual(Array.from({ length: total }, (_, place) => `${place + 1} line ${place + 1}`))
      const rest = test.events<Tail>(transport, tail, { execution: id, after })
      expect((await rest.next()).value).toMatchObject({ lines: [], isEnd: true })
      expect((await rest.next()).done).toBe(true)
    })

    it('come of the streams asked for', async () => {
      const { lease, id } = await start()
      await append(lease, ['a', 'b'])
      await append(lease, ['c'], 'stderr')
      await append(lease, ['d'], 'report.txt')
      await end(lease)
      for (const [streams, texts] of [
        [['stderr'], ['c']],
        [
          ['stdout', 'report.txt'],
          ['a', 'b', 'd'],
        ],
        [null, ['a', 'b', 'c', 'd']],
        [[], []],
      ]) {
        const seen: string[] = []
        for await (const { lines } of test.events<Tail>(transport, tail, { execution: id, streams }))
          seen.push(...lines.map(({ text }) => text))
        expect(seen).toEqual(texts)
      }
    })

    it('begin with the last lines that are wanted, and go on with what comes', async () => {
      const { lease, id } = await start()
      await append(lease, ['a', 'b', 'c'])
      await append(lease, ['d'], 'stderr')
      const read = (last: number, more: object = {}) =>
        test.events<Tail>(transport, tail, { execution: id, last, ...more })
      const two = read(2)
      expect((await two.next()).value?.lines).toMatchObject([{ text: 'c' }, { text: 'd' }])
      await append(lease, ['e'])
      expect((await two.next()).value?.lines).toMatchObject([{ order: 5, text: 'e' }])
      await two.return?.()
      await end(lease)
      for (const [last, texts] of [
        [0, []],
        [1, ['e']],
        [10_000, ['a', 'b', 'c', 'd', 'e']],
      ] as const) {
        const seen: string[] = []
        for await (const { lines } of read(last)) seen.push(...lines.map(({ text }) => text))
        expect(seen).toEqual(texts)
      }
      for (const [last, more] of [
        [-1, {}],
        [10_001, {}],
        [1, { after: 'x' }],
      ] as const)
        await expect(read(last, more).next()).rejects.toMatchObject({ code: 'BAD_USER_INPUT', inputPath: ['last'] })
    })

    it('refuse places that are not of them', async () => {
      const { lease, id } = await start()
      await append(lease, ['a'])
      const cursor = (text: string) => Buffer.from(text).toString('base64url')
      const store = test.store.id.slice(0, 8)
      for (const [after, code] of [
        ['garbage', 'BAD_USER_INPUT'],
        [cursor(`log.${store}.${lease.executionId + 1}.1`), 'BAD_USER_INPUT'],
        [cursor(`log.${store}.${lease.executionId}.-1`), 'BAD_USER_INPUT'],
        [cursor(`log.${store}.${lease.executionId}.9999999999999999`), 'BAD_USER_INPUT'],
        [cursor(`log.00000000.${lease.executionId}.1`), 'FOREIGN_CURSOR'],
        [cursor(`log.${store}.${lease.executionId}.2`), 'FOREIGN_CURSOR'],
      ])
        await expect(test.events(transport, tail, { execution: id, after }).next()).rejects.toMatchObject({ code })
      const missing = Buffer.from('JobExecution:999999').toString('base64')
      await expect(test.events(transport, tail, { execution: missing }).next()).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      expect(test.bugs).toEqual([])
    })
  })

  it('are read in pages, from the start and from the end, of one stream or all', async () => {
    const { lease, id } = await start()
    for (let n = 0; n < 30; n += 1) await append(lease, [`out ${n}`, `out ${n}b`], 'stdout')
    await append(lease, ['err 0', 'err 1'], 'stderr')
    await append(lease, ['out last'], 'stdout')
    type Lines = {
      execution: {
        logLines: {
          totalCount: number
          edges: { cursor: string; node: { order: number; text: string } }[]
          pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean }
        }
      }
    }
    const read = async (args: string) =>
      (
        await test.data<Lines>(
          `{ execution(id: "${id}") { logLines(${args}) {
            totalCount edges { cursor node { order text } } pageInfo { hasNextPage hasPreviousPage }
          } } }`,
        )
      ).execution.logLines
    const texts = (lines: Awaited<ReturnType<typeof read>>) => lines.edges.map(({ node }) => node.text)
    const all = await read('first: 1000')
    expect(all.totalCount).toBe(63)
    expect(all.edges.map(({ node }) => node.order)).toEqual(Array.from({ length: 63 }, (_, place) => place + 1))
    const end = await read('last: 3')
    expect(texts(end)).toEqual(['err 0', 'err 1', 'out last'])
    expect(end.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true })
    expect(texts(await read(`last: 2, before: "${end.edges[0]?.cursor}"`))).toEqual(['out 29', 'out 29b'])
    expect(texts(await read('last: 2, streams: ["stdout"]'))).toEqual(['out 29b', 'out last'])
    const errors = await read('last: 5, streams: ["stderr"]')
    expect(errors).toMatchObject({ totalCount: 2, pageInfo: { hasPreviousPage: false } })
    expect(texts(errors)).toEqual(['err 0', 'err 1'])
    const both = 'last: 3, streams: ["stderr", "stdout", "none"]'
    expect(await read(both)).toEqual(await read('last: 3'))
    for (const slice of ['last: 3', 'first: 3'])
      expect(await read(`${slice}, streams: []`)).toEqual({
        totalCount: 0,
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false },
      })
    expect(await read('last: 3, streams: null')).toEqual(await read('last: 3'))
    const [first] = (await read('first: 1')).edges
    expect(texts(await read(`first: 2, after: "${first?.cursor}"`))).toEqual(['out 0b', 'out 1'])
  })
})
