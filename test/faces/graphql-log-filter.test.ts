import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Lease } from '#model/execution.ts'
import { claimJobs, registerWorker } from '#resolvers/work.ts'
import { claimAllocations, updateAllocation } from '#store/allocation-work.ts'
import { trimLog } from '#store/log-trim.ts'
import { appendLog } from '#store/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

type Gap = { lineCount: number; firstOrder: number; lastOrder: number; execution: { id: string } }
type Event = {
  cursor: string
  isEnd: boolean
  lines: { order: number; task: string; text: string }[]
  gap?: Gap | null
  gaps?: Gap[]
}

const fields = 'cursor isEnd lines { order task text }'
const gapFields = '{ lineCount firstOrder lastOrder execution { id } }'
const logTail = `subscription ($id: ID!, $after: String, $filter: LogLineFilter) {
  logTail(execution: $id, after: $after, filter: $filter) { ${fields} gap ${gapFields} }
}`
const jobLogTail = `subscription ($id: ID!, $after: String, $filter: LogLineFilter) {
  jobLogTail(job: $id, after: $after, filter: $filter) { ${fields} gaps ${gapFields} }
}`

const globalId = (type: string, id: number) => Buffer.from(`${type}:${id}`).toString('base64')
const line = (text: string, stream = 'stdout') => ({
  stream,
  at: '2026-03-04T05:06:07Z',
  bytes: Buffer.from(`${text}\n`),
})

async function next(events: AsyncIterator<Event>): Promise<Event> {
  const { value, done } = await events.next()
  if (done === true) throw new Error('the stream ended')
  return value
}

onBothStores('Logs behind a filter', (kind) => {
  let test: GraphqlGateway
  let stage: Stage

  beforeAll(async () => {
    test = await openGraphql(kind)
    stage = await setStage(test)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  /** An execution of the queue under way. */
  async function start(): Promise<{ lease: Lease; jobId: number }> {
    const type = await registerCommand(test, 'talker', 'true')
    const { id } = await queue(test, type)
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'w.test' })
    const [lease] = await claimJobs(test.context(), worker.id, 1)
    if (lease === undefined) throw new Error('nothing was claimed')
    return { lease, jobId: id }
  }

  /** An allocation that runs. */
  async function place(name: string): Promise<Lease> {
    await stage.register(name, instances(1))
    await stage.schedule()
    const [claim] = await claimAllocations(test.store, stage.worker, 1)
    if (claim === undefined) throw new Error('nothing was placed')
    const lease = { executionId: claim.allocation.executionId, token: claim.token }
    await updateAllocation(test.store, lease, { clientStatus: 'running', exitCode: null })
    return lease
  }

  describe.each(['graphql-ws', 'sse'] as const)('over %s', (transport) => {
    it.each([
      ['logTail', logTail],
      ['jobLogTail', jobLogTail],
    ] as const)(
      '%s tells how far it read where every line is hidden, and can be resumed there',
      async (name, query) => {
        const { lease, jobId } = await start()
        const id = name === 'logTail' ? globalId('JobExecution', lease.executionId) : globalId('QueuedJob', jobId)
        const hidden = Array.from({ length: 1_200 }, (_, n) => line(`hay ${n + 1}`))
        await appendLog(test.store, lease, 'main', hidden)
        const filter = { contains: 'needle' }
        const events = test.events<Event>(transport, query, { id, filter })
        const bookmark = await next(events)
        expect(bookmark).toMatchObject({ lines: [], isEnd: false })
        await appendLog(test.store, lease, 'main', [line('a needle'), line('hay')])
        const needle = [{ order: 1_201, task: 'main', text: 'a needle' }]
        expect(await next(events)).toMatchObject({ lines: needle })
        await events.return?.()
        const bare = test.events<Event>(transport, query, { id, after: bookmark.cursor })
        expect((await next(bare)).lines[0]).toEqual({ order: 1_001, task: 'main', text: 'hay 1001' })
        await bare.return?.()
        const resumed = test.events<Event>(transport, query, { id, filter, after: bookmark.cursor })
        expect(await next(resumed)).toMatchObject({ lines: needle })
        await resumed.return?.()
      },
    )

    it('logTail tells no line where no stream or no task is wanted, and its end all the same', async () => {
      const lease = await place(`none-${transport}`)
      const id = globalId('Allocation', lease.executionId)
      await appendLog(test.store, lease, 't1', [line('1')])
      await updateAllocation(test.store, lease, { clientStatus: 'complete', exitCode: 0 })
      for (const [filter, texts] of [
        [{ streams: [] }, []],
        [{ tasks: [] }, []],
        [{ streams: null, tasks: null }, ['1']],
      ] as const) {
        const seen: Event[] = []
        for await (const event of test.events<Event>(transport, logTail, { id, filter })) seen.push(event)
        expect(seen.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(texts)
        expect(seen.at(-1)).toMatchObject({ isEnd: true, gap: null })
      }
    })

    it('logTail follows an allocation by task and stream, and tells what was trimmed away of it', async () => {
      const lease = await place(`filtered-${transport}`)
      const id = globalId('Allocation', lease.executionId)
      const write = (task: string, text: string, stream = 'stdout') =>
        appendLog(test.store, lease, task, [line(text, stream)])
      for (const text of ['1', '2', '3', '4']) await write('t1', text)
      await write('t2', '5')
      await write('t1', '6', 'stderr')
      await write('t1', '7')
      // What two lines take.
      await trimLog(test.store.db, lease.executionId, 't1', 4)
      const filter = { tasks: ['t1'], streams: ['stdout'] }
      const events = test.events<Event>(transport, logTail, { id, filter })
      const first = await next(events)
      expect(first).toEqual({
        cursor: first.cursor,
        isEnd: false,
        lines: ['4', '7'].map((text) => ({ order: Number(text), task: 't1', text })),
        gap: { lineCount: 3, firstOrder: 1, lastOrder: 3, execution: { id } },
      })
      await events.return?.()
      for (const text of ['8', '9']) await write('t1', text)
      await trimLog(test.store.db, lease.executionId, 't1', 2)
      const resumed = test.events<Event>(transport, logTail, { id, filter, after: first.cursor })
      expect(await next(resumed)).toMatchObject({
        lines: [{ order: 9, text: '9' }],
        gap: { lineCount: 1, firstOrder: 8, lastOrder: 8 },
      })
      await updateAllocation(test.store, lease, { clientStatus: 'complete', exitCode: 0 })
      expect(await next(resumed)).toMatchObject({ lines: [], gap: null, isEnd: true })
      expect((await resumed.next()).done).toBe(true)
    })
  })
})
