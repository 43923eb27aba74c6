import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { claimJobs, registerWorker } from '#resolvers/work.ts'
import { expireLeases, findLapsed } from '#store/claim.ts'
import { rescueWork } from '#store/work.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import {
  at,
  completed,
  expectRefusal,
  failed,
  type HandWorker,
  handWorker,
  idsOf,
  makeJob,
  registerTile,
  supersede,
} from './scale-jobs.ts'

onBothStores('executions by the Scale v6 jobs document', (kind) => {
  let test: TestGateway
  let type: JobType
  let worker: HandWorker
  /** Its executions FAILED twice and were CANCELED once; the fourth is RUNNING on another node. */
  let jobId: number
  const get = (path: string) => test.rest('GET', path)
  const list = (query = '') => get(`/v6/jobs/${jobId}/executions/${query}`)
  const numbers = async (query: string) => {
    const answer = await list(query)
    return idsOf(answer).map((_id, row) => at(answer.json(), 'results', row, 'exe_num'))
  }

  beforeAll(async () => {
    test = await openTestGateway(kind)
    type = await registerTile(test)
    worker = await handWorker(test, 'node-1.test')
    const other = await handWorker(test, 'node-2.test')
    jobId = await makeJob(test, type, { maxTries: 1 })
    const requeue = () => test.rest('POST', '/v6/jobs/requeue/', { body: { job_ids: [jobId] } })
    await worker.end(await worker.claim(), failed())
    await requeue()
    await worker.end(await worker.claim(), failed('bad-scene', 'tiler'))
    await requeue()
    await test.rest('POST', '/v6/jobs/cancel/', { body: { job_ids: [jobId] } })
    await requeue()
    await other.claim()
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('E01 E05: none before the first run, and none for an unknown job', async () => {
    const id = await makeJob(test, type)
    expect((await get(`/v6/jobs/${id}/executions/`)).json()).toMatchObject({ count: 0, results: [] })
    expect((await get('/v6/jobs/999999/executions/')).json()).toMatchObject({ count: 0, results: [] })
    await test.rest('POST', '/v6/jobs/cancel/', { body: { job_ids: [id] } })
  })

  it('E02: newest first, without the details', async () => {
    const answer = await list()
    expect(answer.json()).toMatchObject({ count: 4, next: null, previous: null })
    expect(await numbers('')).toEqual([4, 3, 2, 1])
    expect(answer.text).not.toContain('task_results')
    expect(await numbers('?page=2&page_size=3')).toEqual([1])
    expectRefusal(await list('?page=3&page_size=2'), 404, 'Invalid page.')
  })

  it('E03: by status', async () => {
    expect(await numbers('?status=FAILED')).toEqual([2, 1])
    expect(await numbers('?status=RUNNING')).toEqual([4])
    expect(await numbers('?status=RUNNING&status=FAILED')).toEqual([4, 2, 1])
    expect(await numbers('?status=CANCELED')).toEqual([3])
    for (const word of ['QUEUED', 'STARTING', 'LOST', 'COMPLETED', 'constructor', ''])
      expect(await numbers(`?status=${word}`)).toEqual([])
  })

  it('E04: by node and by error', async () => {
    const running = (await get(`/v6/jobs/${jobId}/executions/4/`)).json()
    expect(running).toMatchObject({ node: { hostname: 'node-2.test' } })
    expect(await numbers(`?node_id=${String(at(running, 'node', 'id'))}`)).toEqual([4])
    const badScene = (await get(`/v6/jobs/${jobId}/executions/2/`)).json()
    expect(await numbers(`?error_id=${String(at(badScene, 'error', 'id'))}`)).toEqual([2])
    expect(await numbers('?error_category=DATA')).toEqual([2])
    expect(await numbers('?error_category=SYSTEM&error_category=DATA')).toEqual([2, 1])
    expectRefusal(await list('?node_id=x'), 400, 'node_id')
    expectRefusal(await list('?error_id=x'), 400, 'error_id')
  })

  it('E06: a running one', async () => {
    expect((await get(`/v6/jobs/${jobId}/executions/4/`)).json()).toMatchObject({
      status: 'RUNNING',
      exe_num: 4,
      cluster_id: `scale_job_jobgraph_${jobId}x4`,
      job: { id: jobId },
      job_type: { id: type.id, name: 'tiler' },
      timeout: 120,
      ended: null,
      error: null,
      task_results: null,
      output: null,
      resources: { resources: { cpus: 1.5, mem: 256, disk: 20, gpus: 0 } },
      configuration: { version: '2.0', tasks: [] },
    })
  })

  it('E07 E11: a completed one, and its job', async () => {
    const id = await makeJob(test, type)
    await worker.end(await worker.claim(), completed)
    const execution = (await get(`/v6/jobs/${id}/executions/1/`)).json()
    expect(execution).toMatchObject({
      status: 'COMPLETED',
      ended: expect.any(String),
      task_results: { version: '1.0', tasks: [{ type: 'main' }] },
    })
    expect(at(execution, 'output')).toEqual({
      version: '7',
      files: { TILES: [7, 8] },
      json: { tileCount: 2 },
      output_data: [
        { name: 'TILES', file_id: 7 },
        { name: 'TILES', file_id: 8 },
      ],
    })
    const job = (await get(`/v6/jobs/${id}/`)).json()
    expect(job).toMatchObject({ status: 'COMPLETED', ended: expect.any(String) })
    expect(at(job, 'output')).toEqual({ files: { TILES: [7, 8] }, json: { tileCount: 2 } })
    expect(at(job, 'execution')).toEqual(execution)
  })

  it('E16: a superseded job is not tried again', async () => {
    const id = await makeJob(test, type)
    const claim = await worker.claim()
    await supersede(test, id)
    await worker.end(claim, failed('worker-lost'))
    expect((await get(`/v6/jobs/${id}/`)).json()).toMatchObject({ status: 'FAILED', is_superseded: true })
  })

  it('E18: the error that the manifest gives an exit code', async () => {
    const id = await makeJob(test, type)
    await worker.end(await worker.claim(), failed('bad-scene', 'tiler'))
    const error = at((await get(`/v6/jobs/${id}/`)).json(), 'error')
    expect(error).toMatchObject({ name: 'bad-scene', category: 'DATA', job_type_name: 'tiler', is_builtin: false })
  })

  it('a lost execution shows as failed', async () => {
    const id = await makeJob(test, type)
    const lost = await registerWorker(test.context(), { name: 'w', hostname: 'gone.test' })
    await claimJobs(test.context(), lost.id, 1)
    await expireLeases(test.store.db, lost.id)
    for (const { executionId } of await findLapsed(test.store.db, 10)) await rescueWork(test.store, executionId)
    const answer = await get(`/v6/jobs/${id}/executions/?status=FAILED`)
    expect(answer.json()).toMatchObject({ count: 1, results: [{ status: 'FAILED', error: { name: 'worker-lost' } }] })
    expect((await get(`/v6/jobs/${id}/`)).json()).toMatchObject({
      status: 'QUEUED',
      num_exes: 2,
      execution: { exe_num: 1 },
    })
  })

  it('executions that do not exist', async () => {
    for (const path of [
      `${jobId}/executions/5/`,
      `${jobId}/executions/0/`,
      '999999/executions/1/',
      `${jobId}/executions/99999999999/`,
    ])
      expectRefusal(await get(`/v6/jobs/${path}`), 404, 'Not found.')
    expectRefusal(await get('/v6/job-executions/'), 404)
  })

  it('a superseded job and its successor show each other', async () => {
    const [old, next] = [await makeJob(test, type), await makeJob(test, type)]
    await supersede(test, old, next)
    expect((await get(`/v6/jobs/${next}/`)).json()).toMatchObject({
      superseded_job: { id: old, job_type: { name: 'tiler' }, status: 'QUEUED' },
      superseded_by_job: null,
    })
    expect((await get(`/v6/jobs/${old}/`)).json()).toMatchObject({
      superseded_job: null,
      superseded_by_job: { id: next, job_type: { name: 'tiler' }, status: 'QUEUED' },
    })
    const listed = await get(`/v6/jobs/?job_id=${next}`)
    expect(at(listed.json(), 'results', 0, 'superseded_job')).toEqual({ id: old })
  })
})
