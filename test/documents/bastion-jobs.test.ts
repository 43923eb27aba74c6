import { afterEach, beforeEach, expect, it } from 'vitest'
import { bastionSurface } from '#rest/bastion/surface.ts'
import { onBothStores } from '../support/store.ts'
import { expectDone, expectRefusal } from './cluster.ts'
import { groupOf, type JobHouse, jobsOf, openJobHouse, waitIndexOf } from './service-jobs.ts'

it('serves the seven operations of the Bastion document and no other', () => {
  expect(bastionSurface.routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'GET /job/{jobName}/summary',
    'GET /jobs',
    'POST /jobs/start/{jobName}',
    'POST /jobs/startall',
    'POST /jobs/stop/{jobName}',
    'POST /jobs/stopall',
    'POST /jobs/updatecounts',
  ])
})

const buckets = ['queued', 'complete', 'failed', 'running', 'starting', 'lost']

onBothStores('jobs of the Bastion document', (kind) => {
  let house: JobHouse
  beforeEach(async () => {
    house = await openJobHouse(kind)
  })
  afterEach(async () => {
    expect(house.bugs).toEqual([])
    await house.close()
  })
  const web = () => house.shown('/jobs', 'web')
  const runWeb = () => house.run('web', [groupOf('web', 1, { genvid_count_max: '5' })])
  const post = (path: string) => house.rest('POST', path)
  const timed = async (query: string, index: number) => {
    const started = performance.now()
    const answer = await house.rest('GET', `/jobs${query}`, { headers: { waitIndex: String(index) } })
    return { answer, ms: performance.now() - started }
  }

  it('1, 23: is an empty list with an index, and starts and stops nothing', async () => {
    const answer = await house.rest('GET', '/jobs')
    expect(jobsOf(answer)).toEqual([])
    waitIndexOf(answer)
    for (const path of ['/jobs/startall', '/jobs/stopall']) expectDone(await post(path))
  })

  it('2 to 6, 15: shows exactly the documented keys, in the list and in the summary', async () => {
    await runWeb()
    const { job, index } = await web()
    expect(Object.keys(job)).toEqual(['name', 'status', 'autostart', 'byCluster', 'taskGroups'])
    expect(job).toMatchObject({ name: 'web', status: 'running', autostart: true, byCluster: false })
    expect(job.taskGroups.map((group) => Object.keys(group))).toEqual([['name', 'count', 'summary']])
    expect(Object.keys(job.taskGroups[0]?.summary ?? {})).toEqual(buckets)
    expect(job.taskGroups[0]?.summary).toEqual({ queued: 0, complete: 0, failed: 0, running: 1, starting: 0, lost: 0 })
    for (const header of ['0', '', String(index - 1)]) {
      const answer = await house.rest('GET', '/jobs', { headers: { waitIndex: header } })
      expect(jobsOf(answer)).toEqual([job])
      expect(waitIndexOf(answer)).toBe(index)
    }
    const summary = await house.rest('GET', '/job/web/summary')
    expect([summary.json(), summary.headers.get('waitindex')]).toEqual([job, null])
    expectRefusal(await house.rest('GET', '/job/none/summary'), 404)
  })

  it('8: holds until the list changes', async () => {
    await runWeb()
    const { index } = await web()
    const waiting = timed('', index)
    expectDone(await post('/jobs/stop/web'))
    await house.stage.act()
    const { answer } = await waiting
    expect(waitIndexOf(answer)).toBeGreaterThan(index)
    expect(jobsOf(answer)).toMatchObject([{ status: 'dead', taskGroups: [{ summary: { running: 0, complete: 1 } }] }])
  })

  it('9: holds as long as it was told, then answers the same', async () => {
    await runWeb()
    const { job, index } = await web()
    for (const asked of [index, index + 1_000]) {
      const { answer, ms } = await timed('?wait=400ms', asked)
      expect(ms).toBeGreaterThan(390)
      expect(jobsOf(answer)).toEqual([job])
      expect(waitIndexOf(answer)).toBe(index)
    }
  })

  it('10: refuses a wait that is none', async () => {
    for (const waitIndex of ['abc', '-1', '1.5', '0x1'])
      expectRefusal(await house.rest('GET', '/jobs', { headers: { waitIndex } }), 400)
    for (const wait of ['abc', '5', '1d']) expectRefusal(await house.rest('GET', `/jobs?wait=${wait}`), 400)
  })

  it('17, 20: stops a job, which stays listed with its count, and only once', async () => {
    await runWeb()
    expectDone(await post('/jobs/stop/web'))
    await house.stage.act()
    const { job, index } = await web()
    expect(job).toMatchObject({ status: 'dead', taskGroups: [{ count: 1, summary: { running: 0, complete: 1 } }] })
    expectDone(await post('/jobs/stop/web'))
    await house.stage.act()
    expect((await web()).index).toBe(index)
  })

  it('starts a job again, and leaves one alone that runs', async () => {
    await runWeb()
    await post('/jobs/stop/web')
    await house.stage.act()
    expectDone(await post('/jobs/start/web'))
    await house.stage.act()
    const { job, index } = await web()
    expect(job).toMatchObject({ status: 'running', taskGroups: [{ count: 1, summary: { running: 1, complete: 1 } }] })
    expectDone(await post('/jobs/start/web'))
    expect((await web()).index).toBe(index)
  })

  it('21: starts all jobs whose autostart is true, and stops all', async () => {
    await runWeb()
    await house.run('batchy', [groupOf('batchy')], { Meta: { genvid_autostart: 'false', genvid_by_cluster: 'true' } })
    const statuses = async () => {
      await house.stage.act()
      return jobsOf(await house.rest('GET', '/jobs')).map(({ name, status }) => `${name} ${status}`)
    }
    expect((await house.shown('/jobs', 'batchy')).job).toMatchObject({ autostart: false, byCluster: true })
    expectDone(await post('/jobs/stopall'))
    expect(await statuses()).toEqual(['batchy dead', 'web dead'])
    expectDone(await post('/jobs/startall'))
    expect(await statuses()).toEqual(['batchy dead', 'web running'])
  })

  it('25, 114: adds to a count and takes from it', async () => {
    await runWeb()
    const { index } = await web()
    expectDone(await house.change('/jobs', 'web', 'web', 2))
    await house.stage.act()
    expect((await web()).job.taskGroups).toMatchObject([{ count: 3, summary: { running: 3 } }])
    const nomad = await house.rest('GET', '/v1/job/web')
    expect(nomad.json()).toMatchObject({ TaskGroups: [{ Count: 3 }] })
    expect(Reflect.get(Object(nomad.json()), 'ModifyIndex')).toBeGreaterThan(index)
    expectDone(await house.change('/jobs', 'web', 'web', -1))
    await house.stage.act()
    expect((await web()).job.taskGroups).toMatchObject([{ count: 2, summary: { running: 2, complete: 1 } }])
  })

  it('26: stops the whole job at 0', async () => {
    await house.run('web', [groupOf('a'), groupOf('b')])
    expectDone(await house.change('/jobs', 'web', 'a', 0))
    await house.stage.act()
    const { job } = await web()
    expect([job.status, ...job.taskGroups.map(({ summary }) => summary.running)]).toEqual(['dead', 0, 0])
  })

  it('30: brings a failed job back with one down and one up', async () => {
    await runWeb()
    await house.stage.report('web.web[0]', 'failed', 1)
    await house.stage.act()
    expect((await web()).job).toMatchObject({ status: 'dead', taskGroups: [{ summary: { failed: 1 } }] })
    expectDone(await house.change('/jobs', 'web', 'web', -1))
    expectDone(await house.change('/jobs', 'web', 'web', 1))
    await house.stage.act()
    expect((await web()).job).toMatchObject({ status: 'running', taskGroups: [{ count: 1, summary: { running: 1 } }] })
  })

  it('31 to 35: refuses a count that is none or out of bounds, and changes nothing', async () => {
    await runWeb()
    const before = await web()
    for (const count of [5, -2, 1.5, '1', null, true, [1], 2 ** 60])
      expectRefusal(await house.change('/jobs', 'web', 'web', count), 400)
    const bodies = [{ jobID: 'web', taskGroup: 'web' }, { taskGroup: 'web', count: 1 }, { jobID: 'web', count: 1 }, []]
    for (const body of [...bodies, '{', undefined, { jobID: 1, taskGroup: 'web', count: 1 }])
      expectRefusal(await house.rest('POST', '/jobs/updatecounts', { body }), 400)
    await house.stage.act()
    expect(await web()).toEqual(before)
    expectDone(await house.change('/jobs', 'web', 'web', 4))
    expect((await web()).job.taskGroups[0]?.count).toBe(5)
  })

  it('answers 404 for a job or a group that is not known', async () => {
    await runWeb()
    for (const path of ['/jobs/start/none', '/jobs/stop/none']) expectRefusal(await post(path), 404)
    expectRefusal(await house.change('/jobs', 'none', 'web', 1), 404)
    expectRefusal(await house.change('/jobs', 'web', 'none', 1), 404)
    expect((await house.rest('DELETE', '/v1/job/web')).status).toBe(200)
    expect(jobsOf(await house.rest('GET', '/jobs'))).toEqual([])
    expectRefusal(await post('/jobs/start/web'), 404)
  })

  it('38: adds up what is asked for at the same time', async () => {
    await house.run('web', [groupOf('web')])
    const answers = await Promise.all(Array.from({ length: 10 }, () => house.change('/jobs', 'web', 'web', 1)))
    answers.forEach(expectDone)
    expect((await web()).job.taskGroups[0]?.count).toBe(11)
  })

  it('39, 40: knows its paths and their methods', async () => {
    const get = await house.rest('GET', '/jobs/startall')
    expectRefusal(get, 405)
    expect(get.headers.get('allow')).toBe('POST')
    const remove = await house.rest('DELETE', '/jobs')
    expectRefusal(remove, 405)
    expect(remove.headers.get('allow')).toBe('GET, HEAD')
    for (const path of ['/jobs/start/', '/jobs/start', '/job/web']) expectRefusal(await post(path), 404)
  })

  it('takes a name with a slash as one segment', async () => {
    await house.run('web/one', [groupOf('web')])
    expectDone(await post('/jobs/stop/web%2Fone'))
    await house.stage.act()
    expect((await house.rest('GET', '/job/web%2Fone/summary')).json()).toMatchObject({
      name: 'web/one',
      status: 'dead',
    })
  })

  it('113: is seen by Nomad', async () => {
    await runWeb()
    await post('/jobs/stop/web')
    await house.stage.act()
    expect((await house.rest('GET', '/v1/job/web')).json()).toMatchObject({ Status: 'dead' })
    expect((await house.rest('GET', '/v1/job/web/evaluations')).json()).toContainEqual(
      expect.objectContaining({ TriggeredBy: 'job-deregister' }),
    )
  })
})
