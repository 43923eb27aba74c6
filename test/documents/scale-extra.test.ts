import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { supersedeJob } from '#resolvers/supersede.ts'
import { manifest, placeFile } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { clean, patch, reg } from './scale-job-types.ts'
import {
  at,
  completed,
  expectRefusal,
  failed,
  type HandWorker,
  handWorker,
  idsOf,
  makeJob,
  register,
  registerTile,
  tileConfiguration,
} from './scale-jobs.ts'

const formType = { 'content-type': 'application/x-www-form-urlencoded' }

onBothStores('rules of the Scale v6 documents between the printed cases', (kind) => {
  let test: TestGateway
  let tiler: JobType
  let worker: HandWorker
  beforeAll(async () => {
    test = await openTestGateway(kind)
    tiler = await registerTile(test)
    worker = await handWorker(test)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  beforeEach(async () => {
    expect((await act('cancel', {})).status).toBe(202)
  })

  const act = (action: 'cancel' | 'requeue', body: unknown) => test.rest('POST', `/v6/jobs/${action}/`, { body })
  const jobOf = async (id: unknown) => (await test.rest('GET', `/v6/jobs/${String(id)}/`)).json()
  const queue = (body: object) => test.rest('POST', '/v6/jobs/', { body: { job_type_id: tiler.id, ...body } })
  const input = { files: { SCENE: [1] }, json: { ZOOM: 4 } }
  const page = async (path: string, headers: Record<string, string> = {}) =>
    (await test.rest('GET', path, { headers })).json()

  it('links: the last page by its word, repeated keys, the name that a proxy forwarded', async () => {
    for (const n of ['a', 'b', 'c', 'd']) await register(test, manifest(`link-${n}`))
    const list = '/v6/job-types/?keyword=link'
    expect(await page(`${list}&page=last&page_size=3`)).toMatchObject({
      count: 4,
      next: null,
      previous: 'http://gateway.test/v6/job-types/?keyword=link&page_size=3',
      results: [{ name: 'link-d' }],
    })
    const forwarded = { 'x-forwarded-host': 'scale.example:8443', 'x-forwarded-proto': 'https' }
    expect(await page(`${list}-a&keyword=link-b&page_size=1&page=9&page=1`, forwarded)).toMatchObject({
      next: 'https://scale.example:8443/v6/job-types/?keyword=link-a&keyword=link-b&page=2&page_size=1',
    })
    // A name that is none, such as one that would break out of the header, is not taken.
    for (const host of ['a b', 'x/..', 'u@h', '"'])
      expect(at(await page(`${list}&page_size=1`, { 'x-forwarded-host': host }), 'next')).toMatch(
        /^http:\/\/gateway\.test\//,
      )
    expect(await page('/v6/jobs/?page=last&status=nothing')).toEqual({
      count: 0,
      next: null,
      previous: null,
      results: [],
    })
    for (const path of [
      'jobs',
      'job-types',
      'job-type-names',
      'job-types/status',
      'job-types/running',
      'job-types/tiler',
    ])
      for (const wrong of ['', '0', '1.0', 'LAST', '99999999999999999999'])
        expectRefusal(await test.rest('GET', `/v6/${path}/?page=${wrong}`), 404, 'Invalid page.')
  })

  it('a HEAD is a GET without its body, and every list answers its words of refusal', async () => {
    const got = await test.rest('GET', '/v6/job-types/')
    const head = await test.rest('HEAD', '/v6/job-types/')
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([
      200,
      '',
      got.headers.get('content-length'),
    ])
    expect((await test.rest('HEAD', '/v6/jobs/999999/')).status).toBe(404)
    expectRefusal(await test.rest('GET', '/v6/jobs/', { headers: { accept: 'image/png' } }), 406, 'Accept header')
    expectRefusal(await test.rest('GET', '/v6/jobs/?format=yaml'), 404, 'Not found.')
    expect((await test.rest('GET', '/v6/jobs/?format=json', { headers: { accept: 'image/png' } })).status).toBe(200)
  })

  it('the query string is asked before the body, in forms and JSON alike, and the last of several counts', async () => {
    const plain = await register(test, manifest('plain'))
    const post = (query: string, ask: object) => test.rest('POST', `/v6/jobs/${query}`, ask)
    expect((await post('', { body: `job_type_id=${plain.id}`, headers: formType })).status).toBe(201)
    expect((await post(`?job_type_id=${plain.id}`, { body: { job_type_id: 'x' } })).status).toBe(201)
    expect((await post(`?job_type_id=x&job_type_id=${plain.id}`, {})).status).toBe(201)
    expectRefusal(await post(`?job_type_id=${plain.id}&job_type_id=x`, {}), 400, 'valid integer: "job_type_id"')
    expectRefusal(await post('', { body: `job_type_id=${plain.id}&input={}`, headers: formType }), 400, '"input"')
    const place = '/v6/job-types/plain/1.0.0/'
    const edited = await test.rest('PATCH', `${place}?max_scheduled=%207%20`, {
      body: 'is_paused=T',
      headers: formType,
    })
    expect(edited.json()).toEqual(clean)
    expect((await test.rest('GET', place)).json()).toMatchObject({ max_scheduled: 7, is_paused: true })
  })

  it('a number of JSON is no text of digits, and the reverse is', async () => {
    for (const [key, wrong] of [
      ['job_ids', [[1]]],
      ['job_ids', { 1: 1 }],
      ['job_type_ids', [true]],
      ['batch_ids', ['7.0']],
      ['error_ids', ['']],
      ['recipe_ids', 1e300],
      ['job_type_names', [{}]],
      ['is_superseded', 'yes'],
      ['started', 1_500_000_000],
    ] as const)
      expectRefusal(await act('cancel', { [key]: wrong }), 400, key)
    const id = await makeJob(test, tiler)
    // One value stands for a list of one, and null for nothing sent.
    expect((await act('cancel', { job_ids: ` ${id} `, status: null, batch_ids: null })).status).toBe(202)
    expect(await jobOf(id)).toMatchObject({ status: 'CANCELED' })
  })

  it('a data document: names and kinds of its parameters', async () => {
    for (const [sent, words] of [
      [{ files: { SCENE: [1], ZOOM: [1] }, json: {} }, 'ZOOM'],
      [{ files: { SCENE: [1] }, json: { ZOOM: 1, SCENE: 2 } }, 'SCENE'],
      [{ files: {}, json: { SCENE: 1, ZOOM: 1 } }, 'SCENE'],
      [{ files: { SCENE: [1] }, json: { ZOOM: '4' } }, 'ZOOM'],
      [{ files: { SCENE: [1] }, json: { ZOOM: 4.5 } }, 'ZOOM'],
      [{ files: { SCENE: [1] }, json: { ZOOM: null } }, 'ZOOM'],
      [{ files: { SCENE: [1] }, json: { ZOOM: 4, NOTE: 5 } }, 'NOTE'],
      [{ files: { SCENE: 1 }, json: { ZOOM: 4 } }, 'SCENE'],
      [{ files: { SCENE: [1.5] }, json: { ZOOM: 4 } }, 'SCENE'],
      [{ files: [], json: {} }, 'files'],
      [{ version: '1.0', input_data: [{ name: 'SCENE' }] }, 'SCENE'],
      [{ version: 6, ...input }, 'version'],
    ] as const)
      expectRefusal(await queue({ input: sent }), 400, words)
    const fine = { files: { SCENE: [1], MASKS: [2, 3] }, json: { ZOOM: 4, NOTE: '' } }
    expect((await queue({ input: { version: '6', ...fine } })).json()).toMatchObject({ input: fine })
  })

  it('a configuration of a job replaces whole members, and the type’s own stays', async () => {
    const own = { mounts: {}, settings: { REGION: 'us' }, output_workspaces: { outputs: { TILES: 'ws-b' } } }
    const job = (await queue({ input, configuration: own })).json()
    expect(at(job, 'configuration')).toEqual({
      mounts: {},
      output_workspaces: { default: '', outputs: { TILES: 'ws-b' } },
      priority: 100,
      settings: { REGION: 'us' },
    })
    const type = await page('/v6/job-types/tiler/1.0.0/')
    expect(at(type, 'configuration', 'settings')).toEqual({ REGION: 'eu' })
    expect(at((await queue({ input })).json(), 'configuration', 'mounts')).toEqual(tileConfiguration.mounts)
  })

  it('cancels what is RUNNING, PENDING, QUEUED or FAILED, and keeps start and end', async () => {
    const failing = await makeJob(test, tiler, { priority: 1 })
    await worker.end(await worker.claim(), failed())
    const before = await jobOf(failing)
    expect(before).toMatchObject({ status: 'FAILED', error: { name: 'launch' }, node: { hostname: 'node-1.test' } })
    await act('cancel', { job_ids: [failing] })
    const after = await jobOf(failing)
    expect(after).toMatchObject({ status: 'CANCELED', error: null, node: null, execution: { status: 'FAILED' } })
    expect([at(after, 'started'), at(after, 'ended')]).toEqual([at(before, 'started'), at(before, 'ended')])
    expect(await page(`/v6/jobs/${failing}/executions/`)).toMatchObject({ count: 1 })
    const done = await makeJob(test, tiler, { priority: 1 })
    await worker.end(await worker.claim(), completed)
    await act('cancel', { job_ids: [failing, done] })
    expect(await jobOf(done)).toMatchObject({ status: 'COMPLETED' })
    expect(await jobOf(failing)).toEqual(after)
  })

  it('a worker whose job is canceled under it can report no more, and the job stays CANCELED', async () => {
    const id = await makeJob(test, tiler, { priority: 1 })
    const claim = await worker.claim()
    await act('cancel', { job_ids: [id] })
    await expect(worker.end(claim, completed)).rejects.toMatchObject({ code: 'STALE_LEASE' })
    await act('requeue', { job_ids: [id], priority: 1 })
    const again = await worker.claim()
    expect(again).toMatchObject({ jobId: id, number: 2 })
    // The report of the first run, late: it is no longer this job's.
    await expect(worker.end(claim, completed)).rejects.toMatchObject({ code: 'STALE_LEASE' })
    await worker.end(again, completed)
    const job = await jobOf(id)
    expect(job).toMatchObject({ status: 'COMPLETED', num_exes: 2, max_tries: 4, execution: { exe_num: 2 } })
    const executions = await page(`/v6/jobs/${id}/executions/`)
    expect(executions).toMatchObject({ count: 2, results: [{ status: 'COMPLETED' }, { status: 'CANCELED' }] })
  })

  it('a priority of 0 keeps the place in the queue, a lower one goes first', async () => {
    const [first, second] = [await makeJob(test, tiler), await makeJob(test, tiler)]
    await act('cancel', { job_ids: [first, second] })
    await act('requeue', { job_ids: [first], priority: 0 })
    await act('requeue', { job_ids: [second], priority: 99 })
    expect((await worker.claim()).jobId).toBe(second)
    expect((await worker.claim()).jobId).toBe(first)
  })

  it('names and ids of types are added up, other kinds must all fit', async () => {
    const other = await register(test, manifest('other'))
    const ids = [await makeJob(test, tiler), await makeJob(test, other), await makeJob(test, other)]
    const [a, b] = ids
    await act('cancel', { job_types: [{ name: 'tiler', version: '1.0.0' }], job_type_ids: [other.id], job_ids: [a, b] })
    expect(await Promise.all(ids.map(async (id) => at(await jobOf(id), 'status')))).toEqual([
      'CANCELED',
      'CANCELED',
      'QUEUED',
    ])
    await act('cancel', { job_types: [], job_type_names: ['other'] })
    expect(await jobOf(ids[2])).toMatchObject({ status: 'QUEUED' })
  })

  it('superseded jobs are shown from both sides, counted by the filter, and never queued again', async () => {
    const [old, next] = [await makeJob(test, tiler), await makeJob(test, tiler)]
    await act('cancel', { job_ids: [old] })
    await supersedeJob(test.context(), old, next)
    expect(await jobOf(old)).toMatchObject({ is_superseded: true, superseded_by_job: { id: next, status: 'QUEUED' } })
    expect(await jobOf(next)).toMatchObject({ is_superseded: false, superseded_job: { id: old, status: 'CANCELED' } })
    expect(idsOf(await test.rest('GET', '/v6/jobs/?is_superseded=T&order=id'))).toContain(old)
    expect(idsOf(await test.rest('GET', '/v6/jobs/?is_superseded=0&order=id'))).not.toContain(old)
    const row = at(await page(`/v6/jobs/?job_id=${next}`), 'results', 0)
    expect(at(row, 'superseded_job')).toEqual({ id: old })
    await act('requeue', { job_ids: [old] })
    expect(await jobOf(old)).toMatchObject({ status: 'CANCELED', num_exes: 1 })
  })

  it('a revision stays as it was submitted, and so does the job that was made of it', async () => {
    await reg(test, manifest('frozen', '1.0.0', { timeout: 11, resources: { scalar: [{ name: 'MEM', value: 300 }] } }))
    const type = at(await page('/v6/job-types/frozen/1.0.0/'), 'id')
    const early = (await test.rest('POST', '/v6/jobs/', { body: { job_type_id: type } })).json()
    const first = await page('/v6/job-types/frozen/1.0.0/revisions/1/')
    expect(at(first, 'manifest', 'job', 'resources', 'scalar', 0, 'name')).toBe('mem')
    const changed = manifest('frozen', '1.0.0', { timeout: 22, title: 'Anew' })
    expect((await patch(test, 'frozen/1.0.0', { manifest: changed, docker_image: 'img:2' })).json()).toEqual(clean)
    expect((await patch(test, 'frozen/1.0.0', { docker_image: 'img:3' })).json()).toEqual(clean)
    const now = await page('/v6/job-types/frozen/1.0.0/revisions/1/')
    expect(at(now, 'manifest')).toEqual(at(first, 'manifest'))
    expect(now).toMatchObject({ docker_image: 'reg.test/img:1', job_type: { title: 'Anew' } })
    expect(await page('/v6/job-types/frozen/1.0.0/revisions/2/')).toMatchObject({ docker_image: 'img:2' })
    expect(await page('/v6/job-types/frozen/1.0.0/')).toMatchObject({ docker_image: 'img:3', revision_num: 2 })
    expect(await jobOf(at(early, 'id'))).toMatchObject({
      job_type: { title: 'Anew' },
      job_type_rev: { revision_num: 1, docker_image: 'reg.test/img:1', manifest: { job: { timeout: 11 } } },
      resources: { resources: { mem: 300 } },
    })
    await act('cancel', { job_ids: [at(early, 'id')] })
    expect(await jobOf(at(early, 'id'))).toMatchObject({ execution: { timeout: 11 } })
  })

  it('a log from a moment on has every line of it, in whatever order they came', async () => {
    await makeJob(test, tiler, { priority: 1 })
    const claim = await worker.claim()
    const time = (second: string) => `2026-01-01T10:00:${second}Z`
    await worker.say(claim, [
      ['stdout', 'last', time('02.000001')],
      ['stdout', 'late', time('01')],
      ['stdout', 'middle', time('02')],
    ])
    const log = async (from: string) =>
      (await test.rest('GET', `/v6/job-executions/${claim.executionId}/logs/stdout/?format=txt&started=${from}`)).text
    expect(await log(time('01'))).toBe('late\nmiddle\nlast')
    expect(await log(time('02'))).toBe('middle\nlast')
    expect(await log(time('02.000001'))).toBe('last')
    expect(await log(time('02.000002'))).toBe('')
    expectRefusal(await test.rest('GET', `/v6/job-executions/${claim.executionId}/logs/stdout/?started=now`), 400)
  })

  it('a list of jobs is sorted as the document’s own example has it', async () => {
    const other = await register(test, manifest('aaa'))
    const [first, second] = [await makeJob(test, tiler), await makeJob(test, other)]
    const of = `job_id=${first}&job_id=${second}`
    expect(idsOf(await test.rest('GET', `/v6/jobs/?${of}&order=name&order=version`))).toEqual([second, first])
    expect(idsOf(await test.rest('GET', `/v6/jobs/?${of}&order=-name`))).toEqual([first, second])
    const row = at(await page(`/v6/jobs/?${of}`), 'results', 0)
    // Every member of a row but the map of files is a column that can be sorted by.
    for (const key of Object.keys(Object(row)).filter((name) => name !== 'input_files'))
      expect(idsOf(await test.rest('GET', `/v6/jobs/?${of}&order=${key}`)), key).toHaveLength(2)
  })

  it('files of several inputs, one of them unknown', async () => {
    const ids = [await placeFile(test, 'one.tif', 'a'), await placeFile(test, 'two.tif', 'b'.repeat(2 ** 20))]
    const job = (
      await queue({ input: { files: { MASKS: [...ids].reverse(), SCENE: [99_999] }, json: { ZOOM: 1 } } })
    ).json()
    expect(job).toMatchObject({ input_file_size: 2, input_files: { SCENE: [], MASKS: ['two.tif', 'one.tif'] } })
    const files = `/v6/jobs/${String(at(job, 'id'))}/input_files/`
    expect(idsOf(await test.rest('GET', `${files}?job_input=MASKS&page_size=1&page=2`))).toEqual([ids[1]])
    expect(idsOf(await test.rest('GET', `${files}?job_input=SCENE`))).toEqual([])
    expect(idsOf(await test.rest('GET', `${files}?file_name=ONE.tif`))).toEqual([])
    expect(idsOf(await test.rest('GET', `${files}?started=PT1H&time_field=last_modified`))).toEqual(ids)
    expectRefusal(await test.rest('GET', `${files}?started=PT1H&ended=PT1H`), 400, 'different')
  })
})
