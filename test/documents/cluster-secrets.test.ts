import { afterEach, beforeEach, expect, it } from 'vitest'
import { findChangesAfter } from '#store/change.ts'
import { keyRing, unseal } from '#store/key-ring.ts'
import { findSecretInfos, findSecretValues, replaceSecret } from '#store/secret.ts'
import { writing } from '#store/store.ts'
import type { TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { expectDone, expectRefusal, ok, openCluster } from './cluster.ts'

const canary = 'canary-7f3a-anothersecret'
const command = { GENVID_COMMAND_SECRET: canary, akey: 'avalue' }

onBothStores('the secrets of the Cluster API', (kind) => {
  let test: TestGateway
  beforeEach(async () => {
    test = await openCluster(kind)
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const list = async () => ok(await test.rest('GET', '/v1/secrets/list'))
  const get = (id: string) => test.rest('GET', `/secrets/secret/${id}`)
  const post = (id: string, body: unknown) => test.rest('POST', `/secrets/secret/${id}`, { body })

  it('GET /v1/secrets/list of an empty store', async () => {
    expect(await list()).toEqual({ keys: [] })
  })

  it('103 104: POST /secrets/secret/{ID} creates a secret, and GET shows it', async () => {
    expectDone(await post('command', command))
    expect(await list()).toEqual({ keys: ['command'] })
    expect(ok(await get('command'))).toEqual(command)
  })

  it('replaces all values of a secret', async () => {
    expectDone(await post('command', command))
    expectDone(await post('command', { other: 'x' }))
    expect(ok(await get('command'))).toEqual({ other: 'x' })
    expect(await list()).toEqual({ keys: ['command'] })
  })

  it('106: lists ids in order', async () => {
    for (const id of ['disco', 'command', 'Z', 'a.b-c_d']) expectDone(await post(id, command))
    expect(await list()).toEqual({ keys: ['Z', 'a.b-c_d', 'command', 'disco'] })
  })

  it('107: DELETE /secrets/secret/{ID}, its body ignored', async () => {
    expectDone(await post('command', command))
    expectDone(await post('disco', command))
    expectDone(await test.rest('DELETE', '/secrets/secret/command', { body: command }))
    expectRefusal(await get('command'), 404)
    expect(await list()).toEqual({ keys: ['disco'] })
    expectDone(await test.rest('DELETE', '/secrets/secret/disco', { body: '{broken' }))
    expectDone(await post('command', { again: '1' }))
    expect(ok(await get('command'))).toEqual({ again: '1' })
  })

  it('108: unknown secrets, and ids that are none', async () => {
    expectRefusal(await get('nope'), 404)
    expectRefusal(await test.rest('DELETE', '/secrets/secret/nope'), 404)
    for (const id of ['a%2Fb', 'a%20b', 'caf%C3%A9', '%00']) expectRefusal(await post(id, command), 404)
    expect(await list()).toEqual({ keys: [] })
  })

  it('109: every path with and without /v1', async () => {
    expectDone(await test.rest('POST', '/v1/secrets/secret/command', { body: command }))
    expect(ok(await test.rest('GET', '/v1/secrets/secret/command'))).toEqual(command)
    expect(ok(await get('command'))).toEqual(command)
    expect(ok(await test.rest('GET', '/secrets/list'))).toEqual({ keys: ['command'] })
    expectDone(await test.rest('DELETE', '/v1/secrets/secret/command'))
    expectRefusal(await get('command'), 404)
  })

  it('refuses what is no flat map of texts, without repeating it', async () => {
    expectDone(await post('command', command))
    const wrong = [{}, [], 'null', '5', `"${canary}"`, { a: 1 }, { a: null }, { a: { b: canary } }, { a: [canary] }]
    const broken = [`{"a": "${canary}"`, '', `{"a": "${canary}\\u0000"}`, `{"a": "${canary}", "a": "x"}`]
    for (const body of [...wrong, ...broken, `{"a": "x", "\\u0061": "${canary}"}`]) {
      const refused = await post('command', body)
      expectRefusal(refused, 400)
      expect(refused.text).not.toContain(canary)
    }
    expect(ok(await get('command'))).toEqual(command)
    expectRefusal(await post('big', { a: 'x'.repeat(262_144) }), 413)
  })

  it('lets no cache keep an answer', async () => {
    await post('command', command)
    const answers = [await get('command'), await get('nope'), await test.rest('GET', '/v1/secrets/list')]
    answers.push(await post('command', command), await test.rest('DELETE', '/secrets/secret/command'))
    for (const answer of answers) expect(answer.headers.get('cache-control')).toBe('no-store')
    const refused = await test.rest('PUT', '/secrets/secret/command', { body: command })
    expectRefusal(refused, 405)
    expect(refused.headers.get('allow')).toBe('DELETE, GET, HEAD, POST')
  })

  it('keeps values sealed, and out of changes and statements', async () => {
    test.statements.length = 0
    await post('command', command)
    await get('command')
    const { sealed, version } = await test.store.db
      .selectFrom('secret')
      .select(['sealed', 'version'])
      .executeTakeFirstOrThrow()
    expect(Buffer.from(sealed).includes(canary)).toBe(false)
    expect(JSON.parse(unseal(test.store.keys, `secret|command|${version}`, sealed))).toEqual(command)
    expect(test.statements.join('\n')).not.toContain(canary)
    await test.rest('DELETE', '/secrets/secret/command')
    const changes = await findChangesAfter(test.store.db, { index: 0, ordinal: 0 }, 10)
    expect(changes.map((change) => [change.kind, change.jobId, change.detail])).toEqual([
      ['SECRET', null, { id: 'command', keys: ['GENVID_COMMAND_SECRET', 'akey'] }],
      ['SECRET', null, { id: 'command', deleted: true }],
    ])
  })

  it('binds a sealed value to its secret and version', async () => {
    await post('one', { a: '1' })
    const first = await test.store.db.selectFrom('secret').select('sealed').executeTakeFirstOrThrow()
    await post('one', { a: '2' })
    await post('two', { a: '3' })
    const put = (id: string) =>
      writing(test.store, (tx) => tx.updateTable('secret').set({ sealed: first.sealed }).where('id', '=', id).execute())
    for (const id of ['one', 'two']) {
      await put(id)
      expect((await get(id)).status).toBe(500)
    }
    expect(test.bugs.splice(0)).toHaveLength(2)
  })

  it('opens what an older key sealed, and seals with the newest', async () => {
    await post('old', { a: '1' })
    const fresh = keyRing([`next:${Buffer.alloc(32, 9).toString('base64')}`])
    const both = { ...test.store, keys: { keys: [...fresh.keys, ...test.store.keys.keys] } }
    expect(await findSecretValues(test.store.db, both.keys, 'old')).toEqual({ a: '1' })
    await replaceSecret(both, 'old', { a: '2' })
    expect(await findSecretValues(test.store.db, fresh, 'old')).toEqual({ a: '2' })
    const none = { ...test.store, keys: { keys: [] } }
    await expect(replaceSecret(none, 'new', { a: '1' })).rejects.toThrow('No secret key is configured')
    expect((await findSecretInfos(test.store.db)).map(({ id, version }) => [id, version])).toEqual([['old', 2]])
  })

  it('writers at once leave one whole secret', async () => {
    const sent = Array.from({ length: 12 }, (_, n) => ({ a: `${n}`, b: `${n}` }))
    for (const answer of await Promise.all(sent.map((body) => post('busy', body)))) expectDone(answer)
    expect(sent).toContainEqual(ok(await get('busy')))
  })
})
