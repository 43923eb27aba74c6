/** The nine operations of the Scale v6 jobs document, each as its example shows it; OpenAPI holds every answer besides. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { placeFile } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import {
  at,
  completed,
  failed,
  handWorker,
  makeBatch,
  makeJob,
  makeRecipe,
  register,
  registerTile,
  supersede,
  tile,
} from './scale-jobs.ts'

const words = (text: string) => text.trim().split(/\s+/)
const typeKeys = words(
  'id name version title description is_active is_paused is_system is_published icon_code unmet_resources',
)
const headKeys = words('id job_type job_type_rev event recipe batch is_superseded superseded_job')
const timeKeys = words(`source_started source_ended source_sensor_class source_sensor source_collection source_task
  created queued started ended last_status_change superseded last_modified`)
const listKeys = [...headKeys, ...words('status node error num_exes input_file_size input_files'), ...timeKeys]
const detailKeys = [
  ...headKeys,
  ...words(
    'superseded_by_job status node resources error max_tries num_exes execution input input_file_size input_files output',
  ),
  ...timeKeys,
  'configuration',
]
const executionKeys = words(`id status exe_num cluster_id created queued started ended job node error job_type timeout
  input_file_size`)
const executionDetailKeys = [...executionKeys, ...words('task_results resources configuration output')]

/** What the document names, in its order; a reply may have a few keys more. */
function documented(value: unknown, keys: readonly string[]): void {
  expect(Object.keys(Object(value)).filter((key) => keys.includes(key))).toEqual(keys)
}

onBothStores('the Scale v6 jobs document', (kind) => {
  let test: TestGateway
  let jobId: number
  let executionId: number
  let batchId: number
  const get = (path: string) => test.rest('GET', path)

  beforeAll(async () => {
    test = await openTestGateway(kind)
    const type = await registerTile(test)
    const worker = await handWorker(test, 'my-host.example.domain')
    batchId = await makeBatch(test, 'My Batch')
    jobId = await makeJob(test, type, { batchId, recipeId: await makeRecipe(test, 'my-recipe-type') })
    const claim = await worker.claim()
    executionId = claim.executionId
    await worker.say(claim, [['stdout', 'hello\n', '2026-01-01T10:00:00Z']])
    await worker.end(claim, completed)
    await makeJob(test, type)
    await worker.end(await worker.claim(), failed('bad-scene', 'tiler'))
    await supersede(test, jobId, await makeJob(test, type))
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('GET /v6/jobs/', async () => {
    const answer = await get(`/v6/jobs/?batch_id=${batchId}`)
    const job = at(answer.json(), 'results', 0)
    documented(answer.json(), ['count', 'next', 'previous', 'results'])
    documented(job, listKeys)
    expect(Object.keys(Object(job))).toHaveLength(listKeys.length + 2)
    documented(at(job, 'job_type'), typeKeys)
    documented(at(job, 'job_type_rev'), ['id', 'job_type', 'revision_num'])
    documented(at(job, 'event'), ['id', 'type', 'occurred'])
    documented(at(job, 'recipe'), ['id', 'recipe_type', 'recipe_type_rev', 'event'])
    documented(at(job, 'recipe', 'recipe_type'), ['id', 'name', 'title', 'description', 'revision_num'])
    documented(at(job, 'batch'), ['id', 'title', 'description', 'created'])
    documented(at(job, 'node'), ['id', 'hostname'])
    expect(job).toMatchObject({ id: jobId, status: 'COMPLETED', num_exes: 1, is_superseded: true, ingest_event: null })
    expect((await get('/v6/jobs/')).json()).toMatchObject({ count: 3 })
  })

  it('POST /v6/jobs/', async () => {
    const type = await register(test, tile('test-job'), { configuration: { output_workspaces: { default: 'w' } } })
    const file = await placeFile(test, 'my-file.file', 'x')
    const input = { files: { SCENE: [file] }, json: { ZOOM: 1 } }
    const answer = await test.rest('POST', '/v6/jobs/', {
      body: { input, job_type_id: type.id, configuration: { priority: 9 } },
    })
    expect(answer.status).toBe(201)
    documented(answer.json(), detailKeys)
    documented(at(answer.json(), 'job_type_rev', 'job_type'), [...typeKeys, 'num_versions', 'latest_version'])
    expect(answer.json()).toMatchObject({
      status: 'QUEUED',
      num_exes: 1,
      input_file_size: 1,
      input_files: { SCENE: ['my-file.file'] },
      configuration: { priority: 9 },
    })
  })

  it('GET /v6/jobs/{id}/', async () => {
    const answer = await get(`/v6/jobs/${jobId}/`)
    documented(answer.json(), detailKeys)
    documented(at(answer.json(), 'job_type_rev'), words('id job_type revision_num docker_image created manifest'))
    documented(at(answer.json(), 'execution'), executionDetailKeys)
    documented(at(answer.json(), 'configuration'), ['mounts', 'output_workspaces', 'priority', 'settings'])
    for (const id of [jobId + 1, jobId + 2]) expect((await get(`/v6/jobs/${id}/`)).json()).toMatchObject({ id })
  })

  it('GET /v6/jobs/{id}/input_files/', async () => {
    const queued = at((await get('/v6/jobs/?job_type_name=test-job')).json(), 'results', 0, 'id')
    const answer = await get(`/v6/jobs/${String(queued)}/input_files/`)
    expect(answer.json()).toMatchObject({ count: 1, results: [{ file_name: 'my-file.file' }] })
  })

  it('GET /v6/jobs/{id}/executions/ and one of them', async () => {
    const answer = await get(`/v6/jobs/${jobId}/executions/`)
    const execution = at(answer.json(), 'results', 0)
    documented(execution, executionKeys)
    expect(Object.keys(Object(execution))).toEqual(executionKeys)
    const details = await get(`/v6/jobs/${jobId}/executions/1/`)
    expect(Object.keys(Object(details.json()))).toEqual(executionDetailKeys)
    const other = await get(`/v6/jobs/${jobId + 1}/executions/1/`)
    expect(other.json()).toMatchObject({ status: 'FAILED', output: null })
  })

  it('POST /v6/jobs/cancel/ and POST /v6/jobs/requeue/', async () => {
    const filter = {
      started: '2016-01-01T00:00:00Z',
      ended: '2016-01-02T00:00:00Z',
      status: 'FAILED',
      job_ids: [101, 102, 103],
      job_type_ids: [1, 2, 3],
      job_types: [{ name: 'tiler', version: '1.0.0' }],
      job_type_names: ['test-job-type'],
      batch_ids: [201, 202, 203],
      recipe_ids: [301, 302, 303],
      error_categories: ['SYSTEM'],
      error_ids: [11, 22, 33],
      is_superseded: true,
    }
    const canceled = await test.rest('POST', '/v6/jobs/cancel/', { body: filter })
    const requeued = await test.rest('POST', '/v6/jobs/requeue/', { body: { ...filter, priority: 101 } })
    for (const { status, text } of [canceled, requeued]) expect([status, text]).toEqual([202, ''])
  })

  it('GET /v6/job-executions/{job_exe_id}/logs/{log_id}/', async () => {
    const answer = await get(`/v6/job-executions/${executionId}/logs/combined/`)
    const keys = words('message @timestamp scale_order_num scale_task scale_job_exe scale_node stream')
    expect(Object.keys(Object(at(answer.json(), 0)))).toEqual(keys)
  })

  it('refusals', async () => {
    const answers = await Promise.all(['/v6/jobs/999999/', '/v6/jobs/?job_id=x', '/v6/jobs/?page=99'].map(get))
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 404])
  })
})
