import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { at, registerTile } from './scale-jobs.ts'

type Lease = { readonly execution: string; readonly token: string }
type Held = { readonly lease: Lease; readonly executionId: number; readonly job: string }

describe('jobs that a worker elsewhere runs through the graph, as the Scale routes show them', () => {
  let test: GraphqlGateway
  let worker: string
  let typeId: number
  beforeAll(async () => {
    test = await openGraphql('postgres')
    typeId = (await registerTile(test)).id
    const made = await test.data<object>(
      'mutation { registerWorker(name: "w", hostname: "far.test") { ... on RegisterWorkerPayload { worker { uuid } } } }',
    )
    worker = String(at(made, 'registerWorker', 'worker', 'uuid'))
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const read = async (path: string) => (await test.rest('GET', path)).json()
  const begin = async (): Promise<Held> => {
    const body = { job_type_id: typeId, input: { files: { SCENE: [1] }, json: { ZOOM: 1 } } }
    const job = (await test.rest('POST', '/v6/jobs/', { body })).json()
    const taken = await test.data<object>(
      `mutation ($worker: String!) { claimJobs(worker: $worker, limit: 1) {
        ... on ClaimJobsPayload { claims { token execution { id restId } } } } }`,
      { worker },
    )
    const claim = at(taken, 'claimJobs', 'claims', 0)
    const lease = { execution: String(at(claim, 'execution', 'id')), token: String(at(claim, 'token')) }
    return { lease, executionId: Number(at(claim, 'execution', 'restId')), job: `/v6/jobs/${String(at(job, 'id'))}/` }
  }
  const end = async ({ lease }: Held, outcome: object) =>
    at(
      await test.data<object>(
        'mutation ($lease: LeaseInput!, $outcome: OutcomeInput!) { reportOutcome(lease: $lease, outcome: $outcome) { __typename } }',
        { lease, outcome },
      ),
      'reportOutcome',
      '__typename',
    )

  it('times with an offset or with too many digits show, sort and filter in UTC', async () => {
    const held = await begin()
    const line = (text: string, time: string) => ({ stream: 'stdout', text, at: time })
    await test.data(
      'mutation ($lease: LeaseInput!, $lines: [LogLineInput!]!) { appendLog(lease: $lease, lines: $lines) { __typename } }',
      {
        lease: held.lease,
        lines: [
          line('second', '2026-01-01T12:00:02+02:00'),
          line('third', '2026-01-01T10:00:03.123456789Z'),
          line('first', '2026-01-01T10:00:01Z'),
        ],
      },
    )
    const log = `/v6/job-executions/${held.executionId}/logs/combined/`
    const records = await read(log)
    expect(records).toMatchObject([
      { message: 'first', '@timestamp': '2026-01-01T10:00:01Z', scale_order_num: 3, scale_node: 'far.test' },
      { message: 'second', '@timestamp': '2026-01-01T10:00:02.000000Z', scale_order_num: 1 },
      { message: 'third', '@timestamp': '2026-01-01T10:00:03.123456Z', scale_order_num: 2 },
    ])
    // A client follows a log by the last time that it saw, which that line itself still matches.
    expect((await test.rest('GET', `${log}?format=txt&started=2026-01-01T10:00:03.123456Z`)).text).toBe('third')
    await end(held, { completed: {} })
  })

  it('a failure is the manifest’s, a built-in one that is tried again, or an unknown one', async () => {
    const data = await begin()
    await end(data, { failed: { errorName: 'bad-scene', errorJobTypeName: 'tiler', exitCode: 3 } })
    expect(await read(data.job)).toMatchObject({
      status: 'FAILED',
      error: { name: 'bad-scene', category: 'DATA', job_type_name: 'tiler', is_builtin: false },
      execution: { status: 'FAILED', error: { name: 'bad-scene' } },
    })
    const unknown = await begin()
    await end(unknown, { failed: { errorName: 'no such error' } })
    expect(await read(unknown.job)).toMatchObject({ error: { name: 'algorithm-unknown', category: 'ALGORITHM' } })
    const again = await begin()
    await end(again, { failed: { errorName: 'worker-lost' } })
    expect(await read(again.job)).toMatchObject({
      status: 'QUEUED',
      num_exes: 2,
      error: null,
      node: null,
      started: null,
      ended: null,
      execution: { exe_num: 1, status: 'FAILED', error: { name: 'worker-lost', should_be_retried: true } },
    })
    expect((await test.rest('POST', '/v6/jobs/cancel/', { body: { status: 'QUEUED' } })).status).toBe(202)
    expect(await read(again.job)).toMatchObject({ status: 'CANCELED', execution: { exe_num: 2, status: 'CANCELED' } })
    expect(await read(`${again.job}executions/?error_category=SYSTEM`)).toMatchObject({ count: 1 })
  })

  it('the windows of the statistics: running jobs always, others by their last change', async () => {
    const held = await begin()
    const counts = async (query: string) => {
      const page = await read(`/v6/job-types/status/${query}`)
      const list = at(page, 'results', 0, 'job_counts')
      if (!Array.isArray(list)) throw new Error('no counts')
      return list.map((one: unknown) => [at(one, 'status'), at(one, 'category'), at(one, 'count')].join(' '))
    }
    const all = ['RUNNING  1', 'FAILED ALGORITHM 1', 'FAILED DATA 1', 'COMPLETED  1', 'CANCELED  1']
    expect(await counts('')).toEqual(all)
    expect(await counts('?started=P30D&ended=2999-01-01T00:00:00Z')).toEqual(all)
    // Neither an empty nor a reversed range is refused here.
    for (const none of ['?started=PT0S', '?ended=PT1H', '?started=PT1H&ended=PT1H', '?started=PT1H&ended=PT2H'])
      expect(await counts(none), none).toEqual(['RUNNING  1'])
    const change = at(await read(held.job), 'last_status_change')
    expect(await read('/v6/job-types/running/')).toMatchObject({ count: 1, results: [{ longest_running: change }] })
    expect(await end(held, { completed: {} })).toBe('ReportOutcomePayload')
    expect(await read('/v6/job-types/running/')).toMatchObject({ count: 0, results: [] })
    expect(await end(held, { completed: {} })).toBe('StaleLeaseError')
  })
})
