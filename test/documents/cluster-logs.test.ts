import { afterEach, beforeEach, expect, it } from 'vitest'
import { findChangesAfter } from '#store/change.ts'
import { findLogStreams } from '#store/log.ts'
import { findBytes } from '#store/log-byte.ts'
import { moveAllocation, type Placed, placeAllocation, placeService, writeLog } from '../support/allocation.ts'
import { onBothStores } from '../support/store.ts'
import { type Cluster, expectDone, expectRefusal, ok, openCluster, placeWeb, sampleLogs } from './cluster.ts'

onBothStores('the logs of the Cluster API', (kind) => {
  let test: Cluster
  beforeEach(async () => {
    test = await openCluster(kind)
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const get = (path: string) => test.rest('GET', path)
  const logs = async () => ok(await get('/v1/log/logs'))
  const post = (body: unknown) => test.rest('POST', '/v1/log/logs', { body })
  const file = (placed: Placed, path: string) => get(`/v1/log/fs/${placed.uuid}/${path}`)

  it('GET /v1/log/logs of an empty store', async () => {
    expect(await logs()).toEqual([])
  })

  it('57: POST /v1/log/logs sets the list, with exactly the documented keys', async () => {
    expectDone(await post(sampleLogs))
    const list = await logs()
    expect(list).toEqual(sampleLogs)
    expect(Object.keys(Object(Object(list)[0]))).toEqual(['id', 'group', 'job', 'task', 'fileName', 'logLevel'])
  })

  it('59: replaces the whole list', async () => {
    expectDone(await post(sampleLogs))
    expectDone(await post([{ ...sampleLogs[1], id: 'other' }]))
    expect(await logs()).toEqual([{ ...sampleLogs[1], id: 'other' }])
    expectDone(await post([]))
    expect(await logs()).toEqual([])
  })

  it('60: refuses the list as a whole', async () => {
    expectDone(await post(sampleLogs))
    const [web] = sampleLogs
    const { job: _job, ...jobless } = Object(web)
    const { id: _id, ...nameless } = Object(web)
    const bad = [[web, web], [web, jobless], [nameless], [{ ...web, id: '' }], [{ ...web, job: '' }]]
    const wrong = [[{ ...web, logLevel: 'yes' }], [{ ...web, task: 5 }], [{ ...web, group: null }], ['web'], { web }]
    for (const body of [...bad, ...wrong, 'null', '[', '']) expectRefusal(await post(body), 400)
    expect(await logs()).toEqual(sampleLogs)
  })

  it('61: fills missing parts', async () => {
    const sent = [
      { id: 'game', job: 'unity', fileName: 'unity.log' },
      { id: 'b', job: 'j', task: 't' },
      { id: 'c', job: 'j', group: 'g', logLevel: true },
    ]
    expectDone(await post(sent))
    expect(await logs()).toEqual([
      { id: 'game', group: 'unity', job: 'unity', task: 'unity', fileName: 'unity.log', logLevel: false },
      { id: 'b', group: 't', job: 'j', task: 't', fileName: 'stdout', logLevel: false },
      { id: 'c', group: 'g', job: 'j', task: 'g', fileName: 'stdout', logLevel: true },
    ])
  })

  it('takes a list longer than a statement has parameters, and lists set at once one after another', async () => {
    const long = Array.from({ length: 12_000 }, (_, n) => ({ id: `l${n}`, job: 'j' }))
    expectDone(await post(long))
    expect(await logs()).toHaveLength(12_000)
    const lists = Array.from({ length: 8 }, (_, n) => [
      { id: `only${n}`, job: 'j' },
      { id: 'same', job: `j${n}` },
    ])
    for (const answer of await Promise.all(lists.map(post))) expectDone(answer)
    const [only, same] = Object(await logs())
    expect(same.job).toBe(`j${only.id.slice(4)}`)
  })

  it('GET /v1/log/meta/{name} lists each allocation of the task, newest first', async () => {
    const web = await placeService(test, 'web', { web: ['web', 'side'], api: ['web'] })
    const placed = [await placeAllocation(test, web, 'web', 0), await placeAllocation(test, web, 'web', 1)]
    await placeAllocation(test, web, 'api', 2)
    await placeAllocation(test, await placeService(test, 'other', { web: ['web'] }), 'web')
    expectDone(await post(sampleLogs))
    const list = Object(ok(await get('/v1/log/meta/web')))
    expect(list.map((one: object) => Reflect.get(one, 'allocID'))).toEqual(placed.map(({ uuid }) => uuid).reverse())
    expect(list[0]).toEqual({
      allocID: placed[1]?.uuid,
      status: 'running',
      jobName: 'web',
      taskName: 'web',
      fileName: 'stdout',
      createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/),
      logLevel: 'true',
    })
    expect(ok(await get('/v1/log/meta/weberr'))).toMatchObject([{ logLevel: 'false', fileName: 'stderr' }, {}])
    expectDone(
      await post([
        { id: 'ghost', job: 'web', group: 'web', task: 'nobody' },
        { id: 'far', job: 'away' },
      ]),
    )
    expect(ok(await get('/v1/log/meta/ghost'))).toEqual([])
    expect(ok(await get('/v1/log/meta/far'))).toEqual([])
  })

  it('costs the same number of statements for one allocation and for eight', async () => {
    const web = await placeService(test, 'web', { web: ['web'] })
    expectDone(await post(sampleLogs))
    const statementsOf = async (count: number) => {
      test.statements.length = 0
      expect(ok(await get('/v1/log/meta/web'))).toHaveLength(count)
      // The feed reads the change log now and then, on its own account.
      return test.statements.filter((statement) => !statement.includes('from "change"')).length
    }
    await placeAllocation(test, web, 'web', 0)
    const few = await statementsOf(1)
    for (let slot = 1; slot < 8; slot += 1) await placeAllocation(test, web, 'web', slot)
    expect(await statementsOf(8)).toBe(few)
  })

  it('64: the status is that of the task, and dead once the allocation has ended', async () => {
    const placed = await placeWeb(test)
    const status = async () => Object(ok(await get('/v1/log/meta/web')))[0].status
    const state = { failed: false, events: [] }
    await moveAllocation(test, placed, 'pending')
    expect(await status()).toBe('pending')
    await moveAllocation(test, placed, 'running', { web: { state: 'running', ...state } })
    expect(await status()).toBe('running')
    await moveAllocation(test, placed, 'running', { web: { state: 'dead', ...state } })
    expect(await status()).toBe('dead')
    await moveAllocation(test, placed, 'complete', { web: { state: 'running', ...state } })
    expect(await status()).toBe('dead')
  })

  it('65: the meta information of an unknown log', async () => {
    expectRefusal(await get('/v1/log/meta/nope'), 404)
    expectRefusal(await test.rest('POST', '/v1/log/meta/nope', { body: {} }), 405)
  })

  it('66 67 68: GET /v1/log/fs/{alloc}/{task}/{fs} from either end', async () => {
    const placed = await placeWeb(test)
    await writeLog(test, placed, 'web', 'stdout', '012', '3456', '789')
    await writeLog(test, placed, 'web', 'stderr', 'trouble\n')
    const whole = await file(placed, 'web/stdout')
    expect(whole.status).toBe(200)
    expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(whole.text).toBe('0123456789')
    expect((await file(placed, 'web/stderr')).text).toBe('trouble\n')
    for (let offset = 0; offset <= 11; offset += 1) {
      expect((await file(placed, `web/stdout?origin=start&offset=${offset}`)).text).toBe('0123456789'.slice(offset))
      const tail = offset === 0 ? '' : '0123456789'.slice(-offset)
      expect((await file(placed, `web/stdout?origin=end&offset=${offset}`)).text).toBe(tail)
    }
    expect((await file(placed, 'web/stdout?offset=4')).text).toBe('456789')
    expect((await file(placed, 'web/stdout?origin=end')).text).toBe('')
    expect((await file(placed, `web/stdout?offset=${'9'.repeat(400)}`)).text).toBe('')
    expect((await file(placed, `web/stdout?origin=end&offset=${'9'.repeat(400)}`)).text).toBe('0123456789')
  })

  it('joins chunks at any offset, and reads no others', async () => {
    const placed = await placeWeb(test)
    await writeLog(test, placed, 'web', 'stdout', ...Array.from({ length: 20 }, (_, n) => `${n % 10}`.repeat(100)))
    const whole = (await file(placed, 'web/stdout')).text
    for (const offset of [1, 99, 100, 101, 1999, 2000])
      expect((await file(placed, `web/stdout?origin=end&offset=${offset}`)).text).toBe(whole.slice(-offset))
    for (const offset of [0, 99, 100, 101, 1999])
      expect((await file(placed, `web/stdout?offset=${offset}`)).text).toBe(whole.slice(offset))
    const [stream] = await findLogStreams(test.store.db, [placed.lease.executionId])
    let chunks = 0
    const counting = test.store.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        chunks += result.rows.length
        return result
      },
    })
    const read = async (from: number, to: number) => {
      chunks = 0
      const bytes = await findBytes(counting, stream?.id ?? 0, from, to)
      return [Buffer.from(bytes).toString(), chunks]
    }
    expect(await read(1999, 2000)).toEqual(['9', 1])
    expect(await read(150, 250)).toEqual([whole.slice(150, 250), 2])
    expect(await read(100, 200)).toEqual([whole.slice(100, 200), 1])
    expect(await read(5, 5)).toEqual(['', 0])
    expect(await read(1990, 9999)).toEqual([whole.slice(1990), 1])
  })

  it('75: offsets count bytes, also inside a character', async () => {
    const placed = await placeWeb(test)
    const bytes = Buffer.from('hé😀')
    await writeLog(test, placed, 'web', 'stdout', bytes.subarray(0, 2), bytes.subarray(2, 5), bytes.subarray(5))
    for (let offset = 0; offset <= bytes.length; offset += 1) {
      const response = await test.fetch('GET', `/v1/log/fs/${placed.uuid}/web/stdout?offset=${offset}`)
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(offset))).toBe(true)
    }
  })

  it('an allocation that has written nothing, and a last line without its end', async () => {
    const placed = await placeWeb(test)
    const answer = await file(placed, 'web/stdout?offset=3')
    expect([answer.status, answer.text]).toEqual([200, ''])
    await writeLog(test, placed, 'web', 'stdout', 'one\n', 'tw')
    expect((await file(placed, 'web/stdout')).text).toBe('one\ntw')
  })

  it('73: only stdout, stderr and files that the list of logs names for the task', async () => {
    const placed = await placeWeb(test)
    expectRefusal(await file(placed, 'web/stdin'), 400)
    expectRefusal(await file(placed, 'web/unity.log'), 400)
    expectDone(await post([{ id: 'file', job: 'web', fileName: 'logs/unity.log' }]))
    await writeLog(test, placed, 'web', 'logs/unity.log', 'level 1\n')
    expect((await file(placed, 'web/logs%2Funity.log')).text).toBe('level 1\n')
    expectRefusal(await file(placed, 'web/unity.log'), 400)
  })

  it('bad origins and offsets', async () => {
    const placed = await placeWeb(test)
    for (const query of ['origin=middle', 'offset=-1', 'offset=NaN', 'offset=1.5', 'offset=0x1', 'origin=', 'offset='])
      expectRefusal(await file(placed, `web/stdout?${query}`), 400)
  })

  it('74: unknown allocations and tasks; a group stands for its only task', async () => {
    const placed = await placeWeb(test)
    expectRefusal(await get('/v1/log/fs/3f0f3a3e-0000-4000-8000-000000000000/web/stdout'), 404)
    expectRefusal(await get('/v1/log/fs/nothing/web/stdout'), 404)
    expectRefusal(await file(placed, 'other/stdout'), 404)
    const pair = await placeService(test, 'pair', { both: ['one', 'two'], lone: ['three'] })
    const both = await placeAllocation(test, pair, 'both', 0)
    const lone = await placeAllocation(test, pair, 'lone', 1)
    await writeLog(test, lone, 'three', 'stdout', 'three')
    expect((await file(lone, 'lone/stdout')).text).toBe('three')
    expectRefusal(await file(both, 'both/stdout'), 404)
    expect((await file(both, 'two/stdout')).status).toBe(200)
  })

  it('76: the file of a log cannot be posted to', async () => {
    const refused = await test.rest('POST', '/v1/log/fs/a/web/stdout', { body: {} })
    expectRefusal(refused, 405)
    expect(refused.headers.get('allow')).toBe('GET, HEAD')
  })

  it('records the list as a change that concerns no job', async () => {
    await post(sampleLogs)
    const changes = await findChangesAfter(test.store.db, { index: 0, ordinal: 0 }, 10)
    expect(changes.map((change) => [change.kind, change.jobId])).toEqual([['LOG_SOURCE', null]])
  })
})
