import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Engine } from '#engine/engine.ts'
import { engineOf, queue, registerCommand, untilStatus } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentGroup } from '../support/job-spec.ts'
import { restarts, serviceEngineOf, shell } from '../support/service-engine.ts'
import {
  openServiceSession,
  type ServiceSession,
  type ShownAllocation,
  type ShownJob,
  untilAlive,
} from '../support/service-session.ts'
import { onBothStores } from '../support/store.ts'

// Several waits of one test may each take long on a loaded machine.
vi.setConfig({ testTimeout: 60_000 })

/** A server that says a word when it starts and when it was asked to stop, for which it has all the time that it needs. */
const server = (greeting: string) =>
  shell(
    `trap 'echo "$NOMAD_ALLOC_NAME stops"; exit 0' TERM
echo "$NOMAD_ALLOC_NAME says ${greeting}"
while :; do sleep 600 & wait $!; done`,
    { KillTimeout: 60e9 },
  )

const web = (count: number, greeting: string, meta: Readonly<Record<string, string>> = {}) => ({
  TaskGroups: [sentGroup({ Count: count, Tasks: [server(greeting)] })],
  Meta: meta,
})

const running = (all: readonly ShownAllocation[]) =>
  all.filter(({ DesiredStatus, ClientStatus }) => DesiredStatus === 'run' && ClientStatus === 'running')
const ended = (all: readonly ShownAllocation[]) =>
  all.filter(({ ClientStatus }) => ClientStatus === 'complete' || ClientStatus === 'failed')
const stands = (runningCount: number, endedCount: number) => (all: readonly ShownAllocation[]) =>
  running(all).length === runningCount && ended(all).length === endedCount && all.length === runningCount + endedCount
const namesOf = (all: readonly ShownAllocation[]) => all.map(({ Name }) => Name).sort()
const idsOf = (all: readonly ShownAllocation[]) => all.map(({ ID }) => ID).sort()
const eventsOf = (allocation: ShownAllocation | undefined) => allocation?.TaskStates.t1?.Events ?? []
const typesOf = (allocation: ShownAllocation | undefined) => eventsOf(allocation).map(({ Type }) => Type)
const summaryOf = (job: ShownJob) => job.taskGroups[0]?.summary

