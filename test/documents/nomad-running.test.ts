import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sentGroup } from '../support/job-spec.ts'
import { onBothStores } from '../support/store.ts'
import {
  type Cluster,
  expectRefused,
  type Nomad,
  ok,
  okList,
  okObject,
  openNomad,
  sampleGroup,
  sampleJob,
  startCluster,
} from './nomad.ts'

type Item = Readonly<Record<string, unknown>>

onBothStores('jobs of Nomad /v1/job that run', (kind) => {
  let nomad: Nomad
  let cluster: Cluster
  beforeAll(async () => {
    nomad = await openNomad(kind)
    cluster = await startCluster(nomad)
  })
  afterAll(async () => {
    await cluster.stop()
    expect(nomad.bugs).toEqual([])
    await nomad.close()
  })
  const put = async (id: string, members: Item = {}) =>
    okObject(await nomad.ask('PUT', `/v1/job/${id}`, sampleJob(id, members)))
  const job = async (id: string) => okObject(await nomad.ask('GET', `/v1/job/${id}`))
  const allocations = async (id: string) => okList(await nomad.ask('GET', `/v1/job/${id}/allocations`))
  const evaluations = async (id: string) => okList(await nomad.ask('GET', `/v1/job/${id}/evaluations`))
  const evaluation = async (id: string, uuid: unknown) => (await evaluations(id)).find(({ ID }) => ID === uuid)
  /** Waits until an evaluation is done and no allocation is on its way. */
  const settled = (id: string, { EvalID }: Item) =>
    cluster.until(`${id} to settle`, async () => {
      if ((await evaluation(id, EvalID))?.Status !== 'complete') return null
      const all = await allocations(id)
      const isMoving = ({ DesiredStatus, ClientStatus }: Item) =>
        ClientStatus === 'pending' || (DesiredStatus !== 'run' && ClientStatus === 'running')
      return all.some(isMoving) ? null : all
    })
  const wanted = (all: readonly Item[]) => all.filter(({ DesiredStatus }) => DesiredStatus === 'run')
  const names = (all: readonly Item[]) => all.map(({ Name }) => Name).sort()

  describe('14 to 21, 37 to 44: a service', () => {
    let first: Item
    beforeAll(async () => {
      first = await put('svc', sampleGroup(2))
      await settled('svc', first)
    })

    it('14: is running, which moved its index', async () => {
      const answer = await nomad.ask('GET', '/v1/job/svc')
      const shown = okObject(answer)
      expect(shown).toMatchObject({ Status: 'running', CreateIndex: first.JobModifyIndex })
      expect(shown.JobModifyIndex).toBe(shown.CreateIndex)
      expect(Number(shown.ModifyIndex)).toBeGreaterThan(Number(shown.CreateIndex))
      expect(answer.index).toBe(shown.ModifyIndex)
    })

    it('18, 19: has two allocations by id', async () => {
      const all = await allocations('svc')
      expect(names(all)).toEqual(['svc.g1[0]', 'svc.g1[1]'])
      expect(all.map(({ ID }) => ID)).toEqual(all.map(({ ID }) => String(ID)).sort())
      for (const one of all) {
        expect(one).toMatchObject({
          EvalID: first.EvalID,
          JobID: 'svc',
          TaskGroup: 'g1',
          DesiredStatus: 'run',
          DesiredDescription: '',
          ClientStatus: 'running',
          ClientDescription: '',
          TaskStates: { t1: { State: 'running', Events: [{ Type: 'Received' }, { Type: 'Started' }] } },
        })
        expect(one.NodeID).toMatch(/^[0-9a-f-]{36}$/)
      }
    })

    it('keeps nanoseconds exact', async () => {
      const { text } = await nomad.ask('GET', '/v1/job/svc/allocations')
      expect(text).toContain('"Time":1795438844533945962')
      expect(text).toMatch(/"CreateTime":\d{19}\}/)
    })

    it('21: has one evaluation, complete', async () => {
      expect(await evaluations('svc')).toMatchObject([
        {
          ID: first.EvalID,
          TriggeredBy: 'job-register',
          Status: 'complete',
          JobModifyIndex: first.JobModifyIndex,
          Priority: 50,
          Type: 'service',
          NodeID: '',
          NodeModifyIndex: 0,
          Wait: 0,
          NextEval: '',
          PreviousEval: '',
        },
      ])
    })

    it('37: gives unchanged allocations the new evaluation', async () => {
      const before = await allocations('svc')
      const done = await put('svc', sampleGroup(2))
      const after = await settled('svc', done)
      expect(after.map(({ ID }) => ID)).toEqual(before.map(({ ID }) => ID))
      expect(after.map(({ EvalID }) => EvalID)).toEqual([done.EvalID, done.EvalID])
    })

    it('38, 39: adds an instance, and replaces none for another Meta', async () => {
      const before = await allocations('svc')
      const more = okObject(await nomad.ask('POST', '/v1/job/svc', sampleJob('svc', sampleGroup(3))))
      const three = await settled('svc', more)
      expect(names(three)).toEqual(['svc.g1[0]', 'svc.g1[1]', 'svc.g1[2]'])
      expect(three.map(({ ID }) => ID)).toEqual(expect.arrayContaining(before.map(({ ID }) => ID)))
      const meta = await settled('svc', await put('svc', { ...sampleGroup(3), Meta: { foo: 'other' } }))
      expect(meta.map(({ ID }) => ID)).toEqual(three.map(({ ID }) => ID))
    })

    it('40, 41: replaces all for other arguments, and stops those beyond the count', async () => {
      const config = { Config: { command: '/bin/sleep', args: ['700'] } }
      const replaced = await settled('svc', await put('svc', sampleGroup(3, config)))
      expect(names(wanted(replaced))).toEqual(['svc.g1[0]', 'svc.g1[1]', 'svc.g1[2]'])
      const stopped = replaced.filter(({ DesiredStatus }) => DesiredStatus === 'stop')
      expect(stopped).toHaveLength(3)
      for (const one of stopped) {
        expect(one).toMatchObject({
          ClientStatus: 'complete',
          DesiredDescription: 'alloc is being updated due to job update',
          TaskStates: { t1: { State: 'dead', Events: [{ Type: 'Killed' }] } },
        })
      }
      const one = await settled('svc', await put('svc', sampleGroup(1, config)))
      expect(names(wanted(one))).toEqual(['svc.g1[0]'])
      expect(
        one.filter(({ DesiredDescription }) => DesiredDescription === 'alloc not needed due to job update'),
      ).toHaveLength(2)
    })

    it.each([undefined, { any: 'body' }])('42, 44: is evaluated, body %j', async (body) => {
      const before = await job('svc')
      const done = okObject(await nomad.ask('POST', '/v1/job/svc/evaluate', body))
      expect(done.JobModifyIndex).toBe(before.ModifyIndex)
      await settled('svc', done)
      expect(await job('svc')).toEqual(before)
    })
  })

  it('101, 103: a batch job fails, and is not run again for being evaluated', async () => {
    const group = sampleGroup(1, { Config: { command: '/bin/sh', args: ['-c', 'echo oops >&2; exit 3'] } })
    await put('batch-fail', { Type: 'batch', ...group })
    await cluster.until('the end', async () => (await job('batch-fail')).Status === 'dead')
    expect(await allocations('batch-fail')).toMatchObject([
      {
        ClientStatus: 'failed',
        DesiredStatus: 'run',
        TaskStates: {
          t1: {
            State: 'dead',
            Events: [
              { Type: 'Received' },
              { Type: 'Started' },
              { Type: 'Terminated', ExitCode: 3 },
              { Type: 'Not Restarting' },
            ],
          },
        },
      },
    ])
    await settled('batch-fail', okObject(await nomad.ask('PUT', '/v1/job/batch-fail/evaluate')))
    expect(await allocations('batch-fail')).toHaveLength(1)
    expect((await job('batch-fail')).Status).toBe('dead')
  })

  it('105, 106: what fits nowhere stays pending behind a blocked evaluation', async () => {
    const done = await put('wrongdc', { Datacenters: ['dc9'] })
    const blocked = await cluster.until('a blocked evaluation', async () =>
      (await evaluations('wrongdc')).find(({ Status }) => Status === 'blocked'),
    )
    expect(blocked).toMatchObject({ PreviousEval: done.EvalID, TriggeredBy: 'job-register' })
    expect((await job('wrongdc')).Status).toBe('pending')
  })

  it('107: a system job has one allocation a node', async () => {
    const all = await settled('sys', await put('sys', { Type: 'system' }))
    expect(all).toHaveLength(1)
    expect(await evaluations('sys')).toMatchObject([{ Type: 'system', Status: 'complete' }])
  })

  it('109: numbers the instances of each group', async () => {
    const groups = [sentGroup({ Name: 'g1', Count: 1 }), sentGroup({ Name: 'g2', Count: 2 })]
    const all = await settled('two', await put('two', { TaskGroups: groups }))
    expect(names(all)).toEqual(['two.g1[0]', 'two.g2[0]', 'two.g2[1]'])
  })

  it('a job of an unknown type is kept and never evaluated', async () => {
    await put('weird', { Type: 'weird' })
    expect((await job('weird')).Status).toBe('pending')
  })

  it('a job of count 0 is dead', async () => {
    await settled('zero', await put('zero', sampleGroup(0)))
    expect((await job('zero')).Status).toBe('dead')
    expect(await allocations('zero')).toEqual([])
  })

  it('111 to 118: is deregistered, leaves its history, and comes back anew', async () => {
    const first = await put('gone')
    const [before] = await settled('gone', first)
    const done = okObject(await nomad.ask('DELETE', '/v1/job/gone', { any: 'body' }))
    const missing = await nomad.ask('GET', '/v1/job/gone')
    expect([missing.status, missing.text, missing.index]).toEqual([404, 'job not found', done.JobModifyIndex])
    const all = await settled('gone', done)
    expect(all).toMatchObject([{ ID: before?.ID, DesiredStatus: 'stop', ClientStatus: 'complete' }])
    expect(all[0]?.DesiredDescription).toBe('alloc not needed due to job update')
    expect(await evaluation('gone', done.EvalID)).toMatchObject({
      TriggeredBy: 'job-deregister',
      Status: 'complete',
      Priority: 50,
      Type: 'service',
    })
    expectRefused(await nomad.ask('PUT', '/v1/job/gone/evaluate'), 404, 'job not found')
    expectRefused(await nomad.ask('PUT', '/v1/job/gone/periodic/force'), 404, 'job not found')
    const back = await put('gone')
    expect(Number((await job('gone')).CreateIndex)).toBe(back.JobModifyIndex)
    expect(Number(back.JobModifyIndex)).toBeGreaterThan(Number(first.JobModifyIndex))
    expect(names(await settled('gone', back))).toEqual(['gone.g1[0]', 'gone.g1[0]'])
  })

  it('108: replaces a batch at a time, in a chain of evaluations', async () => {
    const update = { Update: { Stagger: 200_000_000, MaxParallel: 1 } }
    await settled('roll', await put('roll', { ...sampleGroup(3), ...update }))
    const config = { Config: { command: '/bin/sleep', args: ['700'] } }
    const done = await put('roll', { ...sampleGroup(3, config), ...update })
    const chain = await cluster.until('the chain', async () => {
      const rolling = (await evaluations('roll')).filter(({ TriggeredBy }) => TriggeredBy === 'rolling-update')
      return rolling.length === 2 && rolling.every(({ Status }) => Status === 'complete') ? rolling : null
    })
    const second = chain.find(({ PreviousEval }) => PreviousEval === done.EvalID)
    const third = chain.find(({ PreviousEval }) => PreviousEval === second?.ID)
    expect((await evaluation('roll', done.EvalID))?.NextEval).toBe(second?.ID)
    expect([second?.NextEval, second?.Wait, third?.Wait]).toEqual([third?.ID, 200_000_000, 200_000_000])
  })

  it('refuses to launch what is not periodic', async () => {
    await put('plain')
    expectRefused(await nomad.ask('PUT', '/v1/job/plain/periodic/force'), 409, "can't force launch non-periodic job")
    ok(await nomad.ask('DELETE', '/v1/job/plain'))
  })
})
