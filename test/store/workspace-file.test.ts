import { afterAll, beforeAll, expect, it } from 'vitest'
import { placeFile } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

onBothStores('files of workspaces', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(() => test.close())

  it('are registered, and again, more often than it takes Postgres to plan without the values', async () => {
    const ids: number[] = []
    for (let at = 0; at < 12; at += 1) ids.push(await placeFile(test, `${at}.txt`, 'first'))
    expect(new Set(ids).size).toBe(12)
    for (const [at, id] of ids.entries()) expect(await placeFile(test, `${at}.txt`, 'second')).toBe(id)
  })
})
