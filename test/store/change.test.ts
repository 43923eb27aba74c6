import { afterAll, beforeAll, expect, it } from 'vitest'
import { findChangesAfter, findLogHead, recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { onBothStores, openTestStore, type TestStore } from '../support/store.ts'

onBothStores('the change log', (kind) => {
  let test: TestStore
  beforeAll(async () => {
    test = await openTestStore(kind)
  })
  afterAll(() => test.close())

  it('starts at 0 and counts densely from 1', async () => {
    const { store } = test
    expect((await findLogHead(store.db)).index).toBe(0)
    const one = await writing(store, (tx) => recordChanges(tx, [{ kind: 'SETTINGS', entityId: 1 }]))
    const two = await writing(store, (tx) => recordChanges(tx, [{ kind: 'SETTINGS', entityId: 1 }], 2))
    expect([one, two]).toEqual([1, 3])
    const changes = await findChangesAfter(store.db, { index: 0, ordinal: 0 }, 10)
    expect(changes.map((change) => [change.index, change.ordinal])).toEqual([
      [1, 0],
      [2, 0],
    ])
    expect(changes[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/)
  })
})
