import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeCursor } from '#model/cursor.ts'
import type { JobType } from '#model/job-type.ts'
import { cancelJobs } from '#resolvers/job.ts'
import { recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

type Event = {
  kind: 'SNAPSHOT' | 'CHANGE' | 'BOOKMARK'
  cursor: string
  index: string
  job: { id: string; number: number; status: string; type: { name: string } } | null
  from: string | null
  to: string | null
  at: string | null
}

const watch = `subscription ($ids: [ID!], $jobTypes: [ID!], $after: String, $snapshot: Boolean) {
  jobStatusChanged(ids: $ids, jobTypes: $jobTypes, after: $after, snapshot: $snapshot) {
    kind cursor index from to at job { id status ... on QueuedJob { number } type { name } }
  }
}`

const globalId = (type: string, id: number) => Buffer.from(`${type}:${id}`).toString('base64')

/** Reads until the condition holds for what was read. */
async function take<T>(events: AsyncIterator<T>, enough: (read: T[]) => boolean): Promise<T[]> {
  const read: T[] = []
  while (!enough(read)) {
    const next = await events.next()
    if (next.done === true) throw new Error(`the stream ended after ${JSON.stringify(read)}`)
    read.push(next.value)
  }
  return read
}

onBothStores('Job streams', (kind) => {
  describe.each(['graphql-ws', 'sse'] as const)('over %s', (transport) => {
    let test: GraphqlGateway
    let type: JobType

    beforeAll(async () => {
      test = await openGraphql(kind)
      type = await registerCommand(test, 'watched', 'true')
    })
    afterAll(() => test.close())

    it('tells the present state, then each change, and resumes after a cursor', async () => {
      const done = await queue(test, type)
      await cancelJobs(test.context(), { ids: [done.id] })
      const first = await queue(test, type)
      const events = test.events<Event>(transport, watch)
      const start = await take(events, (read) => read.at(-1)?.kind === 'BOOKMARK')
      expect(start).toMatchObject([
        { kind: 'SNAPSHOT', to: 'QUEUED', from: null, job: { number: first.id, type: { name: 'watched' } } },
        { kind: 'BOOKMARK', job: null, from: null, to: null, at: null },
      ])
      expect(start[0]?.cursor).toBe(start[1]?.cursor)
      const second = await queue(test, type)
      await cancelJobs(test.context(), { ids: [second.id] })
      const [made, canceled] = await take(events, (read) => read.length === 2)
      expect(made).toMatchObject({ kind: 'CHANGE', from: null, to: 'QUEUED', job: { number: second.id } })
      expect(canceled).toMatchObject({ from: 'QUEUED', to: 'CANCELED', job: { status: 'CANCELED' } })
      await events.return?.()
      const resumed = test.events<Event>(transport, watch, { after: made?.cursor })
      expect(await take(resumed, (read) => read.length === 1)).toEqual([canceled])
      await cancelJobs(test.context(), { ids: [first.id] })
      expect(await take(resumed, (read) => read.length === 1)).toMatchObject([
        { kind: 'CHANGE', job: { number: first.id }, to: 'CANCELED' },
      ])
      await resumed.return?.()
      expect(test.bugs).toEqual([])
    })

    it('shows named jobs whatever their status, and only those', async () => {
      const ended = await queue(test, type)
      await cancelJobs(test.context(), { ids: [ended.id] })
      const events = test.events<Event>(transport, watch, { ids: [globalId('QueuedJob', ended.id)] })
      expect(await take(events, (read) => read.length === 2)).toMatchObject([
        { kind: 'SNAPSHOT', to: 'CANCELED', job: { number: ended.id } },
        { kind: 'BOOKMARK' },
      ])
      await events.return?.()
    })

    it('follows one job type, and without a snapshot only what comes', async () => {
      const other = await registerCommand(test, 'other', 'true')
      await queue(test, other)
      const events = test.events<Event>(transport, watch, {
        jobTypes: [globalId('JobType', other.id)],
        snapshot: false,
      })
      expect(await take(events, (read) => read.length === 1)).toMatchObject([{ kind: 'BOOKMARK' }])
      await queue(test, type)
      const job = await queue(test, other)
      expect(await take(events, (read) => read.length === 1)).toMatchObject([
        { kind: 'CHANGE', to: 'QUEUED', job: { number: job.id, type: { name: 'other' } } },
      ])
      await events.return?.()
    })

    it('starts the snapshot again where it was left amid it', async () => {
      await queue(test, type)
      await queue(test, type)
      const events = test.events<Event>(transport, watch)
      const [amid] = await take(events, (read) => read.length === 1)
      await events.return?.()
      const again = test.events<Event>(transport, watch, { after: amid?.cursor })
      const snapshot = await take(again, (read) => read.at(-1)?.kind === 'BOOKMARK')
      expect(snapshot.length).toBeGreaterThan(2)
      expect(snapshot[0]?.job?.id).toBe(amid?.job?.id)
      await again.return?.()
    })

    it('sends a bookmark after 1,000 changes that it passed over', async () => {
      const idle = await registerCommand(test, 'idle', 'true')
      const events = test.events<Event>(transport, watch, { jobTypes: [globalId('JobType', idle.id)] })
      const [start] = await take(events, (read) => read.length === 1)
      const changes = Array.from({ length: 1_001 }, () => ({ kind: 'JOB_TYPE' as const, entityId: type.id }))
      await writing(test.store, (tx) => recordChanges(tx, changes))
      const [bookmark] = await take(events, (read) => read.length === 1)
      expect(bookmark).toMatchObject({ kind: 'BOOKMARK', job: null })
      expect(Number(bookmark?.index)).toBeGreaterThan(Number(start?.index))
      await events.return?.()
    })

    it.each([
      ['garbage', () => 'garbage', 'BAD_USER_INPUT'],
      ['empty', () => '', 'BAD_USER_INPUT'],
      ['negative', () => Buffer.from('00000000.-1.0').toString('base64url'), 'BAD_USER_INPUT'],
      [
        'beyond the last of an index',
        () => encodeCursor(test.store.id, { index: 1, ordinal: 2 ** 31 }),
        'BAD_USER_INPUT',
      ],
      ['foreign', () => encodeCursor('00000000-', { index: 1, ordinal: 0 }), 'FOREIGN_CURSOR'],
      ['future', () => encodeCursor(test.store.id, { index: 1_000_000, ordinal: 0 }), 'FOREIGN_CURSOR'],
      ['2^53 - 1', () => encodeCursor(test.store.id, { index: 2 ** 53 - 1, ordinal: 0 }), 'FOREIGN_CURSOR'],
    ])('refuses a %s cursor', async (_name, cursor, code) => {
      const events = test.events<Event>(transport, watch, { after: cursor() })
      await expect(events.next()).rejects.toMatchObject({ code })
    })

    it.each([
      ['of another type', [globalId('JobType', 1)], 'BAD_USER_INPUT'],
      ['that is garbage', ['x'], 'BAD_USER_INPUT'],
      ['that does not exist', [globalId('QueuedJob', 999_999)], 'NOT_FOUND'],
      ['too many', Array.from({ length: 1_001 }, () => globalId('QueuedJob', 1)), 'BAD_USER_INPUT'],
    ])('refuses an id %s', async (_name, ids, code) => {
      await expect(test.events<Event>(transport, watch, { ids }).next()).rejects.toMatchObject({ code })
      expect(test.bugs).toEqual([])
    })

    it('follows executions', async () => {
      const job = await queue(test, type)
      const events = test.events<{ kind: string; from: string | null; to: string | null; execution: object | null }>(
        transport,
        `subscription ($jobs: [ID!]) { executionStatusChanged(jobs: $jobs) {
          kind from to execution { number status job { id } }
        } }`,
        { jobs: [globalId('QueuedJob', job.id)] },
      )
      await take(events, (read) => read.at(-1)?.kind === 'BOOKMARK')
      await cancelJobs(test.context(), { ids: [job.id] })
      expect(await take(events, (read) => read.length === 1)).toMatchObject([
        {
          kind: 'CHANGE',
          from: null,
          to: 'CANCELED',
          execution: { number: 1, job: { id: globalId('QueuedJob', job.id) } },
        },
      ])
      await events.return?.()
    })

    it('lets go of everything when the client leaves while it waits', async () => {
      const waiting = countWaiters(test)
      let heard = 0
      const leave = test.listen(transport, 'subscription { jobStatusChanged(snapshot: false) { cursor } }', () => {
        heard += 1
      })
      await until('the first event', () => heard === 1)
      await until('the stream to wait', () => waiting() === 1)
      leave()
      await until('its waiter to be gone', () => waiting() === 0)
      expect(test.bugs).toEqual([])
    })

    it('ends where it can be resumed when the gateway closes', async () => {
      const own = await openGraphql(kind)
      const events = own.events<Event>(transport, watch)
      const [event] = await take(events, (read) => read.length === 1)
      expect(event?.cursor).toBeTruthy()
      const disposed = own.edge.dispose()
      const end = await events.next().catch((error: unknown) => error)
      expect(end).toMatchObject(transport === 'sse' ? { done: true } : { code: 1001 })
      await disposed
      await own.close()
    })
  })
})

/** Counts who waits for the change log to grow, from now on. */
function countWaiters(test: GraphqlGateway): () => number {
  const { feed } = test.store
  const waiting = new Set<() => void>()
  const onGrowth = feed.onGrowth.bind(feed)
  feed.onGrowth = (woken) => {
    const forget = onGrowth(woken)
    waiting.add(woken)
    return () => {
      waiting.delete(woken)
      return forget()
    }
  }
  return () => waiting.size
}
