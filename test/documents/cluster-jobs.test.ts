import { afterEach, beforeEach, expect, it } from 'vitest'
import { clusterSurface } from '#rest/cluster/surface.ts'
import { onBothStores } from '../support/store.ts'
import { expectDone, expectRefusal } from './cluster.ts'
import { groupOf, type JobHouse, jobsOf, openJobHouse, waitIndexOf } from './service-jobs.ts'

it('serves the four operations on jobs of the Cluster API document', () => {
  const served = clusterSurface.routes.map(({ method, path }) => `${method} ${path}`)
  expect(served.filter((operation) => operation.includes(' /v1/jobs')).sort()).toEqual([
    'GET /v1/jobs',
    'POST /v1/jobs/start/{job_id}',
    'POST /v1/jobs/stop/{job_id}',
    'POST /v1/jobs/updatecounts',
  ])
})

onBothStores('jobs of the Cluster API document', (kind) => {
  let house: JobHouse
  beforeEach(async () => {
    house = await openJobHouse(kind)
  })
  afterEach(async () => {
    expect(house.bugs).toEqual([])
    await house.close()
  })
  const web = () => house.shown('/v1/jobs', 'web')
  const runWeb = (...more: object[]) => house.run('web', [groupOf('web', 1, { genvid_count_max: '5' }), ...more])
  const post = (path: string) => house.rest('POST', path)

  it('shows exactly the documented keys', async () => {
    await runWeb()
    const { job } = await web()
    expect(Object.keys(job)).toEqual(['name', 'status', 'taskGroups'])
    expect(job.taskGroups.map((group) => Object.keys(group))).toEqual([
      ['name', 'count', 'countInit', 'countMax', 'summary'],
    ])
    expect(job).toEqual({
      name: 'web',
      status: 'running',
      taskGroups: [
        {
          name: 'web',
          count: 1,
          countInit: 1,
          countMax: 5,
          summary: { queued: 0, complete: 0, failed: 0, running: 1, starting: 0, lost: 0 },
        },
      ],
    })
  })

  it('waits for a change of the list, with the index that Bastion tells', async () => {
    const empty = await house.rest('GET', '/v1/jobs')
    expect(jobsOf(empty)).toEqual([])
    waitIndexOf(empty)
    await runWeb()
    const { index } = await web()
    expect((await house.shown('/jobs', 'web')).index).toBe(index)
    const headers = { waitIndex: String(index) }
    const idle = await house.rest('GET', '/v1/jobs?wait=200ms', { headers })
    expect(waitIndexOf(idle)).toBe(index)
    const waiting = house.rest('GET', '/v1/jobs', { headers })
    expectDone(await post('/v1/jobs/stop/web'))
    await house.stage.act()
    expect(waitIndexOf(await waiting)).toBeGreaterThan(index)
    for (const waitIndex of ['abc', '-1'])
      expectRefusal(await house.rest('GET', '/v1/jobs', { headers: { waitIndex } }), 400)
  })

  it('28, 29: stops a group at 0, and a start brings back its initial count', async () => {
    await runWeb()
    expectDone(await house.change('/v1/jobs', 'web', 'web', 0))
    await house.stage.act()
    expect((await web()).job).toMatchObject({ status: 'dead', taskGroups: [{ count: 0, summary: { running: 0 } }] })
    expectDone(await post('/v1/jobs/start/web'))
    await house.stage.act()
    expect((await web()).job).toMatchObject({ status: 'running', taskGroups: [{ count: 1, summary: { running: 1 } }] })
  })

  it('stops one group at 0 and leaves the others alone', async () => {
    await runWeb(groupOf('b'))
    expectDone(await house.change('/v1/jobs', 'web', 'web', 0))
    await house.stage.act()
    expect((await web()).job).toMatchObject({
      status: 'running',
      taskGroups: [
        { name: 'web', count: 0, summary: { running: 0, complete: 1 } },
        { name: 'b', count: 1, summary: { running: 1 } },
      ],
    })
  })

  it('refuses a count that is none or out of bounds, and a job or a group that is not known', async () => {
    await runWeb()
    const before = await web()
    for (const count of [5, -2, 1.5, '1', null]) expectRefusal(await house.change('/v1/jobs', 'web', 'web', count), 400)
    const body = { jobID: 'web', taskGroup: 'web' }
    expectRefusal(await house.rest('POST', '/v1/jobs/updatecounts', { body }), 400)
    expectRefusal(await house.change('/v1/jobs', 'none', 'web', 1), 404)
    expectRefusal(await house.change('/v1/jobs', 'web', 'none', 1), 404)
    for (const path of ['/v1/jobs/start/none', '/v1/jobs/stop/none']) expectRefusal(await post(path), 404)
    expect(await web()).toEqual(before)
  })

  it('43: is seen by Bastion', async () => {
    await runWeb()
    const status = async () => {
      await house.stage.act()
      return (await house.shown('/jobs', 'web')).job.status
    }
    expectDone(await post('/v1/jobs/stop/web'))
    expect(await status()).toBe('dead')
    expectDone(await post('/v1/jobs/start/web'))
    expect(await status()).toBe('running')
  })

  it('44: has neither startall nor stopall', async () => {
    for (const path of ['/v1/jobs/startall', '/v1/jobs/stopall']) expectRefusal(await post(path), 404)
  })

  it('45: takes the count as the initial one where Meta says nothing', async () => {
    await house.run('web', [groupOf('web', 2)])
    expect((await web()).job.taskGroups).toMatchObject([{ count: 2, countInit: 2, countMax: 1000 }])
    expect((await house.shown('/jobs', 'web')).job).toMatchObject({ autostart: true, byCluster: false })
  })
})
