import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'
import {
  type Cluster,
  expectReadHeaders,
  type Nomad,
  type NomadAnswer,
  okList,
  okObject,
  openNomad,
  sampleGroup,
  sampleJob,
  startCluster,
} from './nomad.ts'

type Timed = { readonly answer: NomadAnswer; readonly ms: number }

onBothStores('blocking queries of Nomad /v1/job', (kind) => {
  let nomad: Nomad
  beforeAll(async () => {
    nomad = await openNomad(kind)
  })
  afterAll(async () => {
    expect(nomad.bugs).toEqual([])
    await nomad.close()
  })
  const put = async (id: string, members: object = {}) =>
    okObject(await nomad.ask('PUT', `/v1/job/${id}`, sampleJob(id, { ...members })))
  const get = (path: string) => nomad.ask('GET', `/v1/job/${path}`)
  const timed = async (path: string): Promise<Timed> => {
    const started = performance.now()
    const answer = await get(path)
    return { answer, ms: performance.now() - started }
  }
  const expectTimeOut = ({ ms }: Timed, wait: number) => {
    // Node's timers may fire a millisecond early by this clock.
    expect(ms).toBeGreaterThan(wait - 3)
    expect(ms).toBeLessThan(wait * (17 / 16) + 700)
  }

  it('answers at once below the index, and for 0 and none', async () => {
    const { JobModifyIndex } = await put('svc')
    const last = Number(JobModifyIndex)
    for (const query of ['', '?index=0&wait=5s', `?index=${last - 1}&wait=5s`, '?wait=5s']) {
      const { answer, ms } = await timed(`svc${query}`)
      expect(answer.index).toBe(last)
      expect(ms).toBeLessThan(1_000)
    }
  })

  it.each([500, 2_000])('waits %d ms and up to a sixteenth more, and answers the same', async (wait) => {
    const plain = await get('svc')
    const blocked = await timed(`svc?index=${plain.index}&wait=${wait}ms`)
    expectTimeOut(blocked, wait)
    expect(blocked.answer.text).toBe(plain.text)
    expectReadHeaders(blocked.answer)
    expect(blocked.answer.index).toBe(plain.index)
  })

  it('waits for an index of the future, and answers the smaller one', async () => {
    const { index } = await get('svc')
    for (const future of ['999999', '18446744073709551615']) {
      const blocked = await timed(`svc?index=${future}&wait=300ms`)
      expectTimeOut(blocked, 300)
      expect(blocked.answer.index).toBe(index)
    }
  })

  it.each(['', '&wait=0s', '&wait=-1s', '&wait=10m', '&wait=900h'])('88: takes%s for minutes', async (wait) => {
    const { index } = await get('svc')
    const blocked = timed(`svc?index=${index}${wait}`)
    const other = await timed(`svc?index=${index}&wait=800ms`)
    expectTimeOut(other, 800)
    // What is still open is ended by a change.
    const done = await put('svc')
    const { answer, ms } = await blocked
    expect(answer.index).toBe(done.JobModifyIndex)
    expect(ms).toBeGreaterThan(other.ms)
  })

  it('90, 91: sleeps through other jobs and through evaluations', async () => {
    const { index } = await get('svc')
    const blocked = timed(`svc?index=${index}&wait=1s`)
    await put('other')
    await nomad.ask('PUT', '/v1/job/svc/evaluate')
    await nomad.ask('DELETE', '/v1/job/other')
    expectTimeOut(await blocked, 1_000)
    expect((await blocked).answer.index).toBe(index)
  })

  it('wakes all its waiters on a registration', async () => {
    const { index } = await get('svc')
    const blocked = Array.from({ length: 20 }, () => timed(`svc?index=${index}&wait=20s`))
    const done = await put('svc', sampleGroup(2))
    for (const { answer, ms } of await Promise.all(blocked)) {
      expect(okObject(answer)).toMatchObject({ JobModifyIndex: done.JobModifyIndex, TaskGroups: [{ Count: 2 }] })
      expect(ms).toBeLessThan(5_000)
    }
  })

  it('94: waits for a job that is not there, and says so when time is up', async () => {
    const { index } = await get('missing')
    const blocked = await timed(`missing?index=${index}&wait=1s`)
    expectTimeOut(blocked, 1_000)
    expect([blocked.answer.status, blocked.answer.text]).toEqual([404, 'job not found'])
    expectReadHeaders(blocked.answer)
  })

  it('95, 96: wakes when a job comes, and when it goes', async () => {
    const { index } = await get('late')
    const coming = timed(`late?index=${index}&wait=20s`)
    const made = await put('late')
    const { answer, ms } = await coming
    expect(okObject(answer)).toMatchObject({ ID: 'late', CreateIndex: made.JobModifyIndex })
    const going = timed(`late?index=${answer.index}&wait=20s`)
    const done = okObject(await nomad.ask('DELETE', '/v1/job/late'))
    const gone = await going
    expect([gone.answer.status, gone.answer.index]).toEqual([404, done.JobModifyIndex])
    expect(Math.max(ms, gone.ms)).toBeLessThan(5_000)
  })

  it('98, 99: blocks on evaluations until one is made, whatever other jobs do', async () => {
    const { index } = await get('svc/evaluations')
    expectTimeOut(await timed(`svc/evaluations?index=${index}&wait=500ms`), 500)
    const blocked = timed(`svc/evaluations?index=${index}&wait=20s`)
    const done = okObject(await nomad.ask('PUT', '/v1/job/svc/evaluate'))
    const { answer } = await blocked
    expect(okList(answer)).toContainEqual(expect.objectContaining({ ID: done.EvalID }))
    expect(answer.index).toBe(done.EvalCreateIndex)
    const asleep = timed(`svc/evaluations?index=${answer.index}&wait=700ms`)
    // The index is the table's, so a read that comes after the other job has news at once.
    await until('the read sleeps', () => nomad.sleepers() > 0)
    await put('other')
    expectTimeOut(await asleep, 700)
  })

  describe('with a cluster that runs', () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster(nomad)
    })
    afterAll(() => cluster.stop())

    /** Follows a read as a client does, index by index, until it shows what is hoped for. */
    const followUntil = async (path: string, isEnough: (answer: NomadAnswer) => boolean) => {
      const first = await get(path)
      let answer = first
      while (!isEnough(answer)) {
        let next: NomadAnswer | null = null
        get(`${path}?index=${Math.max(1, answer.index)}&wait=20s`).then((found) => {
          next = found
        })
        const found = await cluster.until<NomadAnswer>('the next change', async () => next)
        expect(found.index).toBeGreaterThan(answer.index)
        answer = found
      }
      return answer
    }

    it('wakes on allocations of its job', async () => {
      await put('runs')
      const answer = await followUntil('runs/allocations', (found) =>
        okList(found).some(({ ClientStatus }) => ClientStatus === 'running'),
      )
      expect(okList(answer)).toMatchObject([{ JobID: 'runs' }])
    })

    it('92: wakes when a batch job ends', async () => {
      const group = sampleGroup(1, { Config: { command: '/bin/sh', args: ['-c', 'exit 0'] } })
      await put('batch', { Type: 'batch', ...group })
      await followUntil('batch', (found) => okObject(found).Status === 'dead')
    })
  })
})
