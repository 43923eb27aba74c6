import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultToDomain } from '#store/fault.ts'
import { openTestStore, type TestStore } from '../support/store.ts'

let test: TestStore
const errors: unknown[] = []
const hear = (error: unknown) => void errors.push(error)

beforeAll(async () => {
  test = await openTestStore('postgres')
  process.on('uncaughtExceptionMonitor', hear)
})
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', hear)
  await test.close()
})

it('lets a connection that the server cuts within a transaction fail that transaction and nothing else', async () => {
  const { db } = test.store
  const faults: unknown[] = []
  const cut = db.transaction().execute(async (tx) => {
    const told = (error: unknown) => void faults.push(error)
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx).catch(told)
    for (let n = 0; n < 3; n += 1) await sql`select 1`.execute(tx).catch(told)
    throw faults.at(-1)
  })
  await expect(cut).rejects.toBeInstanceOf(Error)
  expect(faults).toHaveLength(4)
  for (const fault of faults) expect(faultToDomain(fault), String(fault)).toMatchObject({ code: 'UNAVAILABLE' })
  const asked = await Promise.all(Array.from({ length: 20 }, () => sql`select 1 as one`.execute(db)))
  expect(asked.map(({ rows }) => rows)).toEqual(Array(20).fill([{ one: 1 }]))
  expect(errors).toEqual([])
})
