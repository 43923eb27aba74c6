import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endOf } from '#model/change.ts'
import { encodeCursor } from '#model/cursor.ts'
import { findLogHead } from '#store/change.ts'
import { compactChanges } from '#store/compact.ts'
import { openStore, type Store } from '#store/store.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'

type Event = { kind: string; index: string; cursor: string; at: string | null; job: { id: string } | null }

const watch = `subscription ($after: String, $snapshot: Boolean) {
  jobStatusChanged(after: $after, snapshot: $snapshot) { kind index cursor at job { id } }
}`

describe.each(['graphql-ws', 'sse'] as const)('A gap over %s', (transport) => {
  let writer: TestGateway
  let store: Store
  let test: GraphqlGateway

  beforeAll(async () => {
    writer = await openTestGateway('postgres')
    const type = await registerCommand(writer, 'told', 'true')
    await queue(writer, type)
    await queue(writer, type)
    await compactChanges(writer.store, { days: 0, changes: 1 })
    // A process that starts after compaction has nothing older in memory.
    store = await openStore({ url: writer.url, directory: null, keys: [], log: () => {} })
    test = await openGraphql('postgres', { store })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
    await store.close()
    await writer.close()
  })

  it.each([true, false])('goes on from a place that is told, and can be resumed (snapshot: %s)', async (snapshot) => {
    const { index } = await findLogHead(store.db)
    const next = async (events: AsyncIterator<Event>) => (await events.next()).value as Event
    const variables = { after: encodeCursor(store.id, endOf(1)), snapshot }
    const events = test.events<Event>(transport, watch, variables)
    const gap = await next(events)
    expect(gap).toMatchObject({ kind: 'GAP', index: String(index), at: null, job: null })
    const rows: Event[] = []
    let last = await next(events)
    for (; last.kind === 'SNAPSHOT'; last = await next(events)) rows.push(last)
    expect(rows.length).toBe(snapshot ? 2 : 0)
    expect(last).toMatchObject({ kind: 'BOOKMARK', index: String(index) })
    await events.return?.()
    const fromGap = test.events<Event>(transport, watch, { after: gap.cursor, snapshot })
    expect(await next(fromGap)).toMatchObject({ kind: snapshot ? 'SNAPSHOT' : 'BOOKMARK' })
    await fromGap.return?.()
    const fromEnd = test.events<Event>(transport, watch, { after: last.cursor, snapshot })
    const canceled = next(fromEnd)
    const type = await registerCommand(writer, `later-${snapshot}`, 'true')
    const later = await queue(writer, type)
    const told = await canceled
    expect(told.kind).toBe('CHANGE')
    expect(Buffer.from(told.job?.id ?? '', 'base64').toString()).toBe(`QueuedJob:${later.id}`)
    await fromEnd.return?.()
  })
})
