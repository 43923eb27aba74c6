import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Change, endOf, origin } from '#model/change.ts'
import type { JobType } from '#model/job-type.ts'
import { createContext } from '#resolvers/context.ts'
import { cancelJobs } from '#resolvers/job.ts'
import { type JobWatch, watchEvaluations, watchExecutions, watchJobs } from '#resolvers/status-watch.ts'
import { findChangesAfter, findLogHead, recordChanges } from '#store/change.ts'
import { compactChanges } from '#store/compact.ts'
import { openStore, writing } from '#store/store.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { instances, setStage } from '../support/service.ts'

describe('Watching jobs', () => {
  let test: TestGateway
  let type: JobType

  beforeAll(async () => {
    test = await openTestGateway('postgres')
    type = await registerCommand(test, 'watched', 'true')
  })
  afterAll(() => test.close())

  const anew = { after: null, snapshot: true } as const

  it('refuses a first state of more rows than it may have', async () => {
    for (let made = 0; made < 3; made += 1) await queue(test, type)
    const few: JobWatch = { ...anew, mostRows: 2 }
    await expect(watchJobs(test.context(), few).next()).rejects.toMatchObject({ code: 'TOO_LARGE' })
    const enough = watchJobs(test.context(), { ...anew, mostRows: 3 })
    expect((await enough.next()).value).toMatchObject({ kind: 'SNAPSHOT', position: origin })
    await enough.return()
  })

  it('tells how far it read when time passes over changes of others', async () => {
    const idle = await registerCommand(test, 'idle', 'true')
    const pace = { bookmarkMs: 50, bookmarkChanges: 1_000 }
    const stream = watchJobs(test.context(), { ...anew, jobTypeIds: [idle.id], pace })
    expect((await stream.next()).value).toMatchObject({ kind: 'BOOKMARK' })
    const next = stream.next()
    await queue(test, type)
    const { index } = await findLogHead(test.store.db)
    expect((await next).value).toMatchObject({ kind: 'BOOKMARK', position: { index } })
    const job = await queue(test, idle)
    expect((await stream.next()).value).toMatchObject({ kind: 'CHANGE', change: { entityId: job.id } })
    await stream.return()
  })

  it('passes over every change where no family, no job or no type is wanted', async () => {
    const pace = { bookmarkMs: 60_000, bookmarkChanges: 1 }
    for (const none of [{ families: [] }, { ids: [] }, { jobTypeIds: [] }]) {
      const stream = watchJobs(test.context(), { ...anew, ...none, pace })
      expect((await stream.next()).value).toMatchObject({ kind: 'BOOKMARK' })
      const next = stream.next()
      await queue(test, type)
      expect((await next).value).toMatchObject({ kind: 'BOOKMARK' })
      await stream.return()
    }
  })

  it('ends at once when told to, also while it waits', async () => {
    const stream = watchJobs(test.context(), { after: null, snapshot: false })
    expect((await stream.next()).value).toMatchObject({ kind: 'BOOKMARK' })
    const waiting = stream.next()
    await stream.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('tells a gap and begins anew where the changes are gone, and nothing less at the boundary', async () => {
    const job = await queue(test, type)
    await cancelJobs(test.context(), { ids: [job.id] })
    const { index } = await findLogHead(test.store.db)
    await compactChanges(test.store, { days: 0, changes: 2 })
    const { oldest } = await findLogHead(test.store.db)
    expect(oldest).toBe(index - 1)
    // A process that starts now has nothing older in memory.
    const store = await openStore({ url: test.url, directory: null, keys: [], log: () => {} })
    const resume = (at: number) => {
      const ctx = createContext({ ...test.gateway, store }, new AbortController().signal)
      return watchJobs(ctx, { after: endOf(at), snapshot: true })
    }
    const gone = resume(oldest - 2)
    expect((await gone.next()).value).toMatchObject({ kind: 'GAP', position: origin, next: endOf(index) })
    expect((await gone.next()).value).toMatchObject({ kind: 'SNAPSHOT' })
    await gone.return()
    const boundary = resume(oldest - 1)
    expect((await boundary.next()).value).toMatchObject({ kind: 'CHANGE', change: { index: oldest, to: 'QUEUED' } })
    expect((await boundary.next()).value).toMatchObject({ kind: 'CHANGE', change: { to: 'CANCELED' } })
    await boundary.return()
    const later = resume(oldest)
    expect((await later.next()).value).toMatchObject({ kind: 'CHANGE', change: { index: oldest + 1 } })
    await later.return()
    await store.close()
  })

  /** A context on a process that starts now: it has nothing older in memory. */
  async function anotherProcess() {
    const store = await openStore({ url: test.url, directory: null, keys: [], log: () => {} })
    return { store, ctx: createContext({ ...test.gateway, store }, new AbortController().signal) }
  }

  it('tells a slow reader that compaction overtook it, and goes on without a first state if none was asked for', async () => {
    const { index: start } = await findLogHead(test.store.db)
    const job = await queue(test, type)
    const move = { kind: 'JOB' as const, entityId: job.id, jobTypeId: type.id, from: 'QUEUED', to: 'RUNNING' }
    for (let index = 0; index < 4; index += 1)
      await writing(test.store, (tx) => recordChanges(tx, Array(600).fill(move)))
    const { ctx, store } = await anotherProcess()
    const streams = [true, false].map((snapshot) => watchJobs(ctx, { after: endOf(start), snapshot, ids: [job.id] }))
    for (const stream of streams) expect((await stream.next()).value).toMatchObject({ kind: 'CHANGE' })
    await compactChanges(test.store, { days: 0, changes: 1 })
    const { index } = await findLogHead(test.store.db)
    for (const [place, stream] of streams.entries()) {
      let told = 1
      let value = (await stream.next()).value
      for (; value?.kind === 'CHANGE'; value = (await stream.next()).value) told += 1
      expect(told).toBe(1_000)
      expect(value).toMatchObject({ kind: 'GAP', position: origin, next: endOf(index) })
      if (place === 0) expect((await stream.next()).value).toMatchObject({ kind: 'SNAPSHOT', row: { id: job.id } })
      expect((await stream.next()).value).toMatchObject({ kind: 'BOOKMARK', position: endOf(index) })
      await stream.return()
    }
    await store.close()
  })

  /**
   * Two changes under one index, then `later` indexes after it, of which compaction keeps the last alone: it has so many
   * changes that a process that starts now has none before them in memory.
   */
  async function compacted(later: number) {
    const job = await queue(test, type)
    const { index: before } = await findLogHead(test.store.db)
    const move = { kind: 'JOB' as const, entityId: job.id, from: 'QUEUED', to: 'RUNNING' }
    await writing(test.store, (tx) => recordChanges(tx, [move, move]))
    const [first, second] = await findChangesAfter(test.store.db, endOf(before), 2)
    if (first === undefined || second === undefined) throw new Error('nothing was recorded')
    for (let made = 1; made < later; made += 1) await queue(test, type)
    await writing(test.store, (tx) => recordChanges(tx, Array(1_001).fill(move)))
    await compactChanges(test.store, { days: 0, changes: 1 })
    expect((await findLogHead(test.store.db)).oldest).toBe(first.index + later)
    const { ctx, store } = await anotherProcess()
    const resume = async ({ index, ordinal }: Change) => {
      const stream = watchJobs(ctx, { after: { index, ordinal }, snapshot: false })
      const { value } = await stream.next()
      await stream.return()
      return value
    }
    return { first, second, resume, close: store.close }
  }

  it('tells a gap to a reader that stands in an index that is gone', async () => {
    const { first, second, resume, close } = await compacted(2)
    for (const place of [first, second]) expect(await resume(place)).toMatchObject({ kind: 'GAP' })
    await close()
  })

  it('tells no gap to a reader that stands after the last change that is gone', async () => {
    const { first, second, resume, close } = await compacted(1)
    expect(await resume(second)).toMatchObject({ kind: 'CHANGE', change: { index: second.index + 1 } })
    expect(await resume(first)).toMatchObject({ kind: 'CHANGE', change: second })
    await close()
  })

  it('resumes evaluations and allocations after a place', async () => {
    const stage = await setStage(test)
    await stage.register('resumed', instances(1))
    const { id } = await stage.job('resumed')
    await stage.act()
    const all = { after: null, snapshot: false, jobIds: [id] }
    for (const [place, watch] of [watchEvaluations, watchExecutions].entries()) {
      const { index } = await findLogHead(test.store.db)
      const fresh = watch(test.context(), all)
      expect((await fresh.next()).value).toMatchObject({ kind: 'BOOKMARK', position: endOf(index) })
      await stage.register('resumed', instances(2 + place))
      await stage.act()
      const first = (await fresh.next()).value
      const second = (await fresh.next()).value
      await fresh.return()
      if (first === undefined || second?.kind !== 'CHANGE') throw new Error('no two changes were told')
      const again = watch(test.context(), { ...all, after: first.position })
      expect((await again.next()).value).toEqual(second)
      await again.return()
    }
  })
})
