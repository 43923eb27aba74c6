import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  listServiceJobs,
  startAllServiceJobs,
  startServiceJob,
  stopAllServiceJobs,
  stopServiceJob,
  updateServiceCount,
} from '#resolvers/service-job.ts'
import { findLogHead } from '#store/change.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentGroup } from '../support/job-spec.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

onBothStores('starting, stopping and counting service jobs', (kind) => {
  let test: TestGateway
  let stage: Stage
  beforeAll(async () => {
    test = await openTestGateway(kind)
    stage = await setStage(test)
  })
  afterAll(() => test.close())
  const head = async () => (await findLogHead(test.store.db)).index
  const count = (jobName: string, taskGroup: string, delta: number, zeroStops: 'job' | 'group' = 'group') =>
    updateServiceCount(test.context(), { jobName, taskGroup, delta, zeroStops })

  it('stops a job and keeps its definition and count', async () => {
    await stage.register('web', instances(2))
    await stage.act()
    expect((await stopServiceJob(test.context(), 'web')).status).toBe('CANCELING')
    await stage.act()
    expect(await stage.job('web')).toMatchObject({ status: 'CANCELED', isStopped: true })
    expect((await stage.job('web')).groups[0]?.count).toBe(2)
    expect(await stage.summary('web')).toMatchObject({ running: 0, complete: 2 })
    expect(await stage.evaluations('web')).toEqual(['job-register complete', 'job-deregister complete'])
  })

  it('does nothing, and takes no index, where there is nothing to do', async () => {
    const before = await head()
    await stopServiceJob(test.context(), 'web')
    expect(await head()).toBe(before)
    await startServiceJob(test.context(), 'web')
    expect(await head()).toBe(before + 2)
    await startServiceJob(test.context(), 'web')
    expect(await head()).toBe(before + 2)
    await stage.act()
    expect(await stage.summary('web')).toMatchObject({ running: 2, complete: 2 })
  })

  it('brings a group that was counted down to nought back at its initial count', async () => {
    await count('web', 'g1', 0)
    await stage.act()
    expect((await stage.job('web')).groups[0]?.count).toBe(0)
    expect((await stage.job('web')).status).toBe('CANCELED')
    await startServiceJob(test.context(), 'web')
    await stage.act()
    expect(await stage.job('web')).toMatchObject({ status: 'RUNNING' })
    expect(await stage.summary('web')).toMatchObject({ running: 2 })
  })

  it('stops the group alone or the whole job at 0, as each document says', async () => {
    await stage.register('pair', { TaskGroups: [sentGroup({ Name: 'a' }), sentGroup({ Name: 'b' })] })
    await stage.act()
    await count('pair', 'a', 0, 'group')
    await stage.act()
    expect(await stage.summary('pair', 'a')).toMatchObject({ running: 0 })
    expect(await stage.summary('pair', 'b')).toMatchObject({ running: 1 })
    expect((await stage.job('pair')).status).toBe('RUNNING')
    await startServiceJob(test.context(), 'pair')
    await count('pair', 'b', 0, 'job')
    await stage.act()
    expect(await stage.job('pair')).toMatchObject({ status: 'CANCELED', isStopped: true })
    expect(await stage.summary('pair', 'b')).toMatchObject({ running: 0 })
  })

  it('revives a dead service by one down and one up', async () => {
    await stage.register('dead')
    await stage.act()
    await stage.report('dead.g1[0]', 'failed', 1)
    expect((await stage.job('dead')).status).toBe('FAILED')
    await count('dead', 'g1', -1)
    await count('dead', 'g1', 1)
    await stage.act()
    expect(await stage.job('dead')).toMatchObject({ status: 'RUNNING' })
    await stopServiceJob(test.context(), 'dead')
    await stage.act()
    await count('dead', 'g1', 1)
    await stage.act()
    expect(await stage.summary('dead')).toMatchObject({ running: 2 })
  })

  it('refuses to leave the bounds, an unknown group and an unknown job, and changes nothing', async () => {
    await stage.register('small', instances(1, {}, { Meta: { genvid_count_max: '5' } }))
    const before = await head()
    await expect(count('small', 'g1', 5)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    await expect(count('small', 'g1', -2)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    await expect(count('small', 'g9', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(count('nope', 'g1', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(count('small', 'g1', Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(await head()).toBe(before)
    expect((await count('small', 'g1', 4)).groups[0]?.count).toBe(5)
  })

  it('starts a finished batch job anew', async () => {
    await stage.register('batch', { Type: 'batch', Meta: { genvid_autostart: 'false' } })
    await stage.act()
    await stage.report('batch.g1[0]', 'complete', 0)
    await startServiceJob(test.context(), 'batch')
    await stage.act()
    expect(await stage.allocations('batch')).toEqual(['batch.g1[0] run/complete', 'batch.g1[0] run/running'])
  })

  it('stops every job, and starts again those that start by themselves', async () => {
    await stopAllServiceJobs(test.context())
    await stage.act()
    const { value: stopped } = await listServiceJobs(test.context())
    expect(new Set(stopped.map(({ status }) => status))).toEqual(new Set(['CANCELED']))
    await startAllServiceJobs(test.context())
    await stage.act()
    expect((await stage.job('batch')).status).toBe('CANCELED')
    expect((await stage.job('web')).status).toBe('RUNNING')
  })
})

describe('a thousand changes of one count at once', () => {
  it('add up exactly', async () => {
    const test = await openTestGateway('postgres')
    const stage = await setStage(test)
    await stage.register('hot', instances(1, {}, { Meta: { genvid_count_max: '2000' } }))
    const deltas = Array.from({ length: 1_000 }, (_, n) => (n % 4 === 0 ? -1 : 1))
    const change = (delta: number) =>
      updateServiceCount(test.context(), { jobName: 'hot', taskGroup: 'g1', delta, zeroStops: 'group' })
    await change(300)
    const before = await findLogHead(test.store.db)
    await Promise.all(deltas.map(change))
    expect((await stage.job('hot')).groups[0]?.count).toBe(1 + 300 + 500)
    expect((await findLogHead(test.store.db)).index).toBe(before.index + 2_000)
    await test.close()
  }, 60_000)
})
