import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { recordChanges } from '#store/change.ts'
import { findJobTypeSecrets, replaceJobTypeSecrets } from '#store/job-type-secret.ts'
import { type KeyRing, keyRing } from '#store/key-ring.ts'
import { findMissingKeys, resealSecrets } from '#store/key-rotation.ts'
import { findSecretValues, replaceSecret } from '#store/secret.ts'
import { type Store, writing } from '#store/store.ts'
import { registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/wait.ts'

const fresh = `neu:${Buffer.alloc(32, 9).toString('base64')}`
const usual = `test:${Buffer.alloc(32, 7).toString('base64')}`
const both = keyRing([fresh, usual])
const newest = keyRing([fresh])

let test: TestGateway
const under = (keys: KeyRing): Store => ({ ...test.store, keys })
beforeEach(async () => {
  test = await openTestGateway('postgres')
})
afterEach(async () => {
  expect(test.bugs).toEqual([])
  await test.close()
})

/** Waits until so many connections stand in line for a lock. */
const waiting = (count: number) =>
  until(`${count} to wait for a lock`, async () => {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      test.store.db,
    )
    return rows.length === count
  })

/**
 * Rotates amid an edit: the edit has written its row and waits to commit, since another transaction holds the change
 * index; the rotation comes to the row meanwhile, and the edit commits before it can write.
 */
async function rotateAmid(edit: () => Promise<unknown>): Promise<number> {
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const holding = test.store.db.transaction().execute(async (tx) => {
    await recordChanges(tx, [{ kind: 'SECRET', entityId: 0, detail: { id: 'other' } }])
    begun.resolve()
    await held.promise
  })
  await begun.promise
  const edited = edit()
  await waiting(1)
  const rotated = resealSecrets(under(both))
  await waiting(2)
  held.resolve()
  await Promise.all([holding, edited])
  return rotated
}

it.each([
  ['the old key', [usual]],
  ['the new key', [fresh, usual]],
])('an edit of a secret under %s stands, if it lands between the reading and the writing', async (_what, keys) => {
  await replaceSecret(test.store, 'a', { value: 'before' })
  await rotateAmid(() => replaceSecret(under(keyRing(keys)), 'a', { value: 'after' }))
  await resealSecrets(under(both))
  expect(await findSecretValues(test.store.db, newest, 'a')).toEqual({ value: 'after' })
  expect(await findMissingKeys(test.store.db, newest)).toEqual([])
})

it("an edit of a job type's secret stands likewise, and is what jobs get", async () => {
  const type: JobType = await registerCommand(test, 'sealed', 'true', {
    contract: { settings: [{ name: 'TOKEN', secret: true }] },
    request: { configuration: { settings: { TOKEN: 'before' } } },
  })
  const body = { configuration: { settings: { TOKEN: 'after' } } }
  await rotateAmid(async () => {
    const { status } = await test.rest('PATCH', '/v6/job-types/sealed/1.0.0/', { body })
    expect(status).toBe(200)
  })
  await resealSecrets(under(both))
  expect(await findJobTypeSecrets(test.store.db, newest, type.id)).toEqual(new Map([['TOKEN', 'after']]))
  expect(await findMissingKeys(test.store.db, newest)).toEqual([])
})

it("an edit of a job type's secret that commits before the rotation may write is not undone", async () => {
  const type = await registerCommand(test, 'sealed', 'true', {
    contract: { settings: [{ name: 'TOKEN', secret: true }] },
    request: { configuration: { settings: { TOKEN: 'before' } } },
  })
  let rotated: Promise<number> | null = null
  // Whoever holds the table in this mode lets others read and lock its rows, and alone may write. The rotation's lock
  // on the row makes this a deadlock, which one of the two begins anew; without it the edit would be overwritten.
  await writing(test.store, async (tx) => {
    await sql`lock table job_type_secret in share mode`.execute(tx)
    if (rotated === null) {
      rotated = resealSecrets(under(both))
      await waiting(1)
    }
    await replaceJobTypeSecrets(tx, test.store.keys, type.id, new Map([['TOKEN', 'after']]))
  })
  await rotated
  await resealSecrets(under(both))
  expect(await findJobTypeSecrets(test.store.db, newest, type.id)).toEqual(new Map([['TOKEN', 'after']]))
})
