import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { cancelJobs } from '#resolvers/job.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'
import {
  at,
  completed,
  expectRefusal,
  failed,
  type HandWorker,
  handWorker,
  makeBatch,
  makeJob,
  makeRecipe,
  register,
  supersede,
} from './scale-jobs.ts'

onBothStores('cancel and requeue by the Scale v6 jobs document', (kind) => {
  let test: TestGateway
  let tiler: JobType
  let mosaic: JobType
  let worker: HandWorker
  beforeEach(async () => {
    test = await openTestGateway(kind)
    tiler = await register(test, manifest('tiler'))
    mosaic = await register(test, manifest('mosaic'))
    worker = await handWorker(test)
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const post = (action: 'cancel' | 'requeue', body?: unknown) => test.rest('POST', `/v6/jobs/${action}/`, { body })
  const accept = async (action: 'cancel' | 'requeue', body?: unknown) => {
    const answer = await post(action, body)
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([202, '', null])
    expect(answer.headers.get('content-length')).toBe('0')
  }
  const jobOf = async (id: number) => (await test.rest('GET', `/v6/jobs/${id}/`)).json()
  const untilIs = (id: number, status: string) =>
    until(`job ${id} to be ${status}`, async () => {
      const job = await jobOf(id)
      return at(job, 'status') === status ? job : null
    })
  const statuses = async (...ids: number[]) => (await Promise.all(ids.map(jobOf))).map((job) => at(job, 'status'))
  const fail = async (type: JobType) => {
    const id = await makeJob(test, type, { priority: 1 })
    await worker.end(await worker.claim(), failed())
    return id
  }

  it('X01 X14: a queued job is canceled and queued again', async () => {
    const d = await makeJob(test, tiler)
    const before = await jobOf(d)
    await accept('cancel', { job_ids: [d] })
    const canceled = await untilIs(d, 'CANCELED')
    expect(String(at(canceled, 'last_status_change')) > String(at(before, 'last_status_change'))).toBe(true)
    expect(canceled).toMatchObject({ node: null, execution: { status: 'CANCELED', exe_num: 1, node: null } })
    await accept('requeue', { job_ids: [d] })
    const again = await untilIs(d, 'QUEUED')
    expect(again).toMatchObject({ num_exes: 2, max_tries: 4, started: null, ended: null })
    expect(String(at(again, 'queued')) > String(at(before, 'queued'))).toBe(true)
  })

  it('X02: a running job, with its execution', async () => {
    const a = await makeJob(test, mosaic)
    await worker.claim()
    await accept('cancel', { job_ids: [String(a)] })
    const canceled = await untilIs(a, 'CANCELED')
    expect(canceled).toMatchObject({ node: null, error: null, execution: { status: 'CANCELED' } })
    expect(at(canceled, 'execution', 'ended')).toEqual(expect.any(String))
  })

  it('X05 X07: by job type and status', async () => {
    const [d, e] = [await makeJob(test, tiler), await makeJob(test, mosaic)]
    await accept('cancel', { job_types: [{ name: 'tiler', version: '1.0.0' }] })
    expect(await statuses(d, e)).toEqual(['CANCELED', 'QUEUED'])
    await accept('requeue', { job_types: [{ name: 'tiler', version: '1.0.0' }], job_type_ids: [mosaic.id] })
    await accept('cancel', { status: 'QUEUED', job_type_names: ['tiler'], url: 'ignored' })
    expect(await statuses(d, e)).toEqual(['CANCELED', 'QUEUED'])
    await accept('cancel', { job_type_ids: [tiler.id, mosaic.id], status: 'FAILED' })
    expect(await statuses(e)).toEqual(['QUEUED'])
  })

  it('X06 X08 X12 X21: what is refused, and changes nothing', async () => {
    const id = await makeJob(test, tiler)
    const pair = { name: 'nope', version: '1.0.0' }
    const words = 'Job Type with name: nope and version: 1.0.0 does not exist'
    expectRefusal(await post('cancel', { job_types: [{ name: 'tiler', version: '1.0.0' }, pair] }), 400, words)
    for (const items of [[{ name: 'tiler' }], [{ version: '1.0.0' }], ['tiler'], [null], 7])
      expectRefusal(await post('cancel', { job_types: items }), 400, 'Job types argument invalid: ')
    const times = { started: '2016-01-02T00:00:00Z' }
    for (const action of ['cancel', 'requeue'] as const) {
      for (const body of [{ job_ids: ['x'] }, { job_ids: [1.5] }, { job_ids: [2 ** 40] }, { is_superseded: 'perhaps' }])
        expectRefusal(await post(action, body), 400, Object.keys(body)[0])
      for (const started of ['soon', 5, '2016-01-01']) expectRefusal(await post(action, { started }), 400, 'started')
      expectRefusal(await post(action, { ...times, ended: '2016-01-02T00:00:00Z' }), 400, 'different')
      expectRefusal(await post(action, { ...times, ended: '2016-01-01T00:00:00Z' }), 400, 'before end time')
    }
    for (const priority of ['top', 1.5, -1]) expectRefusal(await post('requeue', { priority }), 400, 'priority')
    expect(await statuses(id)).toEqual(['QUEUED'])
  })

  it('X15: a failed job gets new tries', async () => {
    const b = await makeJob(test, tiler)
    for (let run = 0; run < 3; run += 1) await worker.end(await worker.claim(), failed('worker-lost'))
    expect(await jobOf(b)).toMatchObject({
      status: 'FAILED',
      num_exes: 3,
      max_tries: 3,
      error: { name: 'worker-lost' },
    })
    await accept('requeue', { job_ids: [b], priority: 7 })
    expect(await untilIs(b, 'QUEUED')).toMatchObject({ num_exes: 4, max_tries: 6, error: null, node: null })
    expect(await test.context().loaders.job.load(b)).toMatchObject({ priority: 7 })
    expect(at(await jobOf(b), 'configuration', 'priority')).toBe(100)
  })

  it('X16 X17: completed, running, queued and superseded jobs stay as they are', async () => {
    const c = await makeJob(test, mosaic)
    await worker.end(await worker.claim(), completed)
    const a = await makeJob(test, mosaic)
    await worker.claim()
    const old = await fail(tiler)
    await supersede(test, old)
    const d = await makeJob(test, tiler)
    await accept('requeue', { job_ids: [a, c, d, old] })
    await accept('requeue', {})
    expect(await statuses(a, c, d, old)).toEqual(['RUNNING', 'COMPLETED', 'QUEUED', 'FAILED'])
    expect(await jobOf(d)).toMatchObject({ num_exes: 1 })
  })

  it('X19: a job that never was queued waits again', async () => {
    const id = await makeJob(test, tiler, { status: 'PENDING' })
    await accept('cancel', { job_ids: [id] })
    expect(await jobOf(id)).toMatchObject({ status: 'CANCELED', num_exes: 0, execution: null })
    await accept('requeue', { job_ids: [id] })
    expect(await jobOf(id)).toMatchObject({ status: 'PENDING', num_exes: 0 })
  })

  it('X23 X24: by error and by status', async () => {
    const [b, d] = [await fail(tiler), await makeJob(test, tiler)]
    await accept('cancel', { job_ids: [d] })
    const errorId = at(await jobOf(b), 'error', 'id')
    await accept('requeue', { error_ids: [String(errorId)] })
    expect(await statuses(b, d)).toEqual(['QUEUED', 'CANCELED'])
    await worker.end(await worker.claim(), failed())
    await accept('requeue', { error_ids: [errorId], error_categories: ['SYSTEM'] })
    expect(await statuses(b, d)).toEqual(['QUEUED', 'CANCELED'])
    await worker.end(await worker.claim(), failed())
    await accept('requeue', { status: 'FAILED' })
    expect(await statuses(b, d)).toEqual(['QUEUED', 'CANCELED'])
  })

  it('X26: nothing to read there, and JSON alone is taken', async () => {
    expectRefusal(await test.rest('GET', '/v6/jobs/cancel/'), 405, 'Method "GET" not allowed.')
    expectRefusal(await test.rest('GET', '/v6/jobs/requeue/'), 405)
    const form = { body: 'job_ids=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    expectRefusal(await test.rest('POST', '/v6/jobs/cancel/', form), 415, 'Unsupported media type')
    const bad = { body: '{', headers: { 'content-type': 'application/json' } }
    expectRefusal(await test.rest('POST', '/v6/jobs/cancel/', bad), 400, /^JSON parse error - /)
  })

  it('X27: by batch and recipe, and by the query string', async () => {
    const [batchId, recipeId] = [await makeBatch(test, 'n'), await makeRecipe(test, 'r')]
    const inBatch = await makeJob(test, tiler, { batchId })
    const inRecipe = await makeJob(test, tiler, { recipeId })
    const [loose, old] = [await makeJob(test, tiler), await makeJob(test, tiler)]
    await supersede(test, old)
    await accept('cancel', { batch_ids: [batchId] })
    expect(await statuses(inBatch, inRecipe, loose)).toEqual(['CANCELED', 'QUEUED', 'QUEUED'])
    await accept('cancel', { recipe_ids: [recipeId] })
    expect(await statuses(inRecipe, loose)).toEqual(['CANCELED', 'QUEUED'])
    await accept('cancel', { is_superseded: true })
    expect(await statuses(old, loose)).toEqual(['CANCELED', 'QUEUED'])
    const byQuery = await test.rest('POST', `/v6/jobs/cancel/?job_ids=${loose}`, { body: { job_ids: [old] } })
    expect([byQuery.status, await statuses(loose)]).toEqual([202, ['CANCELED']])
  })

  it('no body means every job, and an empty list none', async () => {
    const id = await makeJob(test, tiler)
    await accept('cancel', { job_ids: [] })
    await accept('cancel', { started: 'PT0S' })
    expect(await statuses(id)).toEqual(['QUEUED'])
    await accept('cancel')
    expect(await statuses(id)).toEqual(['CANCELED'])
    expect(await cancelJobs(test.context(), {})).toEqual({ changed: 0, pending: false })
  })
})
