import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Lease } from '#model/execution.ts'
import { deregisterServiceJob, registerServiceJob } from '#resolvers/service-job.ts'
import { appendLog, claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { trimLog } from '#store/log-trim.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { sentGroup } from '../support/job-spec.ts'
import { jobSpec } from '../support/service.ts'
import { allocationsOf, serviceEngineOf, shell, untilAllocations } from '../support/service-engine.ts'
import { onBothStores } from '../support/store.ts'

type Line = { order: number; stream: string; task: string; text: string; execution: { id: string } }
type Gap = { lineCount: number; firstOrder: number; lastOrder: number }
type Tail = { cursor: string; isEnd: boolean; lines: Line[]; gaps: Gap[] }

const tail = `subscription ($job: ID!, $after: String, $last: Int, $filter: LogLineFilter) {
  jobLogTail(job: $job, after: $after, last: $last, filter: $filter) {
    cursor isEnd lines { order stream task text execution { id } } gaps { lineCount firstOrder lastOrder }
  }
}`

const globalId = (type: string, id: number) => Buffer.from(`${type}:${id}`).toString('base64')
const at = '2026-03-04T05:06:07Z'

onBothStores('The logs of a job', (kind) => {
  let test: GraphqlGateway

  beforeAll(async () => {
    test = await openGraphql(kind)
  })
  afterAll(() => test.close())

  async function start(): Promise<{ lease: Lease; job: string; jobId: number }> {
    const type = await registerCommand(test, 'talker', 'true')
    const { id } = await queue(test, type)
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'w.test' })
    const [lease] = await claimJobs(test.context(), worker.id, 1)
    if (lease === undefined) throw new Error('nothing was claimed')
    return { lease, job: globalId('QueuedJob', id), jobId: id }
  }

  function append(lease: Lease, texts: readonly string[], stream = 'stdout'): Promise<number> {
    return appendLog(
      test.context(),
      lease,
      texts.map((text) => ({ stream, at, bytes: Buffer.from(`${text}\n`) })),
    )
  }

  const end = (lease: Lease) =>
    reportOutcome(test.context(), lease, { kind: 'COMPLETED', exitCode: 0, output: {}, taskResults: null })

  async function all(variables: Readonly<Record<string, unknown>>, from?: Tail[]): Promise<Tail[]> {
    const seen: Tail[] = from ?? []
    for await (const event of test.events<Tail>('sse', tail, variables)) seen.push(event)
    return seen
  }

  it.each(['graphql-ws', 'sse'] as const)('come once each through reconnects over %s', async (transport) => {
    const { lease, job } = await start()
    const total = 1_400
    const writing = (async () => {
      for (let n = 1; n <= total; n += 700)
        await append(
          lease,
          Array.from({ length: 700 }, (_, place) => `line ${n + place}`),
        )
      await end(lease)
    })()
    const seen: string[] = []
    let [after, isEnd]: [string | null, boolean] = [null, false]
    for (let turn = 1; !isEnd; turn += 1) {
      let events = 0
      for await (const event of test.events<Tail>(transport, tail, { job, after })) {
        seen.push(...event.lines.map(({ order, text }) => `${order} ${text}`))
        ;[after, isEnd] = [event.cursor, event.isEnd]
        events += 1
        if (events >= turn % 3) break
      }
    }
    await writing
    expect(seen).toEqual(Array.from({ length: total }, (_, place) => `${place + 1} line ${place + 1}`))
  })

  it('come as the filter and `last` say', async () => {
    const { lease, job } = await start()
    await append(lease, ['a Fault', 'b'])
    await append(lease, ['c fault', 'd'], 'stderr')
    await end(lease)
    for (const [variables, texts] of [
      [{}, ['a Fault', 'b', 'c fault', 'd']],
      [{ last: 1 }, ['d']],
      [{ last: 0 }, []],
      [{ filter: { streams: ['stderr'] } }, ['c fault', 'd']],
      [{ filter: { contains: 'fault' } }, ['c fault']],
      [{ filter: { contains: 'fault', ignoreCase: true } }, ['a Fault', 'c fault']],
      [{ filter: { tasks: ['other'] } }, []],
    ] as const) {
      const events = await all({ job, ...variables })
      expect(events.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(texts)
      expect(events.at(-1)?.isEnd).toBe(true)
    }
  })

  it('tell what was trimmed away', async () => {
    const { lease, job } = await start()
    for (const text of ['1', '2', '3', '4']) await append(lease, [text])
    await trimLog(test.store.db, lease.executionId, 'main', 4)
    await end(lease)
    const events = await all({ job })
    expect(events.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(['3', '4'])
    expect(events.flatMap(({ gaps }) => gaps)).toEqual([{ lineCount: 2, firstOrder: 1, lastOrder: 2 }])
  })

  it('refuse places that are not of them', async () => {
    const { lease, job, jobId } = await start()
    await append(lease, ['a'])
    const store = test.store.id.slice(0, 8)
    const own = jobId.toString(36)
    for (const [text, code] of [
      ['garbage', 'BAD_USER_INPUT'],
      [`jlog.${store}.${(jobId + 1).toString(36)}.1..`, 'BAD_USER_INPUT'],
      [`jlog.${store}.${own}.1..2-0`, 'BAD_USER_INPUT'],
      [`jlog.${store}.${own}.1..1-0_1-0`, 'BAD_USER_INPUT'],
      [`jlog.${store}.${own}.zzzzzzzz..`, 'BAD_USER_INPUT'],
      [`jlog.${store}.${own}.1..1--1`, 'BAD_USER_INPUT'],
      [`jlog.${store}.${own}.9..`, 'FOREIGN_CURSOR'],
      [`jlog.${store}.${own}.1..1-2`, 'FOREIGN_CURSOR'],
      [`jlog.00000000.${own}.1..`, 'FOREIGN_CURSOR'],
    ] as const) {
      const after = Buffer.from(text).toString('base64url')
      await expect(test.events('sse', tail, { job, after }).next()).rejects.toMatchObject({ code })
    }
    await end(lease)
    expect(test.bugs).toEqual([])
  })

  it('of a service come from all allocations, also later ones, until it is deregistered', async () => {
    const engine = await serviceEngineOf(test)
    try {
      const register = (count: number) =>
        registerServiceJob(
          test.context(),
          jobSpec('chat', {
            TaskGroups: [
              sentGroup({ Name: 'g1', Count: count, Tasks: [shell('echo one; echo bad >&2; sleep 600')] }),
              sentGroup({ Name: 'g2', Count: 1, Tasks: [shell('echo two; sleep 600')] }),
            ],
          }),
        )
      await register(2)
      const first = await untilAllocations(test, 'chat', ...Array(3).fill('run/running'))
      const jobId = first[0]?.jobId ?? 0
      const seen: Line[] = []
      let [isGrown, isEnd] = [false, false]
      for await (const event of test.events<Tail>('sse', tail, { job: globalId('ServiceJob', jobId) })) {
        seen.push(...event.lines)
        if (!isGrown && seen.length === 5) {
          isGrown = true
          await register(3)
        }
        if (seen.length === 7 && !event.isEnd) await deregisterServiceJob(test.context(), 'chat')
        isEnd = event.isEnd
      }
      expect(isEnd).toBe(true)
      expect(seen.map(({ text }) => text).sort()).toEqual(['bad', 'bad', 'bad', 'one', 'one', 'one', 'two'])
      expect(new Set(seen.map(({ execution }) => execution.id)).size).toBe(4)
      expect((await allocationsOf(test, 'chat')).length).toBe(4)
    } finally {
      await engine.stop(0)
    }
  })
})
