import { afterAll, beforeAll, expect, it } from 'vitest'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import {
  at,
  completed,
  expectRefusal,
  failed,
  handWorker,
  idsOf,
  makeBatch,
  makeJob,
  makeRecipe,
  register,
  supersede,
} from './scale-jobs.ts'

onBothStores('filters of the Scale v6 job list', (kind) => {
  let test: TestGateway
  /** c COMPLETED and superseded, b FAILED, a RUNNING, d QUEUED, in the order in which they last changed. */
  let a: number
  let b: number
  let c: number
  let d: number
  let batchId: number
  let recipeId: number
  let tilerId: number
  const get = (query: string) => test.rest('GET', `/v6/jobs/?${query}`)
  const found = async (query: string) => new Set(idsOf(await get(query)))
  const source = {
    started: '2016-01-01T06:00:00Z',
    ended: '2016-01-01T07:00:00Z',
    sensorClass: 'classA',
    sensor: '1',
    collection: '12345',
    task: 'my-task',
  }

  beforeAll(async () => {
    test = await openTestGateway(kind)
    const mosaic = await register(test, manifest('mosaic'))
    const tiler = await register(test, manifest('tiler'))
    tilerId = tiler.id
    batchId = await makeBatch(test, 'night')
    recipeId = await makeRecipe(test, 'chain')
    const worker = await handWorker(test)
    a = await makeJob(test, mosaic, { source })
    const running = await worker.claim()
    c = await makeJob(test, mosaic, { batchId })
    await worker.end(await worker.claim(), completed)
    await supersede(test, c)
    b = await makeJob(test, tiler, { recipeId })
    await worker.end(await worker.claim(), failed())
    d = await makeJob(test, tiler)
    expect(running.jobId).toBe(a)
  })
  afterAll(() => test.close())

  it('F01 F02: by status, several and unknown ones', async () => {
    expect(await found('status=RUNNING')).toEqual(new Set([a]))
    expect(await found('status=RUNNING&status=FAILED')).toEqual(new Set([a, b]))
    for (const word of ['', 'running', 'CANCELING', 'RUNNING,FAILED'])
      expect(await found(`status=${word}`)).toEqual(new Set())
    expect((await get('status=NONE')).json()).toEqual({ count: 0, next: null, previous: null, results: [] })
  })

  it('F05 F06: by job type, and with a status', async () => {
    expect(await found(`job_type_id=${tilerId}`)).toEqual(new Set([b, d]))
    expect(await found('job_type_name=tiler')).toEqual(new Set([b, d]))
    expect(await found('job_type_name=tiler&job_type_name=mosaic')).toEqual(new Set([a, b, c, d]))
    expect(await found('job_type_name=tiler&status=QUEUED')).toEqual(new Set([d]))
    expect(await found(`job_id=${a}&job_id=%20${d}%20`)).toEqual(new Set([a, d]))
  })

  it('F07: by error and its category', async () => {
    const answer = await get('error_category=SYSTEM')
    expect(idsOf(answer)).toEqual([b])
    const error = at(answer.json(), 'results', 0, 'error')
    expect(error).toMatchObject({ name: 'launch', category: 'SYSTEM', job_type_name: null, is_builtin: true })
    expect(await found(`error_id=${String(at(error, 'id'))}`)).toEqual(new Set([b]))
    expect(await found('error_category=DATA')).toEqual(new Set())
  })

  it('F09: values of a wrong kind', async () => {
    expectRefusal(await get('is_superseded=perhaps'), 400, 'Parameter must be a valid boolean: "is_superseded"')
    expectRefusal(await get('job_id=one'), 400, 'Parameter must be a valid integer: "job_id"')
    expectRefusal(await get(`job_id=${a}&job_id=7.0`), 400, 'job_id')
    expectRefusal(await get('job_type_id=99999999999999999999'), 400, 'job_type_id')
    expect(await found('is_superseded=TRUE')).toEqual(new Set([c]))
    expect(await found('is_superseded=f')).toEqual(new Set([a, b, d]))
    expect(await found('no_such_parameter=1')).toEqual(new Set([a, b, c, d]))
  })

  it('F10: by batch and recipe', async () => {
    const inBatch = await get(`batch_id=${batchId}`)
    expect(inBatch.json()).toMatchObject({ results: [{ id: c, batch: { id: batchId, title: 'night' } }] })
    const inRecipe = await get(`recipe_id=${recipeId}`)
    expect(inRecipe.json()).toMatchObject({
      results: [{ id: b, recipe: { id: recipeId, recipe_type: { name: 'chain' } } }],
    })
    expect(await found('batch_id=-1')).toEqual(new Set())
  })

  it('F11: by source, with both names of the task', async () => {
    for (const query of ['source_sensor=1', 'source_sensor_class=classA', 'source_collection=12345'])
      expect(await found(query)).toEqual(new Set([a]))
    for (const query of ['source_task=my-task', 'source_tasks=my-task', 'source_task=x&source_tasks=my-task'])
      expect(await found(query)).toEqual(new Set([a]))
    expect(await found('source_task=x')).toEqual(new Set())
  })

  it('F12: by the span of the source', async () => {
    expect(await found('source_started=2016-01-01T00:00:00Z&source_ended=2016-01-02T00:00:00Z')).toEqual(new Set([a]))
    expect(await found('source_started=2016-01-01T06:00:01Z')).toEqual(new Set())
    expect(await found('source_ended=2016-01-01T06:59:59Z')).toEqual(new Set())
  })

  it('F13 F14: by the last modification, as instants and as durations', async () => {
    const hours = (count: number) => encodeURIComponent(new Date(Date.now() + count * 3_600_000).toISOString())
    const all = new Set([a, b, c, d])
    expect(await found(`started=${hours(-1)}&ended=${hours(1)}`)).toEqual(all)
    expect(await found(`started=${hours(1)}`)).toEqual(new Set())
    for (const duration of ['PT1H', 'PT0.5H', 'P1DT2H']) expect(await found(`started=${duration}`)).toEqual(all)
    expect(await found('ended=PT1H')).toEqual(new Set())
  })

  it('F15 F16: times that are none, and empty or reversed ranges', async () => {
    for (const time of [
      'P1W',
      'P1M',
      'pt1h',
      'yesterday',
      '2016-01-01',
      '2016-01-01T00:00:00',
      '2016-01-01T00:00:00+01:00',
    ])
      expectRefusal(await get(`started=${time}`), 400, 'Invalid ISO timestamp format for parameter: started')
    for (const [start, end] of [
      ['started', 'ended'],
      ['source_started', 'source_ended'],
    ]) {
      expectRefusal(await get(`${start}=2016-01-01T00:00:00Z&${end}=2016-01-01T00:00:00Z`), 400, 'different')
      expectRefusal(await get(`${start}=2016-01-02T00:00:00Z&${end}=2016-01-01T00:00:00Z`), 400, 'before end time')
    }
  })

  it('F18 F19: sorted by the last modification, or by one field', async () => {
    expect(idsOf(await get(''))).toEqual([a, c, b, d])
    expect(idsOf(await get('order=-last_modified'))).toEqual([d, b, c, a])
    expect(idsOf(await get('order=id'))).toEqual([a, c, b, d])
    expect(idsOf(await get('order=-id'))).toEqual([d, b, c, a])
  })

  it('F20: sorted by several fields, of the job type too', async () => {
    expect(idsOf(await get('order=job_type__name&order=-id'))).toEqual([c, a, d, b])
    expect(idsOf(await get('order=-job_type.name&order=id'))).toEqual([b, d, a, c])
    expect((await get('order=job_type__name&order=-job_type__version')).status).toBe(200)
    expect(idsOf(await get('order=-status&order=id'))).toEqual([a, d, b, c])
  })

  it('F22 F23: every field that the web client sends, and unknown ones', async () => {
    const fields = [
      'job_type',
      'status',
      'node',
      'error.title',
      'error.category',
      'error__category',
      'recipe',
      'created',
    ]
    for (const field of [...fields, 'duration', 'batch', 'event', 'max_tries', 'superseded']) {
      expect(idsOf(await get(`order=${field}`))).toHaveLength(4)
      expect(idsOf(await get(`order=-${field}`))).toHaveLength(4)
    }
    for (const field of ['no_such_field', '', '-', 'constructor', 'job_type__manifest', '--id'])
      expectRefusal(await get(`order=${field}`), 400, 'ordered')
    expect(test.bugs).toEqual([])
  })

  it('F21: sorted by duration, unfinished ones last either way', async () => {
    const type = await register(test, manifest('timed'))
    const worker = await handWorker(test)
    const [long, short] = [await makeJob(test, type, { priority: 1 }), await makeJob(test, type, { priority: 2 })]
    const unfinished = await makeJob(test, type)
    const [first, second] = [await worker.claim(), await worker.claim()]
    await worker.end(second, completed)
    await worker.end(first, completed)
    expect(idsOf(await get('job_type_name=timed&order=duration'))).toEqual([short, long, unfinished])
    expect(idsOf(await get('job_type_name=timed&order=-duration'))).toEqual([long, short, unfinished])
  })
})