// One session: each test goes on where the one before it stopped.
onBothStores('a session with service jobs over REST', (kind) => {
  let test: TestGateway
  let engines: readonly Engine[]
  let session: ServiceSession
  beforeAll(async () => {
    test = await openTestGateway(kind)
    engines = [await engineOf(test), await serviceEngineOf(test)]
    session = openServiceSession(test)
  })
  afterAll(async () => {
    for (const engine of engines) await engine.stop(0)
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const change = (count: number) =>
    session.ask('POST', '/v1/jobs/updatecounts', { jobID: 'web', taskGroup: 'g1', count })
  const ofWeb = () => session.allocations('web')

  it('registers a program, which runs and which every list shows', async () => {
    const done = await session.put('web', web(1, 'hello'))
    await session.untilEvaluated('web', done)
    const shown = await session.untilShown('web', (job) => summaryOf(job)?.running === 1)
    expect(shown).toMatchObject({ status: 'running', taskGroups: [{ name: 'g1', count: 1, countInit: 1 }] })
    const { name, status } = shown
    expect(await session.ask('GET', '/jobs')).toMatchObject([{ name, status, autostart: true, byCluster: false }])
    expect(await session.spec('web')).toMatchObject({ Status: 'running', JobModifyIndex: done.JobModifyIndex })
    const all = await ofWeb()
    expect(all.map(({ EvalID, Name }) => [EvalID, Name])).toEqual([[done.EvalID, 'web.g1[0]']])
    expect(typesOf(all[0])).toEqual(['Received', 'Started'])
    await untilAlive(all, all)
  })

  it('reads what it wrote, from a byte on', async () => {
    const [allocation] = await ofWeb()
    if (allocation === undefined) throw new Error('no allocation')
    await session.untilLog(allocation, 'web.g1[0] says hello\n')
    expect(await session.log(allocation, 'web.g1[0] says '.length)).toBe('hello\n')
    expect(await session.log(allocation, 1_000)).toBe('')
  })

  it('scales from one to five and down to two, which real processes follow', async () => {
    const [first] = await ofWeb()
    await change(4)
    await session.untilShown('web', (job) => summaryOf(job)?.running === 5)
    const five = await ofWeb()
    expect(namesOf(five)).toEqual([0, 1, 2, 3, 4].map((slot) => `web.g1[${slot}]`))
    await untilAlive(five, five)
    await change(-3)
    const shown = await session.untilShown('web', (job) => summaryOf(job)?.complete === 3)
    expect(summaryOf(shown)).toMatchObject({ running: 2, starting: 0, queued: 0, failed: 0 })
    const kept = running(await ofWeb())
    expect(namesOf(kept)).toEqual(['web.g1[0]', 'web.g1[1]'])
    expect(idsOf(kept)).toContain(first?.ID)
    await untilAlive(await ofWeb(), kept)
  })

  it('updates in place: the same allocations and processes under a new evaluation', async () => {
    const before = running(await ofWeb())
    for (const one of before) await session.untilLog(one, `${one.Name} says hello\n`)
    const processes = await untilAlive(before, before)
    const { JobModifyIndex: index } = await session.spec('web')
    const done = await session.put('web', web(2, 'hello', { colour: 'red' }))
    expect(done.JobModifyIndex).toBeGreaterThan(index)
    await session.untilEvaluated('web', done)
    const after = running(await session.untilAllocations('web', stands(2, 3)))
    expect(idsOf(after)).toEqual(idsOf(before))
    expect(after.map(({ EvalID }) => EvalID)).toEqual([done.EvalID, done.EvalID])
    expect(await session.spec('web')).toMatchObject({ Meta: { colour: 'red' }, JobModifyIndex: done.JobModifyIndex })
    const still = await untilAlive(after, after)
    for (const { ID, Name } of before)
      expect([Name, still.get(ID)]).toEqual([Name, expect.arrayContaining(processes.get(ID) ?? [])])
    for (const one of after) {
      expect(typesOf(one)).toEqual(['Received', 'Started'])
      expect(await session.log(one)).toBe(`${one.Name} says hello\n`)
    }
  })

  it('updates by replacing: new allocations run the new program, and the old ones were let finish', async () => {
    const old = running(await ofWeb())
    const done = await session.put('web', web(2, 'goodbye'))
    await session.untilEvaluated('web', done)
    const all = await session.untilAllocations('web', stands(2, 5))
    const now = running(all)
    expect(namesOf(now)).toEqual(namesOf(old))
    for (const one of now) await session.untilLog(one, `${one.Name} says goodbye\n`)
    const gone = all.filter(({ ID }) => idsOf(old).includes(ID))
    for (const one of gone) {
      expect(one).toMatchObject({ DesiredStatus: 'stop', ClientStatus: 'complete' })
      expect(typesOf(one)).toEqual(['Received', 'Started', 'Killed'])
      expect(await session.log(one)).toBe(`${one.Name} says hello\n${one.Name} stops\n`)
    }
    await untilAlive(all, now)
  })

  it('stops and starts again', async () => {
    const before = running(await ofWeb())
    await session.ask('POST', '/jobs/stop/web')
    const stopped = await session.untilShown('web', (job) => job.status === 'dead' && summaryOf(job)?.running === 0)
    expect(stopped.taskGroups).toMatchObject([{ count: 2, summary: { complete: 7, failed: 0, lost: 0 } }])
    await untilAlive(await ofWeb(), [])
    for (const one of before) expect(await session.log(one)).toBe(`${one.Name} says goodbye\n${one.Name} stops\n`)
    await session.ask('POST', '/jobs/start/web')
    await session.untilShown('web', (job) => job.status === 'running' && summaryOf(job)?.running === 2)
    const all = await ofWeb()
    const again = running(all)
    expect(namesOf(again)).toEqual(namesOf(before))
    for (const one of again) await session.untilLog(one, `${one.Name} says goodbye\n`)
    expect(idsOf(again).filter((id) => idsOf(before).includes(id))).toEqual([])
    await untilAlive(all, again)
  })

  it('restarts what fails as often as its policy has it, and then lets it be failed', async () => {
    const group = sentGroup({ Tasks: [shell('echo try; exit 7')], RestartPolicy: restarts(2, 600, 0.1, 'fail') })
    await session.put('flapping', { TaskGroups: [group] })
    const [allocation, ...more] = await session.untilAllocations('flapping', stands(0, 1))
    expect([allocation?.ClientStatus, more]).toEqual(['failed', []])
    const cycle = ['Started', 'Terminated', 'Restarting']
    expect(typesOf(allocation)).toEqual(['Received', ...cycle, ...cycle, 'Started', 'Terminated', 'Not Restarting'])
    for (const event of eventsOf(allocation)) if (event.Type === 'Terminated') expect(event.ExitCode).toBe(7)
    expect(eventsOf(allocation).at(-1)?.RestartReason).toMatch(/^Exceeded allowed attempts 2 in interval 10m0s/)
    if (allocation !== undefined) expect(await session.log(allocation)).toBe('try\ntry\ntry\n')
    const shown = await session.untilShown('flapping', (job) => job.status === 'dead')
    expect(summaryOf(shown)).toMatchObject({ failed: 1, running: 0, starting: 0 })
  })

  it('launches a periodic job by force, and its child runs to its end', async () => {
    const periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: true }
    const group = sentGroup({ Tasks: [shell('echo "$NOMAD_JOB_NAME"')] })
    await session.put('nightly', { Type: 'batch', Periodic: periodic, TaskGroups: [group] })
    const launch = (await session.ask('PUT', '/v1/job/nightly/periodic/force')) as { EvalID: string }
    const listed = (await session.ask('GET', '/v1/jobs')) as ShownJob[]
    const child = listed.map(({ name }) => name).find((name) => name.startsWith('nightly/'))
    expect(child).toMatch(/^nightly\/periodic-\d{10}$/)
    const [allocation, ...more] = await session.untilAllocations(String(child), stands(0, 1))
    expect([allocation?.EvalID, allocation?.ClientStatus, more]).toEqual([launch.EvalID, 'complete', []])
    if (allocation !== undefined) expect(await session.log(allocation)).toBe(`${child}\n`)
    await session.untilShown(String(child), (job) => job.status === 'dead' && summaryOf(job)?.complete === 1)
    expect(await session.spec('nightly')).toMatchObject({ Status: 'running' })
  })

  it('runs a queued job beside them, which neither list shows', async () => {
    const type = await registerCommand(test, 'beside', `sh -c 'echo beside'`)
    const { id } = await queue(test, type)
    await untilStatus(test, id, 'COMPLETED')
    expect(await session.ask('GET', `/v6/jobs/${id}/`)).toMatchObject({ id, status: 'COMPLETED' })
    const names = ((await session.ask('GET', '/jobs')) as ShownJob[]).map(({ name }) => name)
    expect(names).toEqual(['flapping', 'nightly', expect.stringMatching(/^nightly\/periodic-/), 'web'])
  })

  it('deregisters, which wakes who waits for the job', async () => {
    const before = await test.rest('GET', '/v1/job/web')
    const index = Number(before.headers.get('x-nomad-index'))
    let isHeld = true
    const waiting = test.rest('GET', `/v1/job/web?index=${index}&wait=60s`).finally(() => {
      isHeld = false
    })
    await session.spec('web')
    expect(isHeld).toBe(true)
    const done = (await session.ask('DELETE', '/v1/job/web')) as { JobModifyIndex: number }
    const missing = await waiting
    expect([missing.status, missing.text]).toEqual([404, 'job not found'])
    expect(Number(missing.headers.get('x-nomad-index'))).toBe(done.JobModifyIndex)
    const all = await session.untilAllocations('web', stands(0, 9))
    expect(all.every(({ ClientStatus }) => ClientStatus === 'complete')).toBe(true)
    await untilAlive(all, [])
  })

  it('leaves no process and no allocation that has not ended', async () => {
    const names = ((await session.ask('GET', '/jobs')) as ShownJob[]).map(({ name }) => name)
    for (const name of names) await session.ask('DELETE', `/v1/job/${encodeURIComponent(name)}`)
    expect(await session.ask('GET', '/jobs')).toEqual([])
    const all = []
    for (const id of ['web', ...names]) {
      all.push(...(await session.untilAllocations(id, (some) => ended(some).length === some.length)))
    }
    expect(all).toHaveLength(11)
    await untilAlive(all, [])
  })
})
