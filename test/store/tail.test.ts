import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Position } from '#model/change.ts'
import { findChangesAfter, recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { openTestStore, type TestStore } from '../support/store.ts'

const writers = 8
const perWriter = 150

/** Concurrency needs a real server: the embedded database has one connection and can show none of this. */
describe('a tail of the change log beside 8 concurrent writers', () => {
  let test: TestStore
  beforeAll(async () => {
    test = await openTestStore('postgres', { poolSize: writers + 4 })
    await sql`create table naive (id bigserial primary key, body text)`.execute(test.store.db)
  })
  afterAll(() => test.close())

  /** Writes as the product does, and beside it as a sequence would, holding some transactions open a little. */
  const write = async (writer: number) => {
    for (let n = 0; n < perWriter; n += 1) {
      const entityId = writer * perWriter + n + 1
      await writing(test.store, async (tx) => {
        await sql`insert into naive (body) values (${String(entityId)})`.execute(tx)
        if (n % 10 === 0) await sql`select pg_sleep(0.02)`.execute(tx)
        await recordChanges(tx, [{ kind: 'SETTINGS', entityId }])
      })
    }
  }

  it('misses nothing, doubles nothing and skips no index, where a naive tail loses rows', async () => {
    const seen: { index: number; entityId: number }[] = []
    const naive: number[] = []
    let writing = true
    const follow = async () => {
      let position: Position = { index: 0, ordinal: 0 }
      for (;;) {
        const last = !writing
        const changes = await findChangesAfter(test.store.db, position, 1000)
        seen.push(...changes)
        position = changes.at(-1) ?? position
        if (last && changes.length === 0) return
      }
    }
    const followNaively = async () => {
      for (;;) {
        const last = !writing
        const after = naive.at(-1) ?? 0
        const { rows } = await sql<{ id: number }>`select id from naive where id > ${after} order by id`.execute(
          test.store.db,
        )
        naive.push(...rows.map(({ id }) => id))
        if (last && rows.length === 0) return
      }
    }
    const tails = Promise.all([follow(), followNaively()])
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
    writing = false
    await tails
    const total = writers * perWriter
    expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: total }, (_, n) => n + 1))
    expect(new Set(seen.map(({ entityId }) => entityId)).size).toBe(total)
    // The control: were this tail to miss nothing, the test above would prove nothing.
    expect(naive.length).toBeLessThan(total)
  })
})
