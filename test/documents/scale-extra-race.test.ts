import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { queueJob } from '#resolvers/job.ts'
import { appendLog, claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import {
  at,
  completed,
  failed,
  idsOf,
  makeJobs,
  register,
  registerTile,
  tile,
  tileConfiguration,
} from './scale-jobs.ts'

/** Follows `next` to the end and returns the ids of all pages in their order; `between` runs after each page. */
async function walk(test: TestGateway, path: string, between: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = []
  for (let next: unknown = path; typeof next === 'string'; ) {
    const answer = await test.rest('GET', next.replace('http://gateway.test', ''))
    seen.push(...idsOf(answer))
    await between()
    next = at(answer.json(), 'next')
  }
  return seen
}

const sorted = (ids: readonly unknown[]) => ids.map(Number).sort((a, b) => a - b)

onBothStores('a list that is walked while it changes', (kind) => {
  let test: TestGateway
  let type: JobType
  beforeAll(async () => {
    test = await openTestGateway(kind)
    type = await register(test, manifest('walked'))
  })
  afterAll(() => test.close())

  it('in its usual order, shows each row that was there before once, while rows are added', async () => {
    const before = await makeJobs(test, type, 60)
    let added = 0
    const add = async () => {
      // Several at once, so that what commits later may bear the earlier time.
      await Promise.all([1, 2, 3].map(() => queueJob(test.context(), { jobTypeId: type.id })))
      added += 3
    }
    // A walk that adds more than a page holds would never end.
    const seen = await walk(test, '/v6/jobs/?page_size=7', async () => (added < 45 ? add() : undefined))
    const own = new Set<unknown>(before)
    expect(seen.filter((id) => own.has(id))).toEqual(before)
  })

  it('ordered by id or by creation, also while rows are added and changed', async () => {
    const before = sorted(idsOf(await test.rest('GET', '/v6/jobs/?page_size=1000')))
    for (const order of ['id', 'created']) {
      let turn = 0
      const disturb = async () => {
        const victim = before[(turn * 17) % before.length]
        if (turn < 10) await queueJob(test.context(), { jobTypeId: type.id })
        const body = { job_ids: [victim] }
        const answer = await test.rest('POST', `/v6/jobs/${turn % 2 === 0 ? 'cancel' : 'requeue'}/`, { body })
        expect(answer.status).toBe(202)
        turn += 1
      }
      const seen = await walk(test, `/v6/jobs/?order=${order}&page_size=9`, disturb)
      expect(sorted(seen.filter((id) => before.includes(Number(id))))).toEqual(before)
      expect(new Set(seen).size).toBe(seen.length)
    }
  })

  it('job types are walked whole while others are registered', async () => {
    for (let n = 0; n < 9; n += 1) await register(test, manifest(`m-${n}`))
    const before = idsOf(await test.rest('GET', '/v6/job-types/'))
    let turn = 0
    // New names come last, where a walk has yet to pass.
    const seen = await walk(test, '/v6/job-types/?page_size=3', async () => {
      if (turn < 3) await register(test, manifest(`z-${turn}`))
      turn += 1
    })
    expect(seen.filter((id) => before.includes(id))).toEqual(before)
  })
})

onBothStores('registrations at the same moment', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(() => test.close())

  it('16 of one new pair make one type with 16 revisions', async () => {
    const body = { docker_image: 'reg.test/img:1', manifest: tile('raced'), configuration: tileConfiguration }
    const answers = await Promise.all(Array.from({ length: 16 }, () => test.rest('POST', '/v6/job-types/', { body })))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(15).fill(200), 201])
    expect((await test.rest('GET', '/v6/job-types/raced/1.0.0/')).json()).toMatchObject({ revision_num: 16 })
    const revisions = (await test.rest('GET', '/v6/job-types/raced/1.0.0/revisions/')).json()
    expect(at(revisions, 'count')).toBe(16)
    const numbers = Array.from({ length: 16 }, (_, n) => at(revisions, 'results', n, 'revision_num'))
    expect(numbers).toEqual(Array.from({ length: 16 }, (_, n) => 16 - n))
    expect(test.bugs).toEqual([])
  })

  it('16 edits and registrations of one type, with jobs queued meanwhile', async () => {
    const type = await registerTile(test, 'busy')
    const input = { files: { SCENE: [1] }, json: { ZOOM: 1 } }
    const document = { manifest: tile('busy'), configuration: tileConfiguration }
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => {
        if (n % 3 === 0) return test.rest('PATCH', '/v6/job-types/busy/1.0.0/', { body: document })
        if (n % 3 === 1)
          return test.rest('POST', '/v6/job-types/', { body: { docker_image: 'reg.test/img:2', ...document } })
        return test.rest('POST', '/v6/jobs/', { body: { job_type_id: type.id, input } })
      }),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, (_, n) => (n % 3 === 2 ? 201 : 200)))
    expect((await test.rest('GET', '/v6/job-types/busy/1.0.0/')).json()).toMatchObject({ revision_num: 12 })
    expect(test.bugs).toEqual([])
  })
})

