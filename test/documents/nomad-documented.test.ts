import { afterAll, beforeAll, expect, it } from 'vitest'
import { documentedJob } from '../support/job-spec.ts'
import { onBothStores } from '../support/store.ts'
import { type Nomad, ok, okList, okObject, openNomad, sampleJob } from './nomad.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const id = 'binstore-storagelocker'

/** The document's seven operations with its own example, which v0.3.2 itself would refuse. */
onBothStores('the documented operations of Nomad /v1/job', (kind) => {
  let nomad: Nomad
  beforeAll(async () => {
    nomad = await openNomad(kind)
  })
  afterAll(async () => {
    expect(nomad.bugs).toEqual([])
    await nomad.close()
  })

  const documentedKeys = ['EvalID', 'EvalCreateIndex', 'JobModifyIndex'] as const

  it('registers a job by PUT', async () => {
    const answer = await nomad.ask('PUT', `/v1/job/${id}`, { Job: documentedJob })
    const done = okObject(answer)
    expect(Object.keys(done)).toEqual([...documentedKeys, 'Index', 'LastContact', 'KnownLeader'])
    expect(done.EvalID).toMatch(uuid)
    expect(done).toMatchObject({ Index: answer.index, LastContact: 0, KnownLeader: false })
    expect(done.EvalCreateIndex).toBe(Number(done.JobModifyIndex) + 1)
  })

  it('registers it anew by POST', async () => {
    const before = okObject(await nomad.ask('GET', `/v1/job/${id}`))
    const done = okObject(await nomad.ask('POST', `/v1/job/${id}`, { Job: documentedJob }))
    const after = okObject(await nomad.ask('GET', `/v1/job/${id}`))
    expect(after).toMatchObject({ CreateIndex: before.CreateIndex, JobModifyIndex: done.JobModifyIndex })
    expect(Number(after.ModifyIndex)).toBeGreaterThan(Number(before.ModifyIndex))
  })

  it('shows the job as it was sent', async () => {
    const job = okObject(await nomad.ask('GET', `/v1/job/${id}`))
    const { Status, CreateIndex, ModifyIndex, ...sent } = documentedJob
    expect(job).toMatchObject(sent)
    expect(Object.keys(job).filter((key) => key in documentedJob)).toEqual(Object.keys(documentedJob))
    expect(job.Status).toBe('pending')
  })

  it('lists its evaluations', async () => {
    const evaluations = okList(await nomad.ask('GET', `/v1/job/${id}/evaluations`))
    expect(evaluations).toHaveLength(2)
    for (const evaluation of evaluations) {
      expect(evaluation).toMatchObject({
        ID: expect.stringMatching(uuid),
        Priority: 50,
        Type: 'service',
        TriggeredBy: 'job-register',
        JobID: id,
        NodeID: '',
        NodeModifyIndex: 0,
        Status: 'pending',
        StatusDescription: '',
        Wait: 0,
        NextEval: '',
        PreviousEval: '',
      })
    }
  })

  it('lists its allocations', async () => {
    expect(ok(await nomad.ask('GET', `/v1/job/${id}/allocations`))).toEqual([])
  })

  it.each(['PUT', 'POST'])('evaluates it by %s', async (method) => {
    const job = okObject(await nomad.ask('GET', `/v1/job/${id}`))
    const answer = await nomad.ask(method, `/v1/job/${id}/evaluate`)
    const done = okObject(answer)
    expect(done).toMatchObject({ EvalID: expect.stringMatching(uuid), JobModifyIndex: job.ModifyIndex })
    expect(done.EvalCreateIndex).toBe(answer.index)
    expect(answer.index).toBeGreaterThan(Number(done.JobModifyIndex))
  })

  it.each(['PUT', 'POST'])('launches a periodic job by %s', async (method) => {
    const periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: true }
    ok(await nomad.ask('PUT', '/v1/job/cron', sampleJob('cron', { Type: 'batch', Periodic: periodic })))
    const answer = await nomad.ask(method, '/v1/job/cron/periodic/force')
    const done = okObject(answer)
    expect(Object.keys(done)).toEqual(['EvalID', 'EvalCreateIndex', 'Index'])
    expect(done).toEqual({ EvalID: expect.stringMatching(uuid), EvalCreateIndex: answer.index, Index: answer.index })
  })

  it('deregisters it', async () => {
    const answer = await nomad.ask('DELETE', `/v1/job/${id}`)
    const done = okObject(answer)
    expect(done.EvalID).toMatch(uuid)
    expect(done.EvalCreateIndex).toBe(Number(done.JobModifyIndex) + 1)
    const gone = await nomad.ask('GET', `/v1/job/${id}`)
    expect([gone.status, gone.text, gone.index]).toEqual([404, 'job not found', done.JobModifyIndex])
  })
})
