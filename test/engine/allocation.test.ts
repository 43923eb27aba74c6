import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allocationDirectory } from '#engine/allocation-directory.ts'
import type { Engine } from '#engine/engine.ts'
import {
  deregisterServiceJob,
  findServiceJob,
  forceServiceJob,
  listServiceJobs,
  startServiceJob,
  stopServiceJob,
  updateServiceCount,
} from '#resolvers/service-job.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import {
  allocationsDirectoryOf,
  allocationsOf,
  eventsOf,
  livingMarks,
  output,
  restarts,
  run,
  serviceEngineOf,
  shell,
  taskOf,
  untilAllocations,
  untilOne,
  untilOutput,
} from '../support/service-engine.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const sleeper = (word = 'up') => shell(`echo ${word}; exec sleep 600`)
const repeat = (count: number, word: string) => Array.from({ length: count }, () => word)

onBothStores('allocations that really run', (kind) => {
  let test: TestGateway
  let engine: Engine
  beforeAll(async () => {
    test = await openTestGateway(kind)
    engine = await serviceEngineOf(test)
  })
  afterAll(async () => {
    await engine.stop(0)
    expect(await livingMarks(test)).toEqual([])
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const scale = (jobName: string, delta: number) =>
    updateServiceCount(test.context(), { jobName, taskGroup: 'g1', delta, zeroStops: 'group' })
  const statusOf = async (id: string) => (await findServiceJob(test.context(), id)).value?.status
  const summaryOf = async (id: string) => (await findServiceJob(test.context(), id)).value?.groups[0]?.summary

  it('runs a service until it is stopped, and tells of it as Nomad does', async () => {
    await run(test, 'web', [sleeper()])
    const { allocation, task } = await untilOne(test, 'web', 'run/running')
    expect(allocation).toMatchObject({ name: 'web.g1[0]', status: 'RUNNING', clientDescription: '' })
    expect(eventsOf(task)).toEqual(['Received', 'Started'])
    const [received, started] = task.events
    expect((started?.timeNs ?? 0n) >= (received?.timeNs ?? 0n)).toBe(true)
    expect(Number((started?.timeNs ?? 0n) / 1_000_000n)).toBeCloseTo(Date.now(), -5)
    // Starting up took one index, right after those of the plan.
    expect(allocation.modifyIndex - allocation.createIndex).toBeLessThanOrEqual(2)
    await untilOutput(test, allocation.executionId, /^up\n$/)
    await stopServiceJob(test.context(), 'web')
    const stopped = await untilOne(test, 'web', 'stop/complete')
    expect(stopped.task).toMatchObject({ state: 'dead', failed: false })
    expect(eventsOf(stopped.task)).toEqual(['Received', 'Started', 'Killed'])
    expect(stopped.allocation).toMatchObject({ status: 'CANCELED' })
    await startServiceJob(test.context(), 'web')
    const [, again] = await untilAllocations(test, 'web', 'stop/complete', 'run/running')
    expect(again?.name).toBe('web.g1[0]')
  })

  it('scales from one to five and down to two, highest places first, and to none', async () => {
    await run(test, 'scaled', [sleeper()])
    await untilOne(test, 'scaled', 'run/running')
    await scale('scaled', 4)
    const five = await untilAllocations(test, 'scaled', ...repeat(5, 'run/running'))
    await scale('scaled', -3)
    const kept = [...repeat(2, 'run/running'), ...repeat(3, 'stop/complete')]
    const two = (await untilAllocations(test, 'scaled', ...kept)).slice(0, 2)
    expect(two.map(({ uuid, name }) => [uuid, name])).toEqual(five.slice(0, 2).map(({ uuid, name }) => [uuid, name]))
    expect(await summaryOf('scaled')).toMatchObject({ running: 2, complete: 3, starting: 0 })
    await scale('scaled', -2)
    await untilAllocations(test, 'scaled', ...repeat(5, 'stop/complete'))
    expect(await statusOf('scaled')).toBe('CANCELED')
  })

  it('updates in place without disturbing a task, and otherwise puts another in its stead', async () => {
    const group = { Count: 2 }
    await run(test, 'updated', [sleeper('one')], { group })
    const before = await untilAllocations(test, 'updated', ...repeat(2, 'run/running'))
    await run(test, 'updated', [sleeper('one')], { group, job: { Meta: { colour: 'red' } } })
    await until('the update in place', async () => {
      const now = await allocationsOf(test, 'updated')
      return now.every((one, place) => one.evaluationId !== before[place]?.evaluationId)
    })
    const kept = await allocationsOf(test, 'updated')
    expect(kept.map(({ uuid }) => uuid)).toEqual(before.map(({ uuid }) => uuid))
    for (const one of kept) expect(eventsOf(taskOf(one))).toEqual(['Received', 'Started'])
    await run(test, 'updated', [sleeper('two')], { group, job: { Meta: { colour: 'red' } } })
    const replaced = [...repeat(2, 'stop/complete'), ...repeat(2, 'run/running')]
    const all = await untilAllocations(test, 'updated', ...replaced)
    expect(all[0]?.desiredDescription).toBe('alloc is being updated due to job update')
    expect(all.map(({ name }) => name)).toEqual(['updated.g1[0]', 'updated.g1[1]', 'updated.g1[0]', 'updated.g1[1]'])
    await untilOutput(test, all[2]?.executionId ?? 0, /^two\n$/)
  })

  it('goes by the restart policy and KillTimeout of an update in place', async () => {
    const script = 'trap "" TERM; echo up; until test -e $NOMAD_TASK_DIR/go; do sleep 0.05; done; exit 1'
    const ids = ['patient', 'lenient']
    const task = (seconds: number) => shell(script, { KillTimeout: seconds * 1e9 })
    for (const id of ids) await run(test, id, [task(500)], { group: { RestartPolicy: restarts(9, 60, 30, 'delay') } })
    const before = await Promise.all(ids.map(async (id) => (await untilOne(test, id, 'run/running')).allocation))
    for (const { executionId } of before) await untilOutput(test, executionId, /up/)
    for (const [place, id] of ids.entries()) {
      await run(test, id, [task(0.3)])
      await until('the update in place', async () => {
        const [now] = await allocationsOf(test, id)
        return now?.evaluationId !== before[place]?.evaluationId
      })
    }
    await deregisterServiceJob(test.context(), 'patient')
    const stopped = await untilOne(test, 'patient', 'stop/complete')
    expect(eventsOf(stopped.task)).toEqual(['Received', 'Started', 'Killed'])
    const directory = allocationDirectory(allocationsDirectoryOf(test), before[1]?.uuid ?? '')
    await writeFile(join(directory.local('t1'), 'go'), '')
    const failed = await untilOne(test, 'lenient', 'run/failed')
    expect(failed.task.events.at(-1)?.restartReason).toBe('Policy allows no restarts')
  })

  it('restarts what fails as the policy has it, then lets it fail', async () => {
    const group = { RestartPolicy: restarts(2, 60, 0.1, 'fail') }
    await run(test, 'flapping', [shell('echo run; exit 7')], { group })
    const { allocation, task } = await untilOne(test, 'flapping', 'run/failed')
    expect(await output(test, allocation.executionId)).toBe('run\nrun\nrun\n')
    const cycle = ['Started', 'Terminated', 'Restarting']
    expect(eventsOf(task)).toEqual(['Received', ...cycle, ...cycle, 'Started', 'Terminated', 'Not Restarting'])
    expect(task).toMatchObject({ state: 'dead', failed: true })
    expect(task.events[2]).toMatchObject({ exitCode: 7, signal: 0 })
    expect(task.events[3]).toMatchObject({ restartReason: 'Restart within policy' })
    const delay = task.events[3]?.startDelayNs ?? 0
    expect(delay).toBeGreaterThanOrEqual(1e8)
    expect(delay).toBeLessThan(1.25e8)
    expect(task.events[9]?.restartReason).toBe('Exceeded allowed attempts 2 in interval 1m0s and mode is "fail"')
    expect(await statusOf('flapping')).toBe('FAILED')
    expect(await summaryOf('flapping')).toMatchObject({ failed: 1, running: 0 })
  })

  it('keeps the newest ten events, and is pending while it waits', async () => {
    const group = { RestartPolicy: restarts(4, 3_600, 0.02, 'delay') }
    await run(test, 'waiting', [shell('exit 1')], { group })
    const { task } = await until('the wait for the rest of the interval', async () => {
      const [allocation] = await allocationsOf(test, 'waiting')
      const task = allocation?.taskStates?.t1
      const reason = task?.events.at(-1)?.restartReason ?? ''
      return allocation?.clientStatus === 'pending' && task !== undefined && reason.startsWith('Exceeded') && { task }
    })
    expect(task.events).toHaveLength(10)
    expect(task.state).toBe('pending')
    expect(task.events[9]?.startDelayNs).toBeGreaterThan(3.5e12)
    expect(await statusOf('waiting')).toBe('RUNNING')
    await stopServiceJob(test.context(), 'waiting')
    expect(eventsOf((await untilOne(test, 'waiting', 'stop/complete')).task).at(-1)).toBe('Killed')
  })

  it('ends a batch job by what its command answers', async () => {
    const job = { Type: 'batch' }
    await run(test, 'batch-ok', [shell('echo hello')], { job })
    await run(test, 'batch-fail', [shell('echo oops >&2; exit 3')], { job })
    await run(test, 'batch-killed', [shell('kill -9 $$')], { job })
    const good = await untilOne(test, 'batch-ok', 'run/complete')
    expect(eventsOf(good.task)).toEqual(['Received', 'Started', 'Terminated'])
    const bad = await untilOne(test, 'batch-fail', 'run/failed')
    expect(eventsOf(bad.task)).toEqual(['Received', 'Started', 'Terminated', 'Not Restarting'])
    expect(bad.task.events[2]).toMatchObject({ exitCode: 3 })
    expect(bad.task.events[3]).toMatchObject({ restartReason: 'Policy allows no restarts' })
    expect(await output(test, bad.allocation.executionId, 't1', 'stderr')).toBe('oops\n')
    const killed = await untilOne(test, 'batch-killed', 'run/failed')
    expect(killed.task.events[2]).toMatchObject({ exitCode: 137, signal: 9 })
    expect([await statusOf('batch-ok'), await statusOf('batch-fail')]).toEqual(['COMPLETED', 'FAILED'])
  })

  it('tells why a task could not be started, and ends its siblings with it', async () => {
    const missing = shell('', { Name: 'broken', Config: { command: '/no/such/program' } })
    await run(test, 'driver', [sleeper(), missing], { job: { Type: 'batch' } })
    const { allocation, task } = await untilOne(test, 'driver', 'run/failed')
    const broken = taskOf(allocation, 'broken')
    expect(eventsOf(broken)).toEqual(['Received', 'Driver Failure', 'Not Restarting'])
    expect(broken.events[1]?.driverError).toContain('/no/such/program')
    expect(eventsOf(task).at(-1)).toBe('Killed')
    expect([task.failed, broken.failed]).toEqual([false, true])
  })

  it('runs the children of a periodic job', async () => {
    const cron = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: false }
    await run(test, 'nightly', [shell('echo "$NOMAD_JOB_NAME"')], { job: { Type: 'batch', Periodic: cron } })
    const { childName } = await forceServiceJob(test.context(), 'nightly')
    const { allocation } = await untilOne(test, childName, 'run/complete')
    expect(await output(test, allocation.executionId)).toBe(`${childName}\n`)
  })

  it('leaves nothing behind of jobs that are deregistered', async () => {
    const { value } = await listServiceJobs(test.context())
    expect((await livingMarks(test)).length).toBeGreaterThan(2)
    for (const { name } of value) await deregisterServiceJob(test.context(), name)
    await until('all processes to be gone', async () => (await livingMarks(test)).length === 0)
    await until('all to be complete', async () => {
      const all = await allocationsOf(test, 'web')
      return all.every(({ clientStatus }) => clientStatus === 'complete')
    })
  })
})
