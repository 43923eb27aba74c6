import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { at, expectRefusal, type HandWorker, handWorker, makeJob, registerTile } from './scale-jobs.ts'

const t1 = '2026-01-01T10:00:00.000500Z'
const t2 = '2026-01-01T10:00:00.000501Z'

onBothStores('logs by the Scale v6 jobs document', (kind) => {
  let test: TestGateway
  let worker: HandWorker
  let executionId: number
  let jobId: number
  let silentId: number
  const get = (path: string, accept?: string) =>
    test.rest('GET', `/v6/job-executions/${path}`, accept === undefined ? {} : { headers: { accept } })
  const log = (rest: string, accept?: string) => get(`${executionId}/logs/${rest}`, accept)
  const messages = async (rest: string) => {
    const records: unknown = (await log(rest)).json()
    if (!Array.isArray(records)) throw new Error('no list')
    return records.map((record: unknown) => at(record, 'message'))
  }

  beforeAll(async () => {
    test = await openTestGateway(kind)
    const type = await registerTile(test)
    worker = await handWorker(test, 'machine.test')
    jobId = await makeJob(test, type)
    const claim = await worker.claim()
    executionId = claim.executionId
    await worker.say(claim, [
      ['stdout', 'out1\n', t1],
      ['stderr', 'err1 <b>&"\'\n', t1],
      ['stdout', 'out2', t2],
    ])
    await makeJob(test, type)
    silentId = (await worker.claim()).executionId
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('G01: both streams as records', async () => {
    const answer = await log('combined/')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    const record = (message: string, order: number, stream: string, time: string) => ({
      message,
      '@timestamp': time,
      scale_order_num: order,
      scale_task: executionId,
      scale_job_exe: `scale_job_jobgraph_${jobId}x1`,
      scale_node: 'machine.test',
      stream,
    })
    expect(answer.json()).toEqual([
      record('out1', 1, 'stdout', t1),
      record('err1 <b>&"\'', 2, 'stderr', t1),
      record('out2', 3, 'stdout', t2),
    ])
  })

  it('G02: one stream', async () => {
    expect(await messages('stdout/')).toEqual(['out1', 'out2'])
    expect(await messages('stderr/')).toEqual(['err1 <b>&"\''])
    expectRefusal(await log('other/'), 404)
  })

  it('G03: from a moment on, that moment included', async () => {
    expect(await messages(`combined/?started=${t2}`)).toEqual(['out2'])
    expect(await messages(`combined/?started=${t1}`)).toHaveLength(3)
    expect((await log('combined/?started=2026-01-01T10:00:01Z')).status).toBe(204)
    expectRefusal(await log('combined/?started=soon'), 400, 'started')
  })

  it('G05: nothing was written', async () => {
    for (const format of ['json', 'txt', 'html', 'hits']) {
      const answer = await get(`${silentId}/logs/combined/?format=${format}`)
      expect([answer.status, answer.text]).toEqual([204, ''])
    }
  })

  it('G06 G12: as text', async () => {
    for (const answer of [await log('combined/?format=txt'), await log('combined/', 'text/plain')]) {
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(answer.text).toBe('out1\nerr1 <b>&"\'\nout2')
    }
  })

  it('as a page that can load nothing', async () => {
    for (const answer of [await log('combined/?format=html'), await log('combined/', 'text/html')]) {
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
      expect(answer.text).toBe(
        '<html><head><style>.stdout {} .stderr {color: red;}</style></head><body><div class="stdout">out1</div>\n' +
          '<div class="stderr">err1 &lt;b&gt;&amp;&quot;&#39;</div>\n<div class="stdout">out2</div>\n</body></html>',
      )
    }
  })

  it('G08: unknown executions, in each form', async () => {
    expectRefusal(await get('999999/logs/combined/'), 404, 'Not found.')
    expectRefusal(await get('99999999999999999999/logs/combined/'), 404, 'Not found.')
    const asText = await get('999999/logs/combined/?format=txt')
    expect([asText.status, asText.text]).toEqual([404, 'Not found.'])
    const asPage = await get('999999/logs/combined/?format=html')
    expect([asPage.status, asPage.text]).toEqual([404, '404 Not Found'])
    expectRefusal(await log('combined/?format=xml'), 404)
    expectRefusal(await log('combined/', 'image/png'), 406)
  })

  it('G11: in the envelope of a search engine', async () => {
    const records: unknown = (await log('combined/')).json()
    const answer = await log('combined/?format=hits')
    expect(answer.headers.get('content-type')).toBe('application/json')
    const hits = at(answer.json(), 'hits', 'hits')
    if (!Array.isArray(hits)) throw new Error('no hits')
    expect(at(answer.json(), 'hits', 'total')).toBe(3)
    expect(hits.map((hit: unknown) => at(hit, '_source'))).toEqual(records)
    expect(hits[1]).toMatchObject({ _id: `${executionId}-2`, sort: [Date.parse(t1), 2] })
  })

  it('lines that arrive late stand where their time puts them', async () => {
    const type = await registerTile(test, 'late')
    await makeJob(test, type)
    const claim = await worker.claim()
    await worker.say(claim, [
      ['stdout', 'second\n', t2],
      ['stderr', 'first\n', t1],
    ])
    expect((await get(`${claim.executionId}/logs/combined/?format=txt`)).text).toBe('first\nsecond')
  })
})
