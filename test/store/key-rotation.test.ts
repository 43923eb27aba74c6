import { afterEach, beforeEach, expect, it } from 'vitest'
import { type KeyRing, keyRing } from '#store/key-ring.ts'
import { findMissingKeys, resealSecrets } from '#store/key-rotation.ts'
import { findSecretValues, replaceSecret } from '#store/secret.ts'
import type { Store } from '#store/store.ts'
import { checkSecretKeys } from '../../src/secret-key.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

const keyOf = (name: string, byte: number) => `${name}:${Buffer.alloc(32, byte).toString('base64')}`
const older = keyRing([keyOf('alt ü\\', 7)])
const newer = keyRing([keyOf('neu', 9), keyOf('alt ü\\', 7)])
const newest = keyRing([keyOf('neu', 9)])
const secretManifest = (name: string) => ({
  ...manifest(name),
  job: { ...manifest(name).job, interface: { settings: [{ name: 'TOKEN', secret: true }] } },
})

onBothStores('the keys of secrets', (kind) => {
  let test: TestGateway
  const under = (keys: KeyRing): Store => ({ ...test.store, keys })
  const missing = (keys: KeyRing) => findMissingKeys(test.store.db, keys)
  const openedBy = (keys: KeyRing, id: string) => findSecretValues(test.store.db, keys, id)
  beforeEach(async () => {
    test = await openTestGateway(kind)
    for (const id of ['a', 'b', 'c', 'd', 'e']) await replaceSecret(under(older), id, { value: id })
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('are missed by one statement, by name and by what they open', async () => {
    test.statements.length = 0
    expect(await missing(older)).toEqual([])
    // The feed may read its log meanwhile.
    expect(test.statements.filter((text) => text.includes('sealed'))).toHaveLength(1)
    expect(await missing(newer)).toEqual([])
    expect(await missing(newest)).toMatchObject([{ reason: 'unknown' }])
    expect(await missing(keyRing([keyOf('alt ü\\', 8)]))).toMatchObject([{ reason: 'different' }])
    await expect(checkSecretKeys(under(newest))).rejects.toThrow(
      /^Secrets are sealed with the key alt .+ SECRET_KEYS\.$/,
    )
    await checkSecretKeys(under(newer))
  })

  it('of a job type count as well, and its secret settings go on under the new one', async () => {
    const registered = await test.rest('POST', '/v6/job-types/', {
      body: {
        docker_image: 'a:1',
        manifest: secretManifest('sealed'),
        configuration: { settings: { TOKEN: 's3cr3t' } },
      },
    })
    expect([registered.status, registered.text]).toEqual([201, expect.any(String)])
    const both = keyRing([keyOf('neu', 9), keyOf('test', 7), keyOf('alt ü\\', 7)])
    expect((await missing(older)).map(({ name }) => name)).toEqual(['test'])
    expect(await resealSecrets(under(both), { chunk: 2 })).toBe(6)
    expect(await missing(newest)).toEqual([])
    expect(await resealSecrets(under(newest))).toBe(0)
  })

  it('a cut between chunks leaves the rest to the next run, and then the old key can go', async () => {
    const cut = () => {
      throw new Error('cut')
    }
    await expect(resealSecrets(under(newer), { chunk: 2, onChunk: cut })).rejects.toThrow('cut')
    expect(await openedBy(newest, 'a')).toEqual({ value: 'a' })
    await expect(openedBy(newest, 'e')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await missing(newest)).toHaveLength(1)
    const told: number[] = []
    expect(await resealSecrets(under(newer), { chunk: 2, onChunk: (sealed) => told.push(sealed) })).toBe(3)
    expect(told).toEqual([2, 3])
    for (const id of ['a', 'b', 'c', 'd', 'e']) expect(await openedBy(newest, id)).toEqual({ value: id })
    expect(await missing(newest)).toEqual([])
  })

  it('one that is gone is said plainly over REST', async () => {
    const answer = await test.rest('GET', '/secrets/secret/a')
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('which this gateway does not have')])
  })
})
