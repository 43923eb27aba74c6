import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Claim, Outcome } from '#model/execution.ts'
import { sliceHistory } from '#resolvers/history.ts'
import { cancelJobs, requeueJobs } from '#resolvers/job.ts'
import { editJobType, parseEdit } from '#resolvers/job-type-edit.ts'
import { appendLog, claimJobs, heartbeat, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { expireLeases } from '#store/claim.ts'
import { upsertJobErrors } from '#store/job-error.ts'
import { rescueWork } from '#store/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

const completed: Outcome = {
  kind: 'COMPLETED',
  exitCode: 0,
  output: { files: {}, json: {} },
  taskResults: { version: '1.0', tasks: [] },
}
const failed = (errorName: string): Outcome => ({
  kind: 'FAILED',
  exitCode: 1,
  errorName,
  errorJobTypeName: null,
  taskResults: { version: '1.0', tasks: [] },
})

onBothStores('the queue', (kind) => {
  let test: TestGateway
  let workerId: string
  beforeEach(async () => {
    test = await openTestGateway(kind)
    workerId = (await registerWorker(test.context(), { name: 'w', hostname: 'node-1' })).id
  })
  afterEach(() => test.close())

  const claim = (limit: number) => claimJobs(test.context(), workerId, limit)
  const jobOf = async (id: number) => {
    const job = await test.context().loaders.job.load(id)
    if (job === null) throw new Error(`no job ${id}`)
    return job
  }
  const leaseOf = ({ executionId, token }: Claim) => ({ executionId, token })
  const claimOne = async () => {
    const [one] = await claim(1)
    if (one === undefined) throw new Error('nothing to claim')
    return one
  }

  it('gives out jobs by priority, then by age', async () => {
    const type = await registerCommand(test, 'plain', 'true')
    const late = await queue(test, type, {}, { priority: 200 })
    const first = await queue(test, type)
    const second = await queue(test, type)
    const urgent = await queue(test, type, {}, { priority: 1 })
    const claims = await claim(10)
    expect(claims.map(({ jobId }) => jobId)).toEqual([urgent.id, first.id, second.id, late.id])
    expect(await claim(10)).toEqual([])
  })

  it('passes over types that are paused or at their limit, and not the jobs behind them', async () => {
    const limited = await registerCommand(test, 'limited', 'true', { request: { maxScheduled: 2 } })
    const paused = await registerCommand(test, 'paused', 'true', { request: { isPaused: true } })
    const free = await registerCommand(test, 'free', 'true')
    for (let n = 0; n < 4; n += 1) await queue(test, limited)
    await queue(test, paused)
    const last = await queue(test, free)
    const claims = await claim(4)
    expect(claims.map(({ jobTypeId }) => jobTypeId)).toEqual([limited.id, limited.id, free.id])
    expect(claims[2]?.jobId).toBe(last.id)
    expect(await claim(4)).toEqual([])
    await reportOutcome(test.context(), leaseOf(claims[0] as Claim), completed)
    expect((await claim(4)).map(({ jobTypeId }) => jobTypeId)).toEqual([limited.id])
    await editJobType(test.context(), 'paused', '1.0.0', parseEdit('paused', '1.0.0', { isPaused: false }))
    expect((await claim(4)).map(({ jobTypeId }) => jobTypeId)).toEqual([paused.id])
  })

  it('tries again while the error should be retried and tries are left', async () => {
    const retried = {
      name: 'flaky',
      title: 'Flaky',
      description: '',
      category: 'SYSTEM',
      shouldBeRetried: true,
    } as const
    await upsertJobErrors(test.store.db, [{ ...retried, jobTypeName: null, isBuiltin: false }])
    const type = await registerCommand(test, 'plain', 'true')
    const job = await queue(test, type)
    for (const tries of [1, 2]) {
      const one = await claimOne()
      expect(one.number).toBe(tries)
      await reportOutcome(test.context(), leaseOf(one), failed('flaky'))
      expect(await jobOf(job.id)).toMatchObject({
        status: 'QUEUED',
        numExes: tries + 1,
        errorId: null,
        startedAt: null,
      })
    }
    await reportOutcome(test.context(), leaseOf(await claimOne()), failed('flaky'))
    expect(await jobOf(job.id)).toMatchObject({ status: 'FAILED', numExes: 3, maxTries: 3 })
    expect(await requeueJobs(test.context(), { ids: [job.id] }, 7)).toEqual({ changed: 1, pending: false })
    expect(await jobOf(job.id)).toMatchObject({
      status: 'QUEUED',
      numExes: 4,
      maxTries: 6,
      priority: 7,
      errorId: null,
      nodeId: null,
    })
  })

  it('lets only the holder of an execution write to it', async () => {
    const type = await registerCommand(test, 'plain', 'true')
    const job = await queue(test, type)
    const first = await claimOne()
    const line = { stream: 'stdout', bytes: Buffer.from('one\n'), at: new Date().toISOString() }
    expect(await appendLog(test.context(), leaseOf(first), [line])).toBe(1)
    expect(await heartbeat(test.context(), workerId, [first.executionId, 999])).toEqual([first.executionId])
    await expireLeases(test.store.db, workerId)
    expect(await rescueWork(test.store, first.executionId)).toBe(true)
    expect(await rescueWork(test.store, first.executionId)).toBe(false)
    expect(await jobOf(job.id)).toMatchObject({ status: 'QUEUED', numExes: 2 })
    const second = await claimOne()
    const stale = { code: 'STALE_LEASE' }
    await expect(appendLog(test.context(), leaseOf(first), [line])).rejects.toMatchObject(stale)
    await expect(reportOutcome(test.context(), leaseOf(first), completed)).rejects.toMatchObject(stale)
    const forged = { executionId: second.executionId, token: first.token }
    await expect(reportOutcome(test.context(), forged, completed)).rejects.toMatchObject(stale)
    await reportOutcome(test.context(), leaseOf(second), completed)
    await expect(reportOutcome(test.context(), leaseOf(second), completed)).rejects.toMatchObject(stale)
    expect(await jobOf(job.id)).toMatchObject({ status: 'COMPLETED', numExes: 2 })
  })

  it('fails a job that lost its worker three times', async () => {
    const type = await registerCommand(test, 'poison', 'true')
    const job = await queue(test, type)
    for (let n = 0; n < 3; n += 1) {
      const one = await claimOne()
      await expireLeases(test.store.db, workerId)
      expect(await rescueWork(test.store, one.executionId)).toBe(true)
    }
    const ended = await jobOf(job.id)
    expect(ended.status).toBe('FAILED')
    expect(await test.context().loaders.error.load(ended.errorId ?? 0)).toMatchObject({ name: 'worker-crash' })
    expect(await claim(1)).toEqual([])
  })

  it('cancels what runs and what waits, and keeps the whole history of a job', async () => {
    const type = await registerCommand(test, 'plain', 'true')
    const running = await queue(test, type)
    const one = await claimOne()
    const waiting = await queue(test, type)
    expect(await cancelJobs(test.context(), {})).toEqual({ changed: 2, pending: false })
    expect(await jobOf(running.id)).toMatchObject({ status: 'CANCELED', nodeId: null, errorId: null })
    expect(await jobOf(waiting.id)).toMatchObject({ status: 'CANCELED', numExes: 1 })
    const unstarted = await test.context().loaders.latestExecution.load(waiting.id)
    expect(unstarted).toMatchObject({ status: 'CANCELED', nodeId: null, number: 1 })
    await expect(reportOutcome(test.context(), leaseOf(one), completed)).rejects.toMatchObject({ code: 'STALE_LEASE' })
    await requeueJobs(test.context(), { ids: [waiting.id] }, null)
    expect(await jobOf(waiting.id)).toMatchObject({ status: 'QUEUED', numExes: 2, maxTries: 4 })
    const newest = { after: null, before: null, limit: 100, fromEnd: false }
    const { rows: history } = await sliceHistory(test.context(), waiting.id, newest)
    const moves = history.filter(({ kind: what }) => what === 'JOB').map(({ from, to }) => `${from} → ${to}`)
    expect(moves).toEqual(['CANCELED → QUEUED', 'QUEUED → CANCELED', 'null → QUEUED'])
  })

  it('never runs more of a type than its limit, whoever claims', async () => {
    const type = await registerCommand(test, 'limited', 'true', { request: { maxScheduled: 3 } })
    for (let n = 0; n < 20; n += 1) await queue(test, type)
    const rounds = await Promise.all(Array.from({ length: 8 }, () => claim(2)))
    expect(rounds.flat().length).toBe(3)
    expect(new Set(rounds.flat().map(({ jobId }) => jobId)).size).toBe(3)
  })
})
