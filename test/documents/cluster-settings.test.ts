import { Ajv } from 'ajv'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findChangesAfter } from '#store/change.ts'
import type { TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { expectRefusal, ok, openCluster } from './cluster.ts'

onBothStores('the settings of the Cluster API', (kind) => {
  let test: TestGateway
  beforeEach(async () => {
    test = await openCluster(kind)
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const settings = async () => ok(await test.rest('GET', '/v1/settings'))
  const defaults = async () => ok(await test.rest('GET', '/v1/settings/default'))
  const post = (body: unknown) => test.rest('POST', '/v1/settings', { body })

  it('47: GET /v1/settings shows the defaults of /v1/settings/default until something is set', async () => {
    expect(await settings()).toEqual(await defaults())
    expect(await defaults()).toMatchObject({
      info: { name: '', game: '', description: '' },
      ntp: { server: 'pool.ntp.org', polling: 300 },
      encode: { input: { width: 1280, height: 720, silent: true, stamp_timecode: false } },
      services: { leaf: { bufferSize: 4096, compression: false, maxConnections: 500 } },
    })
  })

  it('48 49: GET /v1/schemas/settings.json compiles, and both documents are valid by it', async () => {
    const schema = Object(ok(await test.rest('GET', '/v1/schemas/settings.json')))
    expect(schema).toMatchObject({ type: 'object', properties: { encode: { type: 'object' } } })
    const valid = new Ajv({ useDefaults: true }).compile(schema)
    expect(valid(await defaults())).toBe(true)
    ok(await post({ info: { name: 'x' }, later: { added: 1 } }))
    expect(valid(await settings())).toBe(true)
    // A client that fills defaults by the schema comes to the same as the gateway.
    const filled = {}
    expect(valid(filled)).toBe(true)
    expect(filled).toEqual(await defaults())
  })

  it('50: POST /v1/settings sets one value and answers with all', async () => {
    const answer = ok(await post({ info: { name: 'x' } }))
    expect(answer).toEqual(await settings())
    const { info, ...others } = Object(answer)
    const { info: defaultInfo, ...defaultOthers } = Object(await defaults())
    expect(info).toEqual({ ...defaultInfo, name: 'x' })
    expect(others).toEqual(defaultOthers)
  })

  it('52: fills deep, and with defaults rather than with what was set before', async () => {
    ok(await post({ encode: { input: { width: 800, height: 600 } }, info: { name: 'before' } }))
    ok(await post({ encode: { input: { width: 640 } } }))
    expect(await settings()).toMatchObject({ encode: { input: { width: 640, height: 720 } }, info: { name: '' } })
    ok(await post({}))
    expect(await settings()).toEqual(await defaults())
  })

  it('53: refuses a wrong type, tells every place, and changes nothing', async () => {
    ok(await post({ info: { name: 'kept' } }))
    const before = await settings()
    const refused = await post({ encode: { input: { width: 'wide', height: 0 } }, info: { name: 'lost' } })
    expect(expectRefusal(refused, 400)).toContain('encode.input.width')
    expect(refused.json()).toMatchObject({
      details: [
        { path: 'encode.input.width', message: 'must be integer' },
        { path: 'encode.input.height', message: 'must be >= 1' },
      ],
    })
    expect(await settings()).toEqual(before)
  })

  it('54: refuses what is no object, and broken JSON', async () => {
    for (const body of ['null', '5', '[]', '{"info":', '', '{"info": {"name": "a\\u0000b"}}', `${'['.repeat(100_000)}`])
      expectRefusal(await post(body), 400)
    expectRefusal(await test.rest('POST', '/v1/settings'), 400)
    expect(await settings()).toEqual(await defaults())
  })

  it('55: posting what was read changes nothing, unknown members and their order included', async () => {
    ok(await post({ zeta: [1, { b: 1, a: 2 }], encode: { composition: { on: true } }, alpha: null, info: { x: 'y' } }))
    const first = await test.rest('GET', '/v1/settings')
    ok(await post(first.json()))
    expect((await test.rest('GET', '/v1/settings')).text).toBe(first.text)
    expect(first.json()).toMatchObject({
      zeta: [1, { b: 1, a: 2 }],
      encode: { composition: { on: true } },
      alpha: null,
    })
  })

  it('keeps 64-bit integers of unknown members, and members with hostile names', async () => {
    ok(await post('{"later": {"id": 9007199254740993, "__proto__": {"polluted": true}}, "constructor": 1}'))
    const { text } = await test.rest('GET', '/v1/settings')
    expect(text).toContain('"id":9007199254740993,"__proto__":{"polluted":true}')
    expect(text).toContain('"constructor":1')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('follows no reference: a $ref is refused wherever it stands', async () => {
    const refused = await post({
      info: { $ref: 'http://127.0.0.1:1/schema.json' },
      list: [{ $ref: 'file:///etc/passwd' }],
    })
    expectRefusal(refused, 400)
    expect(refused.json()).toMatchObject({ details: [{ path: 'info.$ref' }, { path: 'list[0].$ref' }] })
    expect(await settings()).toEqual(await defaults())
  })

  it('records one change, and none where it refuses', async () => {
    await post({ info: { name: 'x' } })
    await post({ info: { name: 5 } })
    const changes = await findChangesAfter(test.store.db, { index: 0, ordinal: 0 }, 10)
    expect(changes.map((change) => [change.kind, change.jobId])).toEqual([['SETTINGS', null]])
  })

  it('refuses other methods with Allow, and paths that are none', async () => {
    const refused = await test.rest('DELETE', '/v1/settings')
    expectRefusal(refused, 405)
    expect(refused.headers.get('allow')).toBe('GET, HEAD, POST')
    expectRefusal(await test.rest('GET', '/v1/settings/nothing'), 404)
    expectRefusal(await test.rest('GET', '/v1/schemas/other.json'), 404)
  })
})
