import { setImmediate as tick } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jobTopic, serviceListTopic } from '#model/topic.ts'
import { waitFor } from '#resolvers/blocking.ts'
import { createContext } from '#resolvers/context.ts'
import { findServiceJob, listServiceJobs } from '#resolvers/service-job.ts'
import { findTopicIndex, recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const touch = (test: TestGateway, ...topics: string[]) =>
  writing(test.store, (tx) => recordChanges(tx, [{ kind: 'SETTINGS', entityId: 0, topics }]))

/** A wait for one list topic. */
function waitOn(test: TestGateway, topic: string, index: number, timeoutMs = 10_000, signal?: AbortSignal) {
  const ctx = signal === undefined ? test.context() : createContext(test.gateway, signal)
  const read = async () => ({ index: await findTopicIndex(test.store.db, topic), value: null })
  return waitFor(ctx, { topics: [topic], index, timeoutMs }, read)
}

onBothStores('waiting for a change', (kind) => {
  let test: TestGateway
  beforeEach(async () => {
    test = await openTestGateway(kind)
  })
  afterEach(() => test.close())

  it('answers at once for index 0, and where the index is above the one asked for', async () => {
    await touch(test, 'a')
    expect((await waitOn(test, 'a', 0)).index).toBe(1)
    await touch(test, 'a')
    expect((await waitOn(test, 'a', 1)).index).toBe(2)
  })

  it('never sleeps past a change, in 2,000 races of a write with a wait', async () => {
    const missedMs = 30_000
    let latest = 0
    const race = async (lane: number, round: number) => {
      const topic = `lane${lane}`
      const index = await findTopicIndex(test.store.db, topic)
      const ticks = async (count: number) => {
        for (let n = 0; n < count; n += 1) await tick()
      }
      const began = performance.now()
      const waiting = ticks(round % 5).then(() => waitOn(test, topic, index, missedMs))
      const writing = ticks((round >> 2) % 7).then(() => touch(test, topic))
      const [found, written] = await Promise.all([waiting, writing])
      expect(found.index).toBe(written)
      latest = Math.max(latest, performance.now() - began)
    }
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        // Index 0 would be answered at once.
        await touch(test, `lane${lane}`)
        for (let round = 0; round < 100; round += 1) await race(lane, round)
      }),
    )
    // Who slept past its change wakes when time is up, and no sooner.
    expect(latest).toBeLessThan(missedMs)
  }, 90_000)

  it('gives the unchanged answer when time is up, and the present index for one of the future', async () => {
    await touch(test, 'a')
    const began = performance.now()
    expect((await waitOn(test, 'a', 1, 200)).index).toBe(1)
    expect((await waitOn(test, 'a', 99, 200)).index).toBe(1)
    expect(performance.now() - began).toBeGreaterThanOrEqual(399)
  })

  it('wakes for its own topic alone', async () => {
    const waiting = waitOn(test, 'mine', 1)
    let reads = 0
    const counted = waitFor(test.context(), { topics: ['mine'], index: 1, timeoutMs: 10_000 }, async () => {
      reads += 1
      return { index: await findTopicIndex(test.store.db, 'mine'), value: null }
    })
    for (let n = 0; n < 20; n += 1) await touch(test, 'other')
    await until('the feed to have read them', () => test.store.feed.head.index === 20)
    expect(reads).toBe(1)
    await touch(test, 'mine')
    expect((await waiting).index).toBe(21)
    expect((await counted).index).toBe(21)
    expect(reads).toBe(2)
  })

  it('ends at once when the client goes away, and when the gateway closes', async () => {
    const leaving = new AbortController()
    const left = waitOn(test, 'a', 1, 60_000, leaving.signal)
    const kept = waitOn(test, 'a', 1, 60_000)
    await tick()
    leaving.abort()
    expect((await left).index).toBe(0)
    await test.store.feed.stop()
    expect((await kept).index).toBe(0)
    expect((await waitOn(test, 'a', 1, 60_000)).index).toBe(0)
  })

  it('wakes a wait for a job on its registration, its status and its end, and for nothing else', async () => {
    const stage = await setStage(test)
    const wait = (index: number) => {
      const topics = [jobTopic('global', 'web')]
      return waitFor(test.context(), { topics, index, timeoutMs: 10_000 }, () => findServiceJob(test.context(), 'web'))
    }
    await stage.register('other')
    const missing = wait((await findServiceJob(test.context(), 'web')).index)
    await stage.act()
    const { jobModifyIndex } = await stage.register('web')
    expect(await missing).toMatchObject({ index: jobModifyIndex, value: { status: 'PENDING' } })
    const running = wait(jobModifyIndex)
    await stage.act()
    expect(await running).toMatchObject({ value: { status: 'RUNNING' } })
  })

  it('wakes a wait for the job list when a summary moves', async () => {
    const stage = await setStage(test)
    await stage.register('web')
    await stage.schedule()
    const { index } = await listServiceJobs(test.context())
    const wait = { topics: [serviceListTopic], index, timeoutMs: 10_000 }
    const waiting = waitFor(test.context(), wait, () => listServiceJobs(test.context()))
    await stage.act()
    const found = await waiting
    expect(found.index).toBeGreaterThan(index)
    expect(found.value[0]?.groups[0]?.summary).toMatchObject({ running: 1, starting: 0 })
  })
})

describe('ten thousand idle waits', () => {
  it('cost at most 20 KB each, ask nothing, and read once when they wake', async () => {
    const test = await openTestGateway('postgres')
    await touch(test, 'crowd')
    await until('the feed to have read it', () => test.store.feed.head.index === 1)
    const heap = () => {
      globalThis.gc?.()
      return process.memoryUsage().heapUsed
    }
    const before = heap()
    let reads = 0
    const read = async () => {
      reads += 1
      return { index: await findTopicIndex(test.store.db, 'crowd'), value: 'x'.repeat(10) }
    }
    const ctx = test.context()
    const wait = { topics: ['crowd'], index: 1, timeoutMs: 600_000, jitter: true, share: 'crowd' }
    const waits: Promise<{ index: number }>[] = []
    for (let n = 0; n < 100; n += 1) {
      const some = Array.from({ length: 100 }, () => waitFor(ctx, wait, read))
      waits.push(...some)
      await until('their first reads', () => reads === waits.length)
      await findTopicIndex(test.store.db, 'crowd')
    }
    expect((heap() - before) / waits.length).toBeLessThan(20_000)
    test.statements.length = 0
    await touch(test, 'elsewhere')
    await until('the feed to have read it', () => test.store.feed.head.index === 2)
    expect(reads).toBe(waits.length)
    reads = 0
    const woken = performance.now()
    await touch(test, 'crowd')
    const found = await Promise.all(waits)
    expect(new Set(found.map(({ index }) => index))).toEqual(new Set([3]))
    expect(performance.now() - woken).toBeLessThan(2_000)
    expect(reads).toBe(1)
    await test.close()
  }, 60_000)
})