describe('cancel, claim, report and requeue at the same moment', () => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway('postgres')
  })
  afterAll(() => test.close())

  it('300 rounds: no job is both CANCELED and COMPLETED, none is lost, and none runs twice at once', async () => {
    const type = await register(test, manifest('contested'))
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'n' })
    const all: number[] = []
    let stale = 0
    for (let round = 0; round < 300; round += 1) {
      const ids = await makeJobs(test, type, 2)
      all.push(...ids)
      // The cancel races with the claim, with the log or with the report, in turn.
      const claimed = Promise.withResolvers<void>()
      const logged = Promise.withResolvers<void>()
      const work = async () => {
        const claims = await claimJobs(test.context(), worker.id, 2)
        claimed.resolve()
        for (const claim of claims) {
          const line = { stream: 'stdout', bytes: Buffer.from('x\n'), at: new Date().toISOString() }
          const outcome = round % 2 === 0 ? failed() : completed
          const report = async () => {
            await appendLog(test.context(), claim, [line])
            logged.resolve()
            await reportOutcome(test.context(), claim, outcome)
          }
          await report().catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'STALE_LEASE' })
            stale += 1
          })
        }
        logged.resolve()
      }
      const start = [Promise.resolve(), claimed.promise, logged.promise][round % 3]
      const ask = async (action: string) => {
        await start
        return test.rest('POST', `/v6/jobs/${action}/`, { body: { job_ids: ids } })
      }
      const [, canceled, requeued] = await Promise.all([work(), ask('cancel'), ask('requeue'), work()])
      expect([canceled.status, requeued.status]).toEqual([202, 202])
    }
    const { db } = test.store
    const jobs = await db.selectFrom('job').select(['id', 'status', 'num_exes']).orderBy('id').execute()
    expect(jobs.map(({ id }) => id)).toEqual(all)
    const executions = await db.selectFrom('execution').select(['job_id', 'number', 'status']).execute()
    const of = (id: number) => executions.filter((one) => one.job_id === id).sort((a, b) => a.number - b.number)
    for (const job of jobs) {
      const runs = of(job.id)
      const words = `job ${job.id} ${job.status}: ${runs.map((run) => `${run.number} ${run.status}`).join(', ')}`
      const started = job.status === 'QUEUED' ? job.num_exes - 1 : job.num_exes
      expect(
        runs.map(({ number }) => number),
        words,
      ).toEqual(Array.from({ length: started }, (_, n) => n + 1))
      const last = runs.at(-1)?.status
      // A failed job may still be canceled, and its run stays the failure that it was.
      const fitting = job.status === 'CANCELED' ? ['CANCELED', 'FAILED'] : [job.status]
      if (job.status !== 'QUEUED') expect(fitting, words).toContain(last)
      const earlier = job.status === 'QUEUED' ? runs : runs.slice(0, -1)
      expect(
        earlier.filter(({ status }) => status !== 'CANCELED' && status !== 'FAILED'),
        words,
      ).toEqual([])
    }
    const ends = new Set(jobs.map(({ status }) => status))
    // A race that only ever goes one way has tried nothing.
    expect(ends.has('CANCELED') && ends.has('COMPLETED') && stale > 0, `${[...ends]}, ${stale} stale`).toBe(true)
    expect([...ends].filter((status) => !['QUEUED', 'CANCELED', 'FAILED', 'COMPLETED'].includes(status))).toEqual([])
    expect(test.bugs).toEqual([])
  }, 60_000)
})
