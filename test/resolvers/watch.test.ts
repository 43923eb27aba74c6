import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endOf, origin } from '#model/change.ts'
import type { JobType } from '#model/job-type.ts'
import { createContext } from '#resolvers/context.ts'
import { cancelJobs } from '#resolvers/job.ts'
import { type JobWatch, watchJobs } from '#resolvers/status-watch.ts'
import { findLogHead } from '#store/change.ts'
import { compactChanges } from '#store/compact.ts'
import { openStore } from '#store/store.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'

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
})
