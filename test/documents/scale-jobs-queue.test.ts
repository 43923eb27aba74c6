import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { editJobType, parseEdit } from '#resolvers/job-type-edit.ts'
import { manifest, placeFile } from '../support/factory.ts'
import { type Answer, openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { at, expectRefusal, register, registerTile, tile } from './scale-jobs.ts'

onBothStores('queueing a job by the Scale v6 jobs document', (kind) => {
  let test: TestGateway
  let type: JobType
  beforeAll(async () => {
    test = await openTestGateway(kind)
    type = await registerTile(test)
  })
  afterAll(() => test.close())

  const post = (body: unknown, path = '/v6/jobs/') => test.rest('POST', path, { body })
  const input = { files: { SCENE: [1] }, json: { ZOOM: 4 } }
  const run = (sent: unknown, more: object = {}) => post({ job_type_id: type.id, input: sent, ...more })
  const made = (answer: Answer) => {
    expect(answer.status, answer.text).toBe(201)
    return answer.json()
  }

  it('J01: a queued job, and where it is', async () => {
    const answer = await run(input)
    const job = made(answer)
    expect(answer.headers.get('location')).toBe(`http://gateway.test/v6/jobs/${String(at(job, 'id'))}/`)
    expect(job).toMatchObject({
      job_type: { id: type.id, name: 'tiler', version: '1.0.0' },
      job_type_rev: { revision_num: 1, docker_image: 'reg.test/img:1', job_type: { num_versions: 1 } },
      status: 'QUEUED',
      num_exes: 1,
      max_tries: 3,
      execution: null,
      event: { type: 'USER' },
      input,
      input_files: { SCENE: [] },
      output: { files: {}, json: {} },
    })
    for (const key of ['recipe', 'batch', 'node', 'error', 'started', 'ended', 'superseded', 'superseded_by_job'])
      expect(at(job, key)).toBe(null)
    expect(at(job, 'queued')).toBe(at(job, 'last_status_change'))
    expect((await test.rest('GET', `/v6/jobs/${String(at(job, 'id'))}/`)).json()).toEqual(job)
  })

  it('J04: what it needs, by its manifest and its input', async () => {
    const file = await placeFile(test, 'scene.tif', 'x'.repeat(1_100_000))
    const job = made(await run({ files: { SCENE: [file] }, json: { ZOOM: 4 } }))
    expect(job).toMatchObject({
      input_file_size: 2,
      input_files: { SCENE: ['scene.tif'] },
      resources: { resources: { cpus: 1.5, mem: 256, disk: 24, gpus: 0 } },
    })
    const bare = await register(test, manifest('bare'))
    const small = made(await post({ job_type_id: bare.id }))
    expect(small).toMatchObject({
      resources: { resources: { cpus: 0.25, mem: 128, disk: 0, gpus: 0 } },
      input_files: {},
    })
  })

  it('J06 J08 J09: the job type', async () => {
    expectRefusal(await post({}), 400, 'Missing required parameter: "job_type_id"')
    expectRefusal(await post({ job_type_id: null, input }), 400, 'job_type_id')
    made(await post({ job_type_id: String(type.id), input }))
    expectRefusal(await post({ job_type_id: 999_999, input }), 404, 'Not found.')
    for (const id of ['x', 1.5, true, {}, 99_999_999_999])
      expectRefusal(await post({ job_type_id: id, input }), 400, 'job_type_id')
  })

  it('J10 J12 J13 J18 J19: input that does not fit', async () => {
    for (const wrong of [[], 'x', 3])
      expectRefusal(await run(wrong), 400, 'Parameter must be a valid JSON object: "input"')
    expectRefusal(await run({ files: { SCENE: [] }, json: { ZOOM: 4 } }), 400, 'SCENE')
    expectRefusal(await run({ files: { SCENE: [1, 2] }, json: { ZOOM: 4 } }), 400, 'multiple')
    expectRefusal(await run({ files: { SCENE: ['1'] }, json: { ZOOM: 4 } }), 400, 'Invalid job data')
    expectRefusal(await run({ ...input, other: {} }), 400, 'other')
    expectRefusal(await run({ ...input, version: 'BAD' }), 400, 'version')
    expectRefusal(await run({ files: { SCENE: [1] }, json: {} }), 400, "Invalid job data: Parameter 'ZOOM' is required")
    expectRefusal(await run({ files: { SCENE: [1] }, json: { ZOOM: true } }), 400, 'ZOOM')
    expectRefusal(await post({ job_type_id: type.id }), 400, 'SCENE')
  })

  it('J17 J26: what is not asked for is dropped', async () => {
    const job = made(await run({ files: { SCENE: [1], GHOST: [2] }, json: { ZOOM: 4, UNKNOWN: 1 } }, { note: 'x' }))
    expect(at(job, 'input')).toEqual(input)
    made(
      await run({
        version: '1.0',
        input_data: [
          { name: 'SCENE', file_id: 1 },
          { name: 'ZOOM', value: 4 },
        ],
      }),
    )
  })

  it('J20 J21: a configuration of its own, never a secret', async () => {
    const job = made(await run(input, { configuration: { priority: 5 } }))
    expect(at(job, 'configuration')).toEqual({
      mounts: { REF: { type: 'host', host_path: '/data/ref' } },
      output_workspaces: { default: 'ws-a', outputs: {} },
      priority: 5,
      settings: { REGION: 'eu' },
    })
    const secretive = await run(input, { configuration: { settings: { TOKEN: 'zz-secret' } } })
    expect(at(made(secretive), 'configuration', 'settings')).toEqual({})
    const shown = await test.rest('GET', `/v6/jobs/${String(at(secretive.json(), 'id'))}/`)
    expect(secretive.text + shown.text).not.toContain('zz-secret')
  })

  it('a configuration that does not fit is refused', async () => {
    for (const configuration of [
      { priority: 0 },
      { priority: 'high' },
      { mounts: { REF: { type: 'host', host_path: 'data' } } },
      { mounts: { REF: {} } },
      { output_workspaces: {} },
      { unknown: 1 },
    ])
      expectRefusal(await run(input, { configuration }), 400, /^Job type configuration invalid: /)
    expectRefusal(await run(input, { configuration: [] }), 400, 'valid JSON object: "configuration"')
  })

  it('J24 J25: a paused type queues, and a job keeps its revision', async () => {
    const before = made(await run(input))
    const edit = parseEdit('tiler', '1.0.0', { manifest: tile('tiler'), isPaused: true })
    await editJobType(test.context(), 'tiler', '1.0.0', edit)
    const after = made(await run(input))
    expect(after).toMatchObject({ status: 'QUEUED', job_type: { is_paused: true }, job_type_rev: { revision_num: 2 } })
    const kept = await test.rest('GET', `/v6/jobs/${String(at(before, 'id'))}/`)
    expect(kept.json()).toMatchObject({ job_type_rev: { revision_num: 1 } })
    await editJobType(test.context(), 'tiler', '1.0.0', parseEdit('tiler', '1.0.0', { isActive: false }))
    expectRefusal(await run(input), 400, 'Job Type tiler:1.0.0 is inactive')
  })

  it('J27: jobs that do not exist', async () => {
    for (const id of ['999999', '0', '2147483648', '9223372036854775808', '1000000000001', '9'.repeat(400)])
      expectRefusal(await test.rest('GET', `/v6/jobs/${id}/`), 404, 'Not found.')
  })

  it('P23: bodies that are no object', async () => {
    for (const body of ['[1]', 'null', '{', '"x"']) {
      const headers = { 'content-type': 'application/json' }
      expectRefusal(await test.rest('POST', '/v6/jobs/', { body, headers }), 400)
    }
    expectRefusal(
      await test.rest('POST', '/v6/jobs/', { body: 'x', headers: { 'content-type': 'text/xml' } }),
      415,
      'text/xml',
    )
    expect(test.bugs).toEqual([])
  })

  it('the other path that the document prints', async () => {
    const plain = await register(test, manifest('plain'))
    const answer = await post({ job_type_id: plain.id, input: {} }, '/v6/job/')
    expect(answer.headers.get('location')).toBe(`http://gateway.test/v6/jobs/${String(at(made(answer), 'id'))}/`)
  })
})
