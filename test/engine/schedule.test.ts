import { afterAll, beforeAll, expect, it } from 'vitest'
import { startScheduler } from '#engine/schedule.ts'
import { deregisterServiceJob, listServiceJobs, updateServiceCount } from '#resolvers/service-job.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { bigNode, instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

onBothStores('the scheduler', (kind) => {
  let test: TestGateway
  let stage: Stage
  const faults: unknown[] = []
  const open = () =>
    startScheduler({
      store: test.store,
      node: bigNode,
      now: () => new Date(),
      log: { error: (_message, error) => faults.push(error) },
    })
  beforeAll(async () => {
    test = await openTestGateway(kind)
    stage = await setStage(test)
  })
  afterAll(() => test.close())

  it('places what is registered at once, and once, beside a second of its kind', async () => {
    const ten = Array.from({ length: 10 }, (_, n) => n)
    const registerAll = (kind: string) => Promise.all(ten.map((n) => stage.register(`${kind}-${n}`, instances(2))))
    const start = performance.now()
    await registerAll('hand')
    await stage.schedule()
    const byHand = performance.now() - start
    for (const n of ten) await deregisterServiceJob(test.context(), `hand-${n}`)
    await stage.schedule()
    const both = await Promise.all([open(), open()])
    const began = performance.now()
    await registerAll('many')
    await until('all to be placed', async () => {
      const { value } = await listServiceJobs(test.context(), { prefix: 'many-' })
      return value.every(({ groups }) => groups[0]?.summary.starting === 2)
    })
    // One poll for each would take ten seconds more than without waiting.
    expect(performance.now() - began - byHand).toBeLessThan(5_000)
    for (const n of ten) expect(await stage.allocations(`many-${n}`)).toHaveLength(2)
    await Promise.all(both.map((one) => one.stop()))
    expect(faults).toEqual([])
  })

  it('places what was blocked as soon as another makes room', async () => {
    const scheduler = await open()
    const big = { Resources: { CPU: 2_000, MemoryMB: 10, DiskMB: 10, IOPS: 0, Networks: null } }
    await stage.register('one', instances(1, big))
    await stage.register('two', instances(1, big))
    const starting = async (id: string) => (await stage.summary(id)).starting
    await until('the second to be blocked', async () => (await stage.summary('two')).queued === 1)
    expect(await starting('one')).toBe(1)
    await updateServiceCount(test.context(), { jobName: 'one', taskGroup: 'g1', delta: -1, zeroStops: 'group' })
    await until('the second to be placed', async () => (await starting('two')) === 1, 3_000)
    await scheduler.stop()
    expect(faults).toEqual([])
  })

  it('launches a periodic job by its schedule, and not while a child of it runs', async () => {
    const cron = { Enabled: true, Spec: '* * * * * * *', SpecType: 'cron', ProhibitOverlap: true }
    const scheduler = await open()
    await stage.register('tick', { Type: 'batch', ...instances(1), Periodic: cron })
    const children = async () => (await listServiceJobs(test.context(), { prefix: 'tick/' })).value
    const [first] = await until('the first child', async () => {
      const found = await children()
      return found.length > 0 && found
    })
    const dueAt = async () => Date.parse((await stage.job('tick')).nextLaunch ?? '')
    const due = await dueAt()
    await until('two launches to be passed over', async () => (await dueAt()) >= due + 2_000)
    expect(await children()).toHaveLength(1)
    await stage.act()
    await stage.report(`${first?.name}.g1[0]`, 'complete', 0)
    await until('the second child', async () => (await children()).length >= 2)
    expect(first?.name).toMatch(/^tick\/periodic-\d{10}$/)
    await scheduler.stop()
    expect(faults).toEqual([])
  })
})
