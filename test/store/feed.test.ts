import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Change, endOf, isAfter, type Position } from '#model/change.ts'
import type { Context } from '#resolvers/context.ts'
import { openTail, type Stream, stoppable } from '#resolvers/wait.ts'
import { recordChanges } from '#store/change.ts'
import { compactChanges } from '#store/compact.ts'
import { openStore, type Store, writing } from '#store/store.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { administer } from '../support/postgres.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const change = (store: Store, entityId: number) =>
  writing(store, (tx) => recordChanges(tx, [{ kind: 'SETTINGS', entityId }]))

/** Every change after a place, until the consumer leaves. */
function follow(ctx: Context, after: Position): Stream<Change> {
  return stoppable(ctx.signal, async function* (signal) {
    const tail = await openTail({ ...ctx, signal }, after)
    try {
      while (!tail.isOver()) yield* await tail.next()
    } finally {
      tail.close()
    }
  })
}

/** Another process on a database, and the statements that it runs. */
async function openTestStoreOn(url: string): Promise<{ store: Store; statements: string[] }> {
  const statements: string[] = []
  const onStatement = (sql: string) => void statements.push(sql)
  return { store: await openStore({ url, directory: null, keys: [], log: () => {}, onStatement }), statements }
}

/** Reads a stream until it has `count` values, then leaves. */
async function take<T>(stream: AsyncIterableIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const value of stream) {
    taken.push(value)
    if (taken.length === count) break
  }
  return taken
}

onBothStores('following the change log', (kind) => {
  let test: TestGateway
  beforeEach(async () => {
    test = await openTestGateway(kind)
  })
  afterEach(() => test.close())

  const start: Position = { index: 0, ordinal: 0 }

  it('gives what there was and what comes, each once and in order, over reconnects', async () => {
    for (let n = 1; n <= 20; n += 1) await change(test.store, n)
    const seen: Change[] = []
    let position = start
    const reading = (async () => {
      while (seen.length < 60) {
        const part = await take(follow(test.context(), position), Math.min(7, 60 - seen.length))
        seen.push(...part)
        position = part.at(-1) ?? position
      }
    })()
    for (let n = 21; n <= 60; n += 1) await change(test.store, n)
    await reading
    expect(seen.map(({ entityId }) => entityId)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
  })

  it('ends at once when its consumer leaves, also while it waits', async () => {
    const stream = follow(test.context(), endOf(0))
    const waiting = stream.next()
    await stream.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('ends when the store closes', async () => {
    const stream = follow(test.context(), endOf(0))
    const waiting = stream.next()
    await test.store.feed.stop()
    expect((await waiting).done).toBe(true)
  })

  it('wakes all who wait, however many', async () => {
    const streams = Array.from({ length: 1_000 }, () => follow(test.context(), endOf(0)))
    const waiting = streams.map((stream) => stream.next())
    await change(test.store, 1)
    const values = (await Promise.all(waiting)).map(({ value }) => value)
    expect(new Set(values).size).toBe(1)
    expect(values[0]).toMatchObject({ entityId: 1 })
    await Promise.all(streams.map((stream) => stream.return()))
  })

  it('refuses a place in the future', async () => {
    await change(test.store, 1)
    await expect(take(follow(test.context(), endOf(99)), 1)).rejects.toMatchObject({ code: 'FOREIGN_CURSOR' })
  })
})

describe('two processes on one Postgres', () => {
  it('wake each other, also after the listening connections were cut', async () => {
    const test = await openTestGateway('postgres')
    const url = test.url ?? ''
    const other = await openStore({ url, directory: null, keys: [], log: () => {} })
    const latency = async (entityId: number) => {
      const stream = follow({ ...test.context(), store: other }, other.feed.head)
      const waiting = stream.next()
      await delay(0)
      const written = performance.now()
      const index = await change(test.store, entityId)
      const { value } = await waiting
      await stream.return()
      expect(value).toMatchObject({ index, entityId })
      expect(isAfter({ index, ordinal: 0 }, other.feed.head)).toBe(false)
      return performance.now() - written
    }
    const listening = async () => {
      const { rows } = await sql<{ pid: number; asked: boolean }>`select pid, query <> '' as asked from pg_stat_activity
        where application_name = 'jobgraph-listen' and datname = current_database()`.execute(test.store.db)
      return rows
    }
    // A hint takes some milliseconds; without one the poll of a second is the floor.
    expect(await latency(1)).toBeLessThan(900)
    const cut = (await listening()).map(({ pid }) => pid)
    expect(cut).toHaveLength(2)
    await administer(url, [
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jobgraph-listen' and datname = current_database()",
    ])
    expect(await latency(2)).toBeLessThan(2_500)
    // Each process comes back when it noticed, so not at one moment; and it comes back once.
    const again = async () => (await listening()).filter(({ pid, asked }) => asked && !cut.includes(pid)).length
    await until('both to listen again', async () => (await again()) >= 2)
    expect(await latency(3)).toBeLessThan(900)
    expect(await listening()).toHaveLength(2)
    await other.close()
    await test.close()
  })

  it('say so where the log no longer reaches back, and not one index too early', async () => {
    const test = await openTestGateway('postgres')
    for (let n = 1; n <= 10; n += 1) await change(test.store, n)
    // A new process has only the newest thousand in memory, so it must ask the table.
    const many = Array.from({ length: 1_001 }, (_, n) => ({ kind: 'SETTINGS' as const, entityId: n + 1 }))
    await writing(test.store, (tx) => recordChanges(tx, many))
    const other = await openStore({ url: test.url, directory: null, keys: [], log: () => {} })
    expect(await compactChanges(test.store, { days: 0, changes: 5 })).toBe(6)
    const ctx = { ...test.context(), store: other }
    const next = async (index: number) => (await take(follow(ctx, endOf(index)), 1)).map((one) => one.index)
    await expect(next(5)).rejects.toMatchObject({ code: 'COMPACTED' })
    expect(await next(6)).toEqual([7])
    expect(await next(7)).toEqual([8])
    await other.close()
    await test.close()
  })

  it('have the newest changes in memory from the start, the same for all who resume', async () => {
    const test = await openTestGateway('postgres')
    for (let n = 1; n <= 10; n += 1) await change(test.store, n)
    const { store: other, statements } = await openTestStoreOn(test.url ?? '')
    statements.length = 0
    const resumed = await Promise.all(
      Array.from({ length: 50 }, () => take(follow({ ...test.context(), store: other }, endOf(2)), 8)),
    )
    expect(statements).toEqual([])
    const [first = []] = resumed
    expect(first.map(({ index }) => index)).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
    for (const changes of resumed) for (const [place, one] of changes.entries()) expect(one).toBe(first[place])
    await other.close()
    await test.close()
  })
})
