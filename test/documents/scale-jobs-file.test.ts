import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerFile } from '#resolvers/workspace.ts'
import { placeFile, queue } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { at, expectRefusal, idsOf, makeJob, registerTile } from './scale-jobs.ts'

onBothStores('input files by the Scale v6 jobs document', (kind) => {
  let test: TestGateway
  let jobId: number
  let bareId: number
  let ids: number[]
  const list = (query = '') => test.rest('GET', `/v6/jobs/${jobId}/input_files/${query}`)

  beforeAll(async () => {
    test = await openTestGateway(kind)
    const type = await registerTile(test)
    ids = []
    for (const name of ['f1.tif', 'f2.tif', 'f3.tif']) ids.push(await placeFile(test, name, name))
    await registerFile(test.context(), {
      workspace: 'files',
      path: 'f3.tif',
      dataStarted: '2016-02-01T00:00:00Z',
      dataEnded: '2016-02-02T00:00:00Z',
      sourceStarted: '2016-01-01T00:00:00Z',
      sourceEnded: '2016-01-02T00:00:00Z',
      sourceSensor: '1',
    })
    const [f1, f2, f3] = ids
    jobId = (await queue(test, type, { files: { MASKS: [f3, f2], SCENE: [f1] }, json: { ZOOM: 1 } })).id
    bareId = await makeJob(test, type)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('I01: each file in full, longest unmodified first', async () => {
    const answer = await list()
    expect(answer.json()).toMatchObject({ count: 3, next: null, previous: null })
    expect(idsOf(answer)).toEqual(ids)
    expect(at(answer.json(), 'results', 0)).toMatchObject({
      file_name: 'f1.tif',
      workspace: { name: 'files' },
      media_type: 'image/tiff',
      file_type: 'SOURCE',
      file_size: 6,
      file_path: 'f1.tif',
      is_deleted: false,
      url: null,
      data_type_tags: [],
      countries: [],
      job: null,
      job_exe: null,
      job_type: null,
      recipe_type: null,
      batch: null,
    })
    expect(idsOf(await list('?page=2&page_size=2'))).toEqual([ids[2]])
  })

  it('I03: by file name and input', async () => {
    expect(idsOf(await list('?file_name=f1.tif'))).toEqual([ids[0]])
    expect((await list('?file_name=no')).json()).toMatchObject({ count: 0, results: [] })
    expect(idsOf(await list('?job_input=MASKS'))).toEqual([ids[1], ids[2]])
    expect(idsOf(await list('?job_input=masks'))).toEqual([])
  })

  it('I04: by the times of the source, of the data, and of the modification', async () => {
    const year = 'started=2016-01-01T00:00:00Z&ended=2016-01-31T00:00:00Z'
    expect(idsOf(await list(`?${year}&time_field=source`))).toEqual([ids[2]])
    expect(idsOf(await list(`?${year}&time_field=data`))).toEqual([])
    expect(idsOf(await list('?started=2016-02-01T00:00:00Z&time_field=data'))).toEqual([ids[2]])
    expect(idsOf(await list('?ended=2016-02-02T00:00:00Z&time_field=data'))).toEqual([ids[2]])
    expect(idsOf(await list(`?${year}`))).toEqual([])
    expect(idsOf(await list('?started=PT1H&time_field=last_modified'))).toEqual(ids)
  })

  it('I05: what is refused', async () => {
    for (const field of ['created', '', 'LAST_MODIFIED'])
      expectRefusal(await list(`?time_field=${field}`), 400, 'Parameter "time_field" values must be one of')
    expectRefusal(await list('?started=2016-01-01T00:00:00Z&ended=2016-01-01T00:00:00Z'), 400, 'different')
    expectRefusal(await list('?started=x'), 400, 'started')
    expectRefusal(await list('?page=7'), 404, 'Invalid page.')
  })

  it('I06 I07: an unknown job, and one without files', async () => {
    expectRefusal(await test.rest('GET', '/v6/jobs/999999/input_files/'), 404, 'Not found.')
    expect((await test.rest('GET', `/v6/jobs/${bareId}/input_files/`)).json()).toMatchObject({ count: 0, results: [] })
  })

  it("I08: the names of a job's files, inputs in the manifest's order, files in the job's", async () => {
    const wanted = { SCENE: ['f1.tif'], MASKS: ['f3.tif', 'f2.tif'] }
    const details = at((await test.rest('GET', `/v6/jobs/${jobId}/`)).json(), 'input_files')
    expect(details).toEqual(wanted)
    expect(Object.keys(Object(details))).toEqual(['SCENE', 'MASKS'])
    const listed = await test.rest('GET', `/v6/jobs/?job_id=${jobId}&job_id=${bareId}&order=id`)
    expect(at(listed.json(), 'results', 0, 'input_files')).toEqual(wanted)
    expect(at(listed.json(), 'results', 1, 'input_files')).toEqual({})
    expect(at(listed.json(), 'results', 0)).toMatchObject({
      source_sensor: '1',
      source_started: '2016-01-01T00:00:00Z',
    })
  })
})
