import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listJobAllocations } from '#resolvers/allocation.ts'
import { listJobEvaluations } from '#resolvers/evaluation.ts'
import { deregisterServiceJob, evaluateServiceJob, findServiceJob, updateServiceCount } from '#resolvers/service-job.ts'
import { rescueAllocations } from '#store/allocation-rescue.ts'
import { claimAllocations, updateAllocation } from '#store/allocation-work.ts'
import { expireLeases } from '#store/claim.ts'
import { registerNode } from '#store/node.ts'
import { retryBlockedEvaluations } from '#store/plan.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentGroup } from '../support/job-spec.ts'
import { bigNode, instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

onBothStores('scheduling service jobs', (kind) => {
  let test: TestGateway
  let stage: Stage
  beforeAll(async () => {
    test = await openTestGateway(kind)
    stage = await setStage(test)
  })
  afterAll(() => test.close())
  const count = (jobName: string, delta: number) =>
    updateServiceCount(test.context(), { jobName, taskGroup: 'g1', delta, zeroStops: 'group' })
  const running = async (id: string) => (await stage.allocations(id)).filter((one) => one.endsWith('run/running'))

  it('scales 1 → 5 → 2 and counts all the way', async () => {
    await stage.register('web')
    expect(await stage.summary('web')).toMatchObject({ starting: 0, running: 0 })
    await stage.schedule()
    expect(await stage.job('web')).toMatchObject({ status: 'RUNNING' })
    expect(await stage.summary('web')).toMatchObject({ starting: 1, running: 0 })
    await stage.act()
    expect(await stage.summary('web')).toMatchObject({ starting: 0, running: 1 })
    const [first] = (await listJobAllocations(test.context(), 'web')).value
    await count('web', 4)
    await stage.act()
    expect(await running('web')).toEqual([0, 1, 2, 3, 4].map((slot) => `web.g1[${slot}] run/running`))
    expect(await stage.summary('web')).toEqual({
      queued: 0,
      complete: 0,
      failed: 0,
      running: 5,
      starting: 0,
      lost: 0,
    })
    await count('web', -3)
    await stage.act()
    expect(await running('web')).toEqual(['web.g1[0] run/running', 'web.g1[1] run/running'])
    expect(await stage.summary('web')).toMatchObject({ complete: 3, running: 2 })
    const stopped = (await listJobAllocations(test.context(), 'web')).value.filter(
      (one) => one.desiredStatus === 'stop',
    )
    expect(new Set(stopped.map((one) => one.desiredDescription))).toEqual(
      new Set(['alloc not needed due to job update']),
    )
    expect(new Set(stopped.map((one) => one.status))).toEqual(new Set(['CANCELED']))
    expect((await listJobAllocations(test.context(), 'web')).value.map(({ uuid }) => uuid)).toContain(first?.uuid)
    expect((await stage.job('web')).spec.TaskGroups?.[0]?.Count).toBe(2)
  })

  it('fills the lowest free place, and replaces what failed when it is asked to look again', async () => {
    await stage.report('web.g1[0]', 'failed', 3)
    expect(await stage.job('web')).toMatchObject({ status: 'RUNNING' })
    expect(await stage.summary('web')).toMatchObject({ failed: 1, running: 1 })
    await evaluateServiceJob(test.context(), 'web')
    await stage.act()
    expect(await running('web')).toEqual(['web.g1[1] run/running', 'web.g1[0] run/running'])
  })

  it('replaces tasks that changed, all at once where nothing is said of a pause', async () => {
    await stage.register('web', instances(2, { Config: { command: '/bin/sleep', args: ['700'] } }))
    await stage.act()
    const { value } = await listJobAllocations(test.context(), 'web')
    const replaced = value.filter((one) => one.desiredDescription === 'alloc is being updated due to job update')
    expect(replaced).toMatchObject([{ clientStatus: 'complete' }, { clientStatus: 'complete' }])
    expect((await running('web')).sort()).toEqual(['web.g1[0] run/running', 'web.g1[1] run/running'])
  })

  it('replaces a few at a time, in a chain of evaluations, where a pause is asked for', async () => {
    const rolling = { Update: { Stagger: 50_000_000, MaxParallel: 1 } }
    await stage.register('roll', { ...instances(3), ...rolling })
    await stage.act()
    await stage.register('roll', { ...instances(3, { Env: { A: 'b' } }), ...rolling })
    await until('the chain to end', async () => {
      await stage.act()
      const done = await stage.evaluations('roll')
      return done.length === 4 && done.every((one) => one.endsWith('complete'))
    })
    const chain = [...(await listJobEvaluations(test.context(), 'roll')).value].sort((a, b) => a.id - b.id).slice(1)
    expect(chain.map(({ triggeredBy, waitNs }) => [triggeredBy, waitNs])).toEqual([
      ['job-register', 0],
      ['rolling-update', 50_000_000],
      ['rolling-update', 50_000_000],
    ])
    expect(chain.map(({ nextUuid }) => nextUuid)).toEqual([chain[1]?.uuid, chain[2]?.uuid, null])
    expect(chain.map(({ previousUuid }) => previousUuid)).toEqual([null, chain[0]?.uuid, chain[1]?.uuid])
    expect(await running('roll')).toHaveLength(3)
  })

  it('runs a batch job once, and does not re-run it for an evaluation', async () => {
    await stage.register('batch', { Type: 'batch', ...instances(2) })
    await stage.act()
    await stage.report('batch.g1[0]', 'complete', 0)
    expect((await stage.job('batch')).status).toBe('RUNNING')
    await stage.report('batch.g1[1]', 'complete', 0)
    const dead = await stage.job('batch')
    expect(dead.status).toBe('COMPLETED')
    await evaluateServiceJob(test.context(), 'batch')
    expect((await stage.job('batch')).status).toBe('PENDING')
    await stage.act()
    const after = await stage.job('batch')
    expect(after).toMatchObject({ status: 'COMPLETED', jobModifyIndex: dead.jobModifyIndex })
    expect(after.modifyIndex).toBeGreaterThan(dead.modifyIndex)
    await stage.register('batch', { Type: 'batch', ...instances(2) })
    await stage.act()
    expect(await stage.allocations('batch')).toEqual(['batch.g1[0] run/complete', 'batch.g1[1] run/complete'])
  })

  it('says that a batch job failed, and runs what failed again when it is registered again', async () => {
    await stage.register('fail', { Type: 'batch' })
    await stage.act()
    await stage.report('fail.g1[0]', 'failed', 3)
    expect((await stage.job('fail')).status).toBe('FAILED')
    await evaluateServiceJob(test.context(), 'fail')
    await stage.act()
    expect(await stage.allocations('fail')).toEqual(['fail.g1[0] run/failed'])
    await stage.register('fail', { Type: 'batch' })
    await stage.act()
    await stage.report('fail.g1[0]', 'complete', 0)
    expect(await stage.job('fail')).toMatchObject({ status: 'COMPLETED' })
    expect(await stage.summary('fail')).toMatchObject({ failed: 1, complete: 1 })
  })

  it('blocks what finds no node, says why, and places it once there is room', async () => {
    const huge = { Resources: { CPU: 3_000, MemoryMB: 10, DiskMB: 10, IOPS: 0, Networks: null } }
    const { index } = await stage.register('huge', instances(2, huge))
    await stage.act()
    expect(await stage.job('huge')).toMatchObject({ status: 'RUNNING' })
    expect(await stage.summary('huge')).toMatchObject({ queued: 1, running: 1 })
    const evaluations = [...(await listJobEvaluations(test.context(), 'huge')).value].sort((a, b) => a.id - b.id)
    expect(evaluations).toMatchObject([
      { status: 'COMPLETE', createIndex: index, modifyIndex: index + 3 },
      { status: 'BLOCKED', createIndex: index + 1, previousUuid: evaluations[0]?.uuid },
    ])
    expect(evaluations[1]?.failures).toMatchObject([
      { group: 'g1', count: 1, reasons: { nodesExhausted: 1, dimensionExhausted: { 'cpu exhausted': 1 } } },
    ])
    const failed = (await listJobAllocations(test.context(), 'huge')).value.find((one) => one.nodeId === null)
    expect(failed).toMatchObject({
      desiredStatus: 'failed',
      clientStatus: 'failed',
      desiredDescription: 'failed to find a node for placement',
      metrics: { nodesEvaluated: 1 },
    })
    const { index: before } = await findServiceJob(test.context(), 'huge')
    expect(await retryBlockedEvaluations(test.store)).toBe(0)
    await registerNode(test.store, { ...bigNode, hostname: 'second.test' })
    expect(await retryBlockedEvaluations(test.store)).toBe(1)
    expect(await stage.summary('huge')).toMatchObject({ queued: 0, running: 1, starting: 1, failed: 0 })
    expect(await stage.evaluations('huge')).toEqual(['job-register complete', 'job-register complete'])
    expect((await findServiceJob(test.context(), 'huge')).index).toBe(before)
  })

  it('gives each node a reserved port once, whoever asks, and to the next job once it is free', async () => {
    const ReservedPorts = [{ Label: 'http', Value: 9_090 }]
    const Networks = [{ Device: '', CIDR: '', IP: '', MBits: 1, ReservedPorts, DynamicPorts: null }]
    const gate = { Resources: { CPU: 20, MemoryMB: 10, DiskMB: 10, IOPS: 0, Networks } }
    await stage.register('gate', instances(2, gate))
    await stage.act()
    expect(await stage.summary('gate')).toMatchObject({ queued: 0, running: 1, starting: 1 })
    await stage.register('rival', instances(1, gate))
    await stage.act()
    expect(await stage.summary('rival')).toMatchObject({ queued: 1, running: 0, starting: 0 })
    const waiting = (await listJobEvaluations(test.context(), 'rival')).value.find(({ status }) => status === 'BLOCKED')
    const reasons = { nodesExhausted: 2, dimensionExhausted: { 'network: reserved port collision': 2 } }
    expect(waiting?.failures).toMatchObject([{ group: 'g1', count: 1, reasons }])
    expect(await retryBlockedEvaluations(test.store)).toBe(0)
    await deregisterServiceJob(test.context(), 'gate')
    await stage.act()
    expect(await retryBlockedEvaluations(test.store)).toBe(1)
    expect(await stage.summary('rival')).toMatchObject({ queued: 0 })
  })

  it('keeps a job that no node suits pending, without an index of its own, until it is mended', async () => {
    const { jobModifyIndex } = await stage.register('lost', {
      Constraints: [{ LTarget: `\${attr.kernel.name}`, RTarget: 'plan9', Operand: '=' }],
    })
    await stage.act()
    expect(await stage.job('lost')).toMatchObject({ status: 'BLOCKED', modifyIndex: jobModifyIndex })
    await stage.register('lost')
    await stage.schedule()
    expect(await stage.evaluations('lost')).toEqual([
      'job-register complete',
      'job-register canceled',
      'job-register complete',
    ])
    expect((await stage.job('lost')).status).toBe('RUNNING')
  })

  it('puts one instance of a system job on every node, also on one that joins', async () => {
    await stage.register('sys', { Type: 'system', ...instances(1) })
    await stage.schedule()
    expect(await stage.allocations('sys')).toEqual(['sys.g1[0] run/pending', 'sys.g1[0] run/pending'])
    await registerNode(test.store, { ...bigNode, hostname: 'third.test' })
    await stage.schedule()
    expect(await stage.allocations('sys')).toHaveLength(3)
    expect(await stage.evaluations('sys')).toEqual(['job-register complete', 'node-update complete'])
  })

  it('leaves the evaluations of a type that it does not know pending', async () => {
    await stage.register('odd', { Type: 'frob' })
    await stage.schedule()
    expect(await stage.evaluations('odd')).toEqual(['job-register pending'])
    expect((await stage.job('odd')).status).toBe('PENDING')
  })

  it('numbers the instances of each group for itself', async () => {
    const groups = [sentGroup({ Name: 'g1', Count: 1 }), sentGroup({ Name: 'g2', Count: 2 })]
    await stage.register('two', { TaskGroups: groups })
    await stage.schedule()
    const names = (await stage.allocations('two')).map((one) => one.split(' ')[0])
    expect(names).toEqual(['two.g1[0]', 'two.g2[0]', 'two.g2[1]'])
  })

  it('replaces what its worker lost, and refuses the report that comes too late', async () => {
    await stage.register('lose')
    await stage.schedule()
    const [claim] = (await claimAllocations(test.store, stage.worker, 100)).filter(
      ({ allocation }) => allocation.jobName === 'lose',
    )
    if (claim === undefined) throw new Error('nothing was claimed')
    await expireLeases(test.store.db, stage.worker.id)
    expect(await rescueAllocations(test.store)).toBeGreaterThan(0)
    const late = { executionId: claim.allocation.executionId, token: claim.token }
    await expect(updateAllocation(test.store, late, { clientStatus: 'running' })).rejects.toMatchObject({
      code: 'STALE_LEASE',
    })
    expect(await stage.evaluations('lose')).toEqual(['job-register complete', 'node-update pending'])
    await stage.schedule()
    expect(await stage.allocations('lose')).toEqual(['lose.g1[0] stop/lost', 'lose.g1[0] run/pending'])
    expect(await stage.summary('lose')).toMatchObject({ lost: 1, starting: 1 })
    const update = (await listJobEvaluations(test.context(), 'lose')).value.find((one) => one.nodeId !== null)
    expect(update).toMatchObject({ jobModifyIndex: 0, nodeModifyIndex: (update?.createIndex ?? 0) - 1 })
  })

  it('takes a dead system job up again where a node has news, and blocks it where the news is bad', async () => {
    const system = { Type: 'system', ...instances(1) }
    await stage.register('sick', system)
    await stage.act()
    await stage.report('sick.g1[0]', 'failed', 1)
    for (const hostname of ['big.test', 'second.test', 'third.test'])
      await registerNode(test.store, { ...bigNode, hostname, cpu: 10 })
    await stage.schedule()
    expect(await stage.evaluations('sick')).toContain('job-register blocked')
    for (const hostname of ['big.test', 'second.test', 'third.test'])
      await registerNode(test.store, { ...bigNode, hostname })
    await stage.act()
    expect((await stage.job('sick')).status).toBe('RUNNING')
  })

  it('fails an evaluation that it cannot carry out, and goes on with the next', async () => {
    await stage.register('broken')
    await sql`update service_job set spec = '{}' where name = 'broken'`.execute(test.store.db)
    await stage.register('whole')
    await expect(stage.schedule()).rejects.toThrow()
    await stage.schedule()
    expect(await stage.evaluations('broken')).toEqual(['job-register failed'])
    expect(await stage.evaluations('whole')).toEqual(['job-register complete'])
  })

  it('keeps counters, places and statuses that a recount confirms', async () => {
    const { rows } = await sql<{ name: string }>`
      select g.name from task_group g where (g.complete_count, g.failed_count, g.lost_count) <> (
        select count(*) filter (where a.client_status = 'complete'), count(*) filter (where a.client_status = 'failed'),
          count(*) filter (where a.client_status = 'lost')
        from execution e join allocation a on a.execution_id = e.id
        where e.job_id = g.job_id and a.task_group = g.name and e.node_id is not null)
      union all
      select a.name from allocation a join execution e on e.id = a.execution_id
        join service_job s on s.job_id = e.job_id where e.ended_at is null
        and a.desired_status = 'run' group by e.job_id, a.name, case when s.kind = 'system' then e.node_id end
        having count(*) > 1`.execute(test.store.db)
    expect(rows).toEqual([])
  })
})
