import { afterAll, beforeAll, expect, it } from 'vitest'
import { queueJob } from '#resolvers/job.ts'
import { setUnmetResources } from '#resolvers/job-type-edit.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import {
  clean,
  details,
  documentedConfiguration,
  documentedEdit,
  documentedManifest,
  documentedRequest,
  read,
} from './scale-job-types.ts'
import { at, failed, handWorker } from './scale-jobs.ts'

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/)
const id = expect.any(Number)

const typeKeys = [
  ...['id', 'name', 'version', 'title', 'description', 'icon_code', 'is_published', 'is_active', 'is_paused'],
  ...['is_system', 'max_scheduled', 'max_tries', 'revision_num', 'docker_image', 'unmet_resources'],
  ...['created', 'deprecated', 'paused', 'last_modified'],
]
const base = {
  id,
  name: 'test',
  version: '1.0.0',
  title: 'Job to demonstrate job type APIs',
  description: 'Reads input file and spit out specified number of bytes as output',
  is_active: true,
  is_paused: false,
  is_system: false,
  is_published: true,
  icon_code: '012F',
  unmet_resources: 'chocolate,vanilla',
}

onBothStores('the 13 operations of the Scale v6 job types document', (kind) => {
  let test: TestGateway
  let created: unknown
  beforeAll(async () => {
    test = await openTestGateway(kind)
    const answer = await test.rest('POST', '/v6/job-types/', { body: documentedRequest })
    expect(answer.status, answer.text).toBe(201)
    expect(answer.headers.get('location')).toBe('http://gateway.test/v6/job-types/test/1.0.0/')
    created = answer.json()
    const edited = await test.rest('PATCH', '/v6/job-types/test/1.0.0/', { body: documentedEdit })
    expect(edited.status, edited.text).toBe(200)
    expect(edited.json()).toEqual(clean)
    await setUnmetResources(test.context(), 'test', '1.0.0', 'chocolate,vanilla')
  })
  afterAll(() => test.close())

  const page = (...results: unknown[]) => ({ count: results.length, next: null, previous: null, results })

  it('POST /v6/job-types/ answers the details of the new job type', () => {
    const keys = [...typeKeys]
    keys.splice(15, 0, 'manifest', 'configuration', 'recipe_types')
    expect(Object.keys(Object(created))).toEqual(keys)
    expect(created).toMatchObject({
      name: 'test',
      version: '1.0.0',
      icon_code: 'f1c5',
      is_published: false,
      max_scheduled: 1,
      max_tries: 3,
      revision_num: 1,
      docker_image: 'test-1.0.0-seed:1.0.0',
      recipe_types: [],
      created: time,
      deprecated: null,
      paused: null,
      last_modified: time,
    })
    expect(at(created, 'configuration')).toEqual({
      ...documentedConfiguration,
      priority: 100,
      settings: { DB_HOST: 'som.host.name' },
    })
    const { errors } = documentedManifest.job
    expect(at(created, 'manifest', 'job', 'errors')).toEqual([
      { ...errors[0], name: 'data-issue-discovered' },
      { ...errors[1], name: 'missing-environment' },
    ])
    expect(at(created, 'manifest', 'job', 'resources', 'scalar', 2)).toEqual({ name: 'sharedmem', value: 1 })
  })

  it('PATCH /v6/job-types/{name}/{version}/ changes what it names', async () => {
    expect(await details(test, 'test/1.0.0')).toMatchObject({ icon_code: '012F', is_published: true, revision_num: 1 })
  })

  it('GET /v6/job-types/{name}/{version}/ shows no secret', async () => {
    const shown = await details(test, 'test/1.0.0')
    expect(Object.keys(Object(shown))).toEqual(Object.keys(Object(created)))
    expect(JSON.stringify(shown)).not.toContain('secret_password')
    expect(shown).toMatchObject(base)
  })

  it('GET /v6/job-type-names/', async () => {
    const { id: _id, version: _version, ...latest } = base
    expect(await read(test, '/v6/job-type-names/')).toEqual(
      page({ ...latest, versions: ['1.0.0'], latest_version: '1.0.0' }),
    )
  })

  it('GET /v6/job-types/ and GET /v6/job-types/{name}/ list the same keys', async () => {
    for (const path of ['/v6/job-types/', '/v6/job-types/test/']) {
      const list = await read(test, path)
      expect(list).toMatchObject(page({ ...base, max_scheduled: 1, revision_num: 1, max_tries: 3, paused: null }))
      expect(Object.keys(Object(at(list, 'results', 0)))).toEqual(typeKeys)
    }
  })

  it('GET /v6/job-types/{name}/{version}/revisions/ and one of them', async () => {
    const revision = {
      id,
      job_type: base,
      revision_num: 1,
      docker_image: 'test-1.0.0-seed:1.0.0',
      created: time,
    }
    expect(await read(test, '/v6/job-types/test/1.0.0/revisions/')).toEqual(page(revision))
    const one = await read(test, '/v6/job-types/test/1.0.0/revisions/1/')
    expect(one).toEqual({ ...revision, manifest: at(created, 'manifest') })
  })

  it('POST /v6/job-types/validation/', async () => {
    const body = { configuration: documentedConfiguration, manifest: documentedManifest }
    const answer = await test.rest('POST', '/v6/job-types/validation/', { body })
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual(clean)
  })

  it('GET /v6/job-types/status/, pending/, running/ and system-failures/', async () => {
    const jobTypeId = Number(at(created, 'id'))
    const input = { files: { INPUT_TEXT: [1] }, json: { READ_LENGTH: 3 } }
    await queueJob(test.context(), { jobTypeId, input })
    const worker = await handWorker(test)
    await worker.end(await worker.claim(), failed())
    await queueJob(test.context(), { jobTypeId, input }, { isPending: true })
    await queueJob(test.context(), { jobTypeId, input })
    await worker.claim()
    expect(await read(test, '/v6/job-types/status/')).toEqual(
      page({
        job_type: base,
        job_counts: [
          { status: 'RUNNING', count: 1, most_recent: time, category: null },
          { status: 'PENDING', count: 1, most_recent: time, category: null },
          { status: 'FAILED', count: 1, most_recent: time, category: 'SYSTEM' },
        ],
      }),
    )
    expect(await read(test, '/v6/job-types/pending/')).toEqual(
      page({ job_type: base, count: 1, longest_pending: time }),
    )
    expect(await read(test, '/v6/job-types/running/')).toEqual(
      page({ job_type: base, count: 1, longest_running: time }),
    )
    const error = {
      id,
      name: 'launch',
      title: expect.any(String),
      description: expect.any(String),
      category: 'SYSTEM',
      job_type_name: null,
      is_builtin: true,
      should_be_retried: false,
      created: time,
      last_modified: time,
    }
    expect(await read(test, '/v6/job-types/system-failures/')).toEqual(
      page({ job_type: base, error, count: 1, first_error: time, last_error: time }),
    )
    expect(test.bugs).toEqual([])
  })
})
