import { afterEach, beforeEach, expect, it } from 'vitest'
import { loggerLevels, loggersFile } from '#model/logger.ts'
import { findChangesAfter } from '#store/change.ts'
import { findLoggerLevels } from '#store/logger.ts'
import { placeAllocation, placeService } from '../support/allocation.ts'
import type { TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { expectDone, expectRefusal, ok, openCluster, placeWeb, sampleLogs } from './cluster.ts'

onBothStores('the loggers of the Cluster API', (kind) => {
  let test: TestGateway
  beforeEach(async () => {
    test = await openCluster(kind)
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const defaults = async () => ok(await test.rest('GET', '/v1/log/defaults'))
  const setDefault = (logger: string, body: unknown) => test.rest('POST', `/v1/log/defaults/${logger}`, { body })
  const loggers = async (uuid: string) => ok(await test.rest('GET', `/v1/log/allocs/${uuid}`))
  const setOwn = (uuid: string, logger: string, body: unknown) =>
    test.rest('POST', `/v1/log/allocs/${uuid}/${logger}`, { body })

  it('77: GET /v1/log/defaults shows logs with levels at info', async () => {
    expect(await defaults()).toEqual({})
    await placeWeb(test)
    expect(await defaults()).toEqual({ web: 'info' })
  })

  it('78: POST /v1/log/defaults/{loggerID} sets a level and answers with the map', async () => {
    await placeWeb(test)
    expect(ok(await setDefault('web', { web: 'debug' }))).toEqual({ web: 'debug' })
    expect(await defaults()).toEqual({ web: 'debug' })
  })

  it('79: a logger that no log names', async () => {
    ok(await setDefault('leaf', { leaf: 'info' }))
    expect(await defaults()).toEqual({ leaf: 'info' })
    ok(await setDefault('a%2Fb', { 'a/b': 'error' }))
    ok(await setDefault('__proto__', '{"__proto__": "error"}'))
    expect((await test.rest('GET', '/v1/log/defaults')).text).toBe('{"__proto__":"error","a/b":"error","leaf":"info"}')
  })

  it('80: every level, in lower case, for the logger of the path alone', async () => {
    await placeWeb(test)
    for (const level of ['debug', 'info', 'warning', 'error', 'fatal', 'panic'])
      expect(ok(await setDefault('web', { web: level }))).toEqual({ web: level })
    const wrong = [{ web: 'DEBUG' }, { web: 'warn' }, { web: '' }, { web: 1 }, { web: null }, {}, 'null', '["web"]', '']
    for (const body of [...wrong, { leaf: 'info' }, { web: 'info', leaf: 'info' }])
      expectRefusal(await setDefault('web', body), 400)
    expect(await defaults()).toEqual({ web: 'panic' })
    expect(loggerLevels).toHaveLength(6)
  })

  it('GET /v1/log/allocs/{allocID} lists the loggers of its own tasks', async () => {
    const placed = await placeWeb(test)
    const other = await placeAllocation(test, await placeService(test, 'api', { api: ['api'] }), 'api')
    const apiLog = { id: 'api', job: 'api', logLevel: true }
    expectDone(await test.rest('POST', '/v1/log/logs', { body: [...sampleLogs, apiLog] }))
    expect(await loggers(placed.uuid)).toEqual({ web: '' })
    expect(await loggers(other.uuid)).toEqual({ api: '' })
    expectRefusal(await test.rest('GET', '/v1/log/allocs/nothing'), 404)
    expectRefusal(await test.rest('GET', '/v1/log/allocs/3f0f3a3e-0000-4000-8000-000000000000'), 404)
  })

  it('84: POST /v1/log/allocs/{allocID}/{loggerID} leaves the defaults and other allocations alone', async () => {
    const placed = await placeWeb(test)
    expect(ok(await setOwn(placed.uuid, 'web', { web: 'debug' }))).toEqual({ web: 'debug' })
    expect(await loggers(placed.uuid)).toEqual({ web: 'debug' })
    expect(await defaults()).toEqual({ web: 'info' })
    expectRefusal(await setOwn('nothing', 'web', { web: 'debug' }), 404)
    for (const body of [{ web: 'loud' }, { leaf: 'debug' }, {}])
      expectRefusal(await setOwn(placed.uuid, 'web', body), 400)
    expect(await loggers(placed.uuid)).toEqual({ web: 'debug' })
  })

  it('85: an empty level goes back to the default', async () => {
    const placed = await placeWeb(test)
    ok(await setOwn(placed.uuid, 'web', { web: 'debug' }))
    expect(ok(await setOwn(placed.uuid, 'web', { web: '' }))).toEqual({ web: '' })
    expect(await loggers(placed.uuid)).toEqual({ web: '' })
    ok(await setOwn(placed.uuid, 'leaf', { leaf: 'debug' }))
    expect(ok(await setOwn(placed.uuid, 'leaf', { leaf: '' }))).toEqual({ leaf: '', web: '' })
  })

  it('forgets the loggers of ids that vanish from the list of logs', async () => {
    const placed = await placeWeb(test)
    ok(await setDefault('web', { web: 'error' }))
    ok(await setDefault('leaf', { leaf: 'error' }))
    ok(await setOwn(placed.uuid, 'web', { web: 'debug' }))
    expectDone(await test.rest('POST', '/v1/log/logs', { body: sampleLogs }))
    expect(await defaults()).toEqual({ leaf: 'error', web: 'error' })
    expectDone(await test.rest('POST', '/v1/log/logs', { body: [] }))
    expect(await defaults()).toEqual({ leaf: 'error' })
    expect(await loggers(placed.uuid)).toEqual({})
    expectDone(await test.rest('POST', '/v1/log/logs', { body: sampleLogs }))
    expect(await defaults()).toEqual({ leaf: 'error', web: 'info' })
    expect(await loggers(placed.uuid)).toEqual({ web: '' })
  })

  it('tells a running task the levels by which its loggers go', async () => {
    const placed = await placeWeb(test)
    const told = async () => loggersFile((await findLoggerLevels(test.store.db, placed.lease.executionId)) ?? [])
    expect(await told()).toBe('{\n  "web": "info"\n}\n')
    ok(await setDefault('web', { web: 'error' }))
    expect(JSON.parse(await told())).toEqual({ web: 'error' })
    ok(await setOwn(placed.uuid, 'web', { web: 'debug' }))
    ok(await setOwn(placed.uuid, 'extra', { extra: 'panic' }))
    expect(JSON.parse(await told())).toEqual({ extra: 'panic', web: 'debug' })
    ok(await setOwn(placed.uuid, 'web', { web: '' }))
    expect(JSON.parse(await told())).toEqual({ extra: 'panic', web: 'error' })
    expect(await findLoggerLevels(test.store.db, 1)).toBeNull()
  })

  it('records changes that name the allocation and concern no job', async () => {
    const placed = await placeWeb(test)
    ok(await setDefault('web', { web: 'error' }))
    ok(await setOwn(placed.uuid, 'web', { web: 'debug' }))
    const changes = await findChangesAfter(test.store.db, { index: 0, ordinal: 0 }, 20)
    expect(changes.filter(({ kind: one }) => one === 'LOGGER')).toMatchObject([
      { entityId: 0, jobId: null, detail: { logger: 'web', level: 'error' } },
      { entityId: placed.lease.executionId, jobId: null, detail: { logger: 'web', level: 'debug' } },
    ])
  })

  it('other methods', async () => {
    expectRefusal(await test.rest('DELETE', '/v1/log/defaults'), 405)
    const refused = await test.rest('GET', '/v1/log/defaults/web')
    expectRefusal(refused, 405)
    expect(refused.headers.get('allow')).toBe('POST')
  })
})
