import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { queueJob } from '#resolvers/job.ts'
import { registerJobError } from '#resolvers/reference.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { patch, read, results, statementsOf } from './scale-job-types.ts'
import { at, completed, expectRefusal, failed, type HandWorker, handWorker, register } from './scale-jobs.ts'

const hour = 3_600_000

onBothStores('the statistics of the Scale v6 job types document', (kind) => {
  let test: TestGateway
  let worker: HandWorker
  let a: JobType
  let b: JobType
  let c: JobType
  /** How far the gateway's clock is ahead of the database's: what happened just now then lies in the past. */
  let ahead = 0
  beforeAll(async () => {
    test = await openTestGateway(kind, { now: () => new Date(Date.now() + ahead) })
    worker = await handWorker(test)
    const bad = {
      errors: [
        { code: 3, name: 'bad-scene', category: 'data' },
        { code: 4, name: 'no-env' },
      ],
    }
    a = await register(test, manifest('alpha'))
    b = await register(test, manifest('beta', '1.0.0', bad))
    c = await register(test, manifest('gamma'))
    await registerJobError(test.context(), { name: 'disk-full', category: 'SYSTEM' })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const queue = (type: JobType) => queueJob(test.context(), { jobTypeId: type.id })
  const run = async (type: JobType) => {
    await queue(type)
    return worker.claim()
  }
  const counts = async (type: JobType, query = '') => {
    const rows = await results(test, `/v6/job-types/status/${query}`)
    const row = rows.find((one) => at(one, 'job_type', 'id') === type.id)
    return row === undefined ? undefined : at(row, 'job_counts')
  }
  const time = expect.stringMatching(/Z$/)

  it('S01 S04: running jobs count, whenever they began', async () => {
    expect(await read(test, '/v6/job-types/running/')).toEqual({ count: 0, next: null, previous: null, results: [] })
    await run(a)
    const running = { status: 'RUNNING', count: 1, most_recent: time, category: null }
    expect(await read(test, '/v6/job-types/status/')).toMatchObject({
      count: 3,
      results: [
        { job_type: { name: 'alpha', is_system: false }, job_counts: [running] },
        { job_type: { name: 'beta' }, job_counts: [] },
        { job_type: { name: 'gamma' }, job_counts: [] },
      ],
    })
    ahead = 5 * hour
    expect(await counts(a)).toEqual([running])
    ahead = 0
    expect(await results(test, '/v6/job-types/running/')).toMatchObject([
      { job_type: { id: a.id, version: '1.0.0' }, count: 1, longest_running: time },
    ])
  })

  it('S05: a range long past leaves every type and the running jobs', async () => {
    await queue(c)
    const range = '?started=2015-01-01T00:00:00Z&ended=2015-01-02T00:00:00Z'
    expect(await read(test, `/v6/job-types/status/${range}`)).toMatchObject({ count: 3 })
    expect(await counts(a, range)).toMatchObject([{ status: 'RUNNING', count: 1 }])
    expect(await counts(c, range)).toEqual([])
    expect(await counts(c)).toMatchObject([{ status: 'QUEUED', count: 1, category: null }])
    expect(await counts(a, '?started=2015-01-02T00:00:00Z&ended=2015-01-01T00:00:00Z')).toHaveLength(1)
    for (const query of ['?started=yesterday', '?ended=P1W', '?is_active=yes'])
      expectRefusal(await test.rest('GET', `/v6/job-types/status/${query}`), 400)
  })

  it('S03: what ended before the range is left out', async () => {
    await worker.end(await worker.claim(), completed)
    expect(await counts(c)).toMatchObject([{ status: 'COMPLETED', count: 1, category: null }])
    ahead = 5 * hour
    expect(await counts(c)).toEqual([])
    expect(await counts(c, '?started=PT6H')).toMatchObject([{ status: 'COMPLETED', count: 1 }])
    expect(await counts(c, '?started=PT6H&ended=PT5H30M')).toEqual([])
    ahead = 0
  })

  it('S02: failures are parted by the category of their error', async () => {
    await worker.end(await run(b), failed('launch'))
    await worker.end(await run(b), failed('disk-full'))
    await worker.end(await run(b), failed('bad-scene', 'beta'))
    expect(await counts(b)).toEqual([
      { status: 'FAILED', count: 1, most_recent: time, category: 'DATA' },
      { status: 'FAILED', count: 2, most_recent: time, category: 'SYSTEM' },
    ])
  })

  it('S12 S13: system failures by type and error, the latest first, with the error as it is stored', async () => {
    await worker.end(await run(b), failed('no-env', 'beta'))
    await worker.end(await run(a), failed('launch'))
    await worker.end(await run(a), failed('launch'))
    const rows = await results(test, '/v6/job-types/system-failures/')
    expect(rows.map((row) => [at(row, 'job_type', 'name'), at(row, 'error', 'name'), at(row, 'count')])).toEqual([
      ['alpha', 'launch', 2],
      ['beta', 'disk-full', 1],
      ['beta', 'launch', 1],
    ])
    const [first, second] = rows
    expect(String(at(first, 'first_error')) < String(at(first, 'last_error'))).toBe(true)
    expect(at(second, 'first_error')).toBe(at(second, 'last_error'))
    expect(at(first, 'error')).toMatchObject({
      category: 'SYSTEM',
      is_builtin: true,
      created: time,
      last_modified: time,
    })
    expect(at(second, 'error')).toMatchObject({ is_builtin: false, should_be_retried: false, job_type_name: null })
    expect(await read(test, '/v6/job-types/system-failures/?page_size=2&page=2')).toMatchObject({
      count: 3,
      next: null,
      previous: 'http://gateway.test/v6/job-types/system-failures/?page_size=2',
      results: [{ count: 1 }],
    })
    expectRefusal(await test.rest('GET', '/v6/job-types/system-failures/?page_size=2&page=3'), 404, 'Invalid page.')
  })

  it('S09: pending jobs, the longest first; queued ones are none', async () => {
    await queue(c)
    const pending = async (type: JobType) => queueJob(test.context(), { jobTypeId: type.id }, { isPending: true })
    const oldest = await pending(a)
    await pending(a)
    await pending(b)
    expect(await results(test, '/v6/job-types/pending/')).toMatchObject([
      { job_type: { name: 'alpha' }, count: 2, longest_pending: oldest.lastStatusChange },
      { job_type: { name: 'beta' }, count: 1 },
    ])
    expect(await read(test, '/v6/job-types/pending/?page_size=1')).toMatchObject({
      count: 2,
      next: 'http://gateway.test/v6/job-types/pending/?page=2&page_size=1',
    })
  })

  it('S06: types by whether they are active, least recently modified first', async () => {
    await patch(test, 'alpha/1.0.0', { is_active: false })
    const names = async (query: string) =>
      (await results(test, `/v6/job-types/status/${query}`)).map((row) => at(row, 'job_type', 'name'))
    expect(await names('')).toEqual(['beta', 'gamma', 'alpha'])
    expect(await names('?is_active=true')).toEqual(['beta', 'gamma'])
    expect(await names('?is_active=false')).toEqual(['alpha'])
  })

  it('costs the same number of statements for one row and for many', async () => {
    for (const list of ['pending', 'running', 'system-failures']) {
      const path = `/v6/job-types/${list}/?page_size=`
      expect(await statementsOf(test, `${path}100`)).toBe(await statementsOf(test, `${path}1`))
    }
  })
})
