import { afterAll, beforeAll, expect, it } from 'vitest'
import { onBothStores } from '../support/store.ts'
import {
  type Cluster,
  expectRefused,
  type Nomad,
  ok,
  okList,
  okObject,
  openNomad,
  sampleJob,
  startCluster,
} from './nomad.ts'

const yearly = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: true }

onBothStores('periodic jobs of Nomad /v1/job', (kind) => {
  let nomad: Nomad
  let cluster: Cluster
  let clock = Date.parse('2026-11-25T12:00:00Z')
  beforeAll(async () => {
    nomad = await openNomad(kind, { now: () => new Date(clock) })
    cluster = await startCluster(nomad)
  })
  afterAll(async () => {
    await cluster.stop()
    expect(nomad.bugs).toEqual([])
    await nomad.close()
  })
  const ask = (method: string, path: string) => nomad.ask(method, `/v1/job/${path}`)
  const put = (id: string, periodic: object | null, members: object = {}) =>
    nomad.ask('PUT', `/v1/job/${id}`, sampleJob(id, { Type: 'batch', Periodic: periodic, ...members }))
  const children = async (id: string) =>
    okList(await nomad.askListener('GET', `/v1/jobs?prefix=${id}`)).filter(({ ParentID }) => ParentID === id)

  it.each([
    [{ ...yearly }, { Type: 'service' }, 'Periodic can only be used with "batch" scheduler'],
    [{ ...yearly, Spec: '' }, {}, 'Must specify a spec'],
    [{ ...yearly, Spec: 'banana' }, {}, 'Invalid cron spec "banana": missing field(s)'],
    [{ ...yearly, SpecType: 'lunar' }, {}, 'Unknown periodic specification type "lunar"'],
  ])('120: refuses %j %j', async (periodic, members, words) => {
    expectRefused(await put('bad', periodic, members), 400, `1 error(s) occurred:\n\n* ${words}`)
  })

  it('121 to 123: has no evaluation, which zeros say, and is running', async () => {
    const answer = await put('cron', yearly)
    const done = okObject(answer)
    expect(done).toMatchObject({ EvalID: '', EvalCreateIndex: 0, Index: 0 })
    expect(Number(done.JobModifyIndex)).toBeGreaterThan(0)
    expect(answer.headers.get('x-nomad-index')).toBe('0')
    expect(okObject(await ask('GET', 'cron'))).toMatchObject({ Status: 'running', Periodic: yearly })
    expect(ok(await ask('GET', 'cron/evaluations'))).toEqual([])
    expect(ok(await ask('GET', 'cron/allocations'))).toEqual([])
    expectRefused(await ask('PUT', 'cron/evaluate'), 409, "can't evaluate periodic job")
  })

  it('124 to 129: is launched by force, also beside a launch that runs, into one job a second', async () => {
    const parent = okObject(await ask('GET', 'cron'))
    const first = okObject(await ask('PUT', 'cron/periodic/force'))
    const [child] = await children('cron')
    const id = String(child?.ID)
    expect(child).toMatchObject({ ParentID: 'cron', Name: id, Type: 'batch' })
    expect(id).toMatch(/^cron\/periodic-\d{10}$/)
    for (const path of [id, encodeURIComponent(id)])
      expect(okObject(await ask('GET', path))).toMatchObject({ ID: id, Name: id, ParentID: 'cron', Periodic: null })
    await cluster.until('it to run', async () => okObject(await ask('GET', id)).Status === 'running')
    await cluster.until('another second', async () => {
      okObject(await ask('POST', 'cron/periodic/force'))
      return (await children('cron')).length === 2
    })
    const made = okList(await ask('GET', `${id}/evaluations`))
    expect(made).toContainEqual(expect.objectContaining({ ID: first.EvalID, TriggeredBy: 'periodic-job', JobID: id }))
    expect(okObject(await ask('GET', 'cron'))).toEqual(parent)
    expect(ok(await ask('GET', 'cron/evaluations'))).toEqual([])
    expectRefused(await ask('PUT', `${id}/periodic/force`), 409, "can't force launch non-periodic job")
  })

  it('131: is not launched while it is disabled, and nothing locks up over it', async () => {
    expect(okObject(await put('cronoff', { ...yearly, Enabled: false }))).toMatchObject({ EvalID: '', Index: 0 })
    expectRefused(
      await ask('PUT', 'cronoff/periodic/force'),
      409,
      'force launch for job "cronoff" failed: can\'t force run non-tracked job cronoff',
    )
    expectRefused(await ask('PUT', 'cronoff/evaluate'), 409, "can't evaluate periodic job")
    ok(await nomad.ask('PUT', '/v1/job/later', sampleJob('later')))
  })

  it('133: is deregistered without an evaluation, and its children run on', async () => {
    const answer = await ask('DELETE', 'cron')
    expect(okObject(answer)).toMatchObject({ EvalID: '', EvalCreateIndex: 0, Index: 0 })
    expect(answer.headers.get('x-nomad-index')).toBe('0')
    expect((await ask('GET', 'cron')).status).toBe(404)
    const [child] = await children('cron')
    expect(okObject(await ask('GET', String(child?.ID)))).toMatchObject({ Status: 'running' })
    expect(okObject(await ask('DELETE', 'cron')).EvalID).not.toBe('')
  })

  it('a launch that is due happens by itself', async () => {
    clock = Date.now()
    ok(await put('often', { ...yearly, Spec: '*/1 * * * * * *' }))
    await cluster.until('a child', async () => (await children('often')).length > 0)
    ok(await ask('DELETE', 'often'))
  })
})
