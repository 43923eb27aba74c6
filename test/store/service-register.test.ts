import { afterAll, beforeAll, expect, it } from 'vitest'
import { listJobAllocations } from '#resolvers/allocation.ts'
import { findEvaluation, listJobEvaluations } from '#resolvers/evaluation.ts'
import {
  deregisterServiceJob,
  evaluateServiceJob,
  findServiceJob,
  forceServiceJob,
  listServiceJobs,
} from '#resolvers/service-job.ts'
import { findLogHead } from '#store/change.ts'
import { findJobTypes } from '#store/job-type.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

onBothStores('registering service jobs', (kind) => {
  let test: TestGateway
  let stage: Stage
  beforeAll(async () => {
    test = await openTestGateway(kind)
    stage = await setStage(test)
  })
  afterAll(() => test.close())
  const head = async () => (await findLogHead(test.store.db)).index

  it('takes the indexes of the document: job N, evaluation N + 1, allocations N + 2, completion N + 3', async () => {
    const n = (await head()) + 1
    expect(await stage.register('chain')).toMatchObject({
      jobModifyIndex: n,
      evaluationCreateIndex: n + 1,
      index: n + 1,
    })
    expect(await stage.job('chain')).toMatchObject({ status: 'PENDING', createIndex: n, modifyIndex: n })
    await stage.schedule()
    const { value: allocations, index } = await listJobAllocations(test.context(), 'chain')
    expect(allocations).toMatchObject([{ createIndex: n + 2, modifyIndex: n + 2, name: 'chain.g1[0]' }])
    expect(index).toBe(n + 2)
    const evaluations = await listJobEvaluations(test.context(), 'chain')
    expect(evaluations.value).toMatchObject([{ jobModifyIndex: n, createIndex: n + 1, modifyIndex: n + 3 }])
    expect(evaluations.index).toBe(n + 3)
    expect(await findServiceJob(test.context(), 'chain')).toMatchObject({
      index: n + 2,
      value: { status: 'RUNNING', createIndex: n, jobModifyIndex: n },
    })
    expect(await head()).toBe(n + 3)
  })

  it('keeps the creation and gives allocations the new evaluation when the same is registered again', async () => {
    const before = await stage.job('chain')
    const [type] = await findJobTypes(test.store.db, [before.jobTypeId])
    const again = await stage.register('chain')
    await stage.schedule()
    const after = await stage.job('chain')
    expect(after).toMatchObject({
      id: before.id,
      createIndex: before.createIndex,
      jobModifyIndex: again.jobModifyIndex,
      modifyIndex: again.jobModifyIndex,
      status: 'RUNNING',
    })
    expect((await findJobTypes(test.store.db, [before.jobTypeId]))[0]?.revisionNum).toBe(type?.revisionNum)
    const { value } = await listJobAllocations(test.context(), 'chain')
    expect(value).toMatchObject([
      { evaluationUuid: again.evaluationId, modifyIndex: again.index + 1, desiredStatus: 'run' },
    ])
    expect(await stage.allocations('chain')).toEqual(['chain.g1[0] run/pending'])
  })

  it('does not move the job list when nothing of it changed', async () => {
    const { index } = await listServiceJobs(test.context())
    await stage.register('chain')
    await stage.schedule()
    await evaluateServiceJob(test.context(), 'chain')
    await stage.schedule()
    expect((await listServiceJobs(test.context())).index).toBe(index)
  })

  it('makes a revision of a changed specification', async () => {
    await stage.register('chain', { Meta: { foo: 'baz' } })
    const { jobTypeId } = await stage.job('chain')
    expect((await findJobTypes(test.store.db, [jobTypeId]))[0]?.revisionNum).toBe(2)
    await stage.schedule()
    expect(await stage.allocations('chain')).toEqual(['chain.g1[0] run/pending'])
  })

  it('evaluates without touching the job', async () => {
    const before = await stage.job('chain')
    const n = (await head()) + 1
    expect(await evaluateServiceJob(test.context(), 'chain')).toMatchObject({
      jobModifyIndex: before.modifyIndex,
      evaluationCreateIndex: n,
      index: n,
    })
    await stage.schedule()
    // Nothing had to be done: the completion is the next index, and no allocation was touched.
    expect(await head()).toBe(n + 1)
    expect((await stage.job('chain')).modifyIndex).toBe(before.modifyIndex)
  })

  it('ends a registration, hides the row and stops what runs', async () => {
    await stage.act()
    const n = (await head()) + 1
    const gone = await deregisterServiceJob(test.context(), 'chain')
    expect(gone).toMatchObject({ jobModifyIndex: n, evaluationCreateIndex: n + 1, index: n + 1 })
    expect(await findServiceJob(test.context(), 'chain')).toEqual({ index: n, value: null })
    await stage.act()
    expect(await stage.allocations('chain')).toEqual(['chain.g1[0] stop/complete'])
    const { value } = await findEvaluation(test.context(), gone.evaluationId ?? '')
    expect(value).toMatchObject({ triggeredBy: 'job-deregister', priority: 50, type: 'service', status: 'COMPLETE' })
    await expect(evaluateServiceJob(test.context(), 'chain')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'job not found',
    })
  })

  it('gives a name that comes back a new row, with counters from nought and the old allocations beside', async () => {
    const { index, jobModifyIndex } = await stage.register('chain')
    await stage.schedule()
    expect(await stage.job('chain')).toMatchObject({ createIndex: jobModifyIndex, jobModifyIndex })
    expect(index).toBe(jobModifyIndex + 1)
    expect(await stage.summary('chain')).toMatchObject({ complete: 0, starting: 1 })
    expect(await stage.allocations('chain')).toEqual(['chain.g1[0] stop/complete', 'chain.g1[0] run/pending'])
  })

  it('answers an unknown name with an evaluation that finds nothing to do, and leaves the jobs alone', async () => {
    const { index } = await findServiceJob(test.context(), 'nope')
    const n = (await head()) + 1
    expect(await deregisterServiceJob(test.context(), 'nope')).toMatchObject({ jobModifyIndex: n, index: n + 1 })
    await stage.schedule()
    expect(await stage.evaluations('nope')).toEqual(['job-deregister complete'])
    expect((await findServiceJob(test.context(), 'nope')).index).toBe(index)
  })

  it('registers a periodic job without an evaluation, and launches children of it', async () => {
    const cron = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: true }
    const n = (await head()) + 1
    expect(await stage.register('cron', { Type: 'batch', Periodic: cron })).toEqual({
      evaluationId: null,
      evaluationCreateIndex: 0,
      jobModifyIndex: n,
      index: 0,
    })
    expect(await stage.job('cron')).toMatchObject({ status: 'RUNNING', isPeriodic: true })
    await expect(evaluateServiceJob(test.context(), 'cron')).rejects.toThrow("can't evaluate periodic job")
    await expect(forceServiceJob(test.context(), 'chain')).rejects.toThrow("can't force launch non-periodic job")
    const launches = await Promise.all([1, 2, 3].map(() => forceServiceJob(test.context(), 'cron')))
    const children = [...new Set(launches.map(({ childName }) => childName))]
    expect(children.length).toBeLessThan(3)
    await stage.schedule()
    for (const name of children) {
      const child = await stage.job(name)
      expect(child).toMatchObject({ title: name, isPeriodic: false, autostart: false, status: 'RUNNING' })
      expect(child.spec).toMatchObject({ ParentID: 'cron', Periodic: null, Name: name })
      const evaluations = await stage.evaluations(name)
      expect(new Set(evaluations)).toEqual(new Set(['periodic-job complete']))
      expect(evaluations).toHaveLength(launches.filter(({ childName }) => childName === name).length)
    }
    expect((await stage.job('cron')).modifyIndex).toBe(n)
    expect(await deregisterServiceJob(test.context(), 'cron')).toMatchObject({ evaluationId: null, index: 0 })
    expect((await stage.job(children[0] ?? '')).status).toBe('RUNNING')
  })

  it('does not launch a disabled periodic job', async () => {
    const cron = { Enabled: false, Spec: '* * * * *', SpecType: 'cron', ProhibitOverlap: false }
    await stage.register('cronoff', { Type: 'batch', Periodic: cron })
    expect((await stage.job('cronoff')).nextLaunch).toBeNull()
    await expect(forceServiceJob(test.context(), 'cronoff')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'force launch for job "cronoff" failed: can\'t force run non-tracked job cronoff',
    })
  })

  it('registers one name many times at once as one job', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, (_, n) => stage.register('race', instances(n + 1))))
    const job = await stage.job('race')
    expect(job.createIndex).toBe(Math.min(...made.map(({ jobModifyIndex }) => jobModifyIndex)))
    expect(job.jobModifyIndex).toBe(Math.max(...made.map(({ jobModifyIndex }) => jobModifyIndex)))
    expect((await stage.evaluations('race')).length).toBe(12)
  })

  it('lists jobs by the bytes of their names in as many statements for many as for few', async () => {
    const count = async () => {
      test.statements.length = 0
      await listServiceJobs(test.context(), { prefix: 'many' })
      // The feed asks on its own, whenever it likes.
      return test.statements.filter((text) => !text.includes('"change"')).length
    }
    await stage.register('many-b')
    const few = await count()
    for (const name of ['many-a', 'many-Z', 'many-é', 'many-c']) await stage.register(name)
    expect(await count()).toBe(few)
    const { value } = await listServiceJobs(test.context(), { prefix: 'many' })
    expect(value.map(({ name }) => name)).toEqual(['many-Z', 'many-a', 'many-b', 'many-c', 'many-é'])
  })
})
