import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Lease, Outcome } from '#model/execution.ts'
import { requeueJobs } from '#resolvers/job.ts'
import { followJobLog, type JobTailBatch, type JobTailQuery } from '#resolvers/job-log.ts'
import { followLog } from '#resolvers/log.ts'
import { deregisterServiceJob, startServiceJob, stopServiceJob } from '#resolvers/service-job.ts'
import { claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { claimAllocations, updateAllocation } from '#store/allocation-work.ts'
import { upsertJobErrors } from '#store/job-error.ts'
import { appendLines } from '#store/log.ts'
import { trimLog } from '#store/log-trim.ts'
import { writing } from '#store/store.ts'
import { appendLog } from '#store/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const at = '2026-03-04T05:06:07Z'
const line = (text: string, stream = 'stdout') => ({ stream, at, bytes: Buffer.from(`${text}\n`) })
const textOf = ({ bytes }: { readonly bytes: Uint8Array }) => Buffer.from(bytes).toString().trimEnd()

/** Numbers from 0 up to, not with, 1; the same for the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

onBothStores('Following the logs of a job', (kind) => {
  let test: TestGateway
  let stage: Stage

  beforeAll(async () => {
    test = await openTestGateway(kind)
    stage = await setStage(test)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const follow = (query: JobTailQuery) => followJobLog(test.context(), query)

  /** The leases of allocations that were placed and not yet taken, now running. */
  async function take(): Promise<Lease[]> {
    await stage.schedule()
    const claims = await claimAllocations(test.store, stage.worker, 100)
    const leases = claims.map(({ allocation, token }) => ({ executionId: allocation.executionId, token }))
    for (const lease of leases) await updateAllocation(test.store, lease, { clientStatus: 'running', exitCode: null })
    return leases
  }

  const complete = (lease: Lease) => updateAllocation(test.store, lease, { clientStatus: 'complete', exitCode: 0 })

  async function service(name: string, count: number): Promise<{ jobId: number; leases: Lease[] }> {
    await stage.register(name, instances(count))
    const leases = await take()
    expect(leases.length).toBe(count)
    return { jobId: (await stage.job(name)).id, leases }
  }

  /** Reads until so many lines were told. */
  async function read(stream: AsyncIterator<JobTailBatch>, count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      const next = await stream.next()
      if (next.done === true) throw new Error(`the stream ended after ${texts}`)
      texts.push(...next.value.lines.map(textOf))
    }
    return texts
  }

  it.each([7, 1_337])('tells each line once from wherever it is resumed (seed %i)', async (seed) => {
    const next = random(seed)
    const { jobId, leases } = await service(`resumed-${seed}`, 4)
    const written = new Map(leases.map(({ executionId }) => [executionId, 0]))
    const writer = (async () => {
      for (let turn = 0; turn < 60; turn += 1) {
        const lease = leases[Math.floor(next() * leases.length)]
        if (lease === undefined) continue
        const first = written.get(lease.executionId) ?? 0
        const count = 1 + Math.floor(next() * 40)
        const lines = Array.from({ length: count }, (_, place) =>
          line(`${first + place + 1}`, next() < 0.5 ? 'stdout' : 'stderr'),
        )
        await appendLog(test.store, lease, turn % 3 === 0 ? 't2' : 't1', lines)
        written.set(lease.executionId, first + count)
      }
      await deregisterServiceJob(test.context(), `resumed-${seed}`)
      for (const lease of leases) await complete(lease)
    })()
    const pick = random(seed + 1)
    const told = new Map<number, string[]>()
    let [after, isEnd, resumed] = ['', false, 0]
    while (!isEnd) {
      const stream = await follow({ jobId, ...(after === '' ? {} : { after }) })
      for (let left = 1 + Math.floor(pick() * 4); left > 0 && !isEnd; left -= 1) {
        const { value } = await stream.next()
        if (value === undefined) throw new Error('the stream ended without saying so')
        for (const one of value.lines)
          told.set(one.executionId, [...(told.get(one.executionId) ?? []), `${one.order} ${textOf(one)}`])
        ;[after, isEnd] = [value.cursor, value.isEnd]
      }
      resumed += 1
      await stream.return()
    }
    await writer
    expect(resumed).toBeGreaterThan(1)
    for (const [executionId, count] of written)
      expect(told.get(executionId) ?? []).toEqual(Array.from({ length: count }, (_, at) => `${at + 1} ${at + 1}`))
  })

  it('stays open while a service is stopped, and goes on when it is started again', async () => {
    const { jobId, leases } = await service('paused', 1)
    const [lease] = leases
    if (lease === undefined) throw new Error('nothing was placed')
    const stream = await follow({ jobId })
    await appendLog(test.store, lease, 't1', [line('before')])
    expect(await read(stream, 1)).toEqual(['before'])
    await stopServiceJob(test.context(), 'paused')
    await stage.schedule()
    await complete(lease)
    const later = read(stream, 1)
    await startServiceJob(test.context(), 'paused')
    const [again] = await take()
    if (again === undefined) throw new Error('nothing was placed again')
    await appendLog(test.store, again, 't1', [line('after')])
    expect(await later).toEqual(['after'])
    await stream.return()
  })

  it('tells what a hint was lost for', async () => {
    const { jobId, leases } = await service('unheard', 1)
    const [lease] = leases
    if (lease === undefined) throw new Error('nothing was placed')
    const [ofJob, ofOne] = [
      await follow({ jobId }),
      followLog(test.context(), { executionId: lease.executionId, after: 0 }),
    ]
    const told = Promise.all([read(ofJob, 1), ofOne.next()])
    // This touches no topic, as if the hint had been lost.
    await writing(test.store, (tx) => appendLines(tx, lease, 't1', [line('quiet')]))
    const [texts, one] = await told
    expect(texts).toEqual(['quiet'])
    expect(one.value?.lines.map(textOf)).toEqual(['quiet'])
    await ofJob.return()
    await ofOne.return()
  })

  it('reads no line while nothing was written, and looks at all logs in one statement', async () => {
    const { jobId, leases } = await service('idle', 5)
    for (const lease of leases) await appendLog(test.store, lease, 't1', [line('x')])
    const stream = await follow({ jobId })
    await read(stream, 5)
    const waiting = stream.next()
    const looks = () => test.statements.filter((sql) => sql.includes('read_order')).length
    await until('a look at the logs', () => looks() > 0)
    test.statements.length = 0
    await until('two more looks', () => looks() >= 2)
    const reads = test.statements.filter((sql) => /log_chunk|"execution"/.test(sql))
    expect(reads).toEqual([])
    await stream.return()
    await waiting
  })

  it('follows no more executions at once than it may, and the others as those end', async () => {
    const { jobId, leases } = await service('many', 5)
    for (const [place, lease] of leases.entries()) await appendLog(test.store, lease, 't1', [line(`${place + 1}`)])
    const stream = await follow({ jobId, mostOpen: 2 })
    expect((await read(stream, 2)).sort()).toEqual(['1', '2'])
    await deregisterServiceJob(test.context(), 'many')
    await stage.schedule()
    const rest = read(stream, 3)
    for (const lease of leases) await complete(lease)
    expect((await rest).sort()).toEqual(['3', '4', '5'])
    const end = await stream.next()
    expect(end.value).toMatchObject({ lines: [], isEnd: true })
    expect(await stream.next()).toMatchObject({ done: true })
  })

  it('goes through the tries of a queued job, and after its end through those of a re-queued one', async () => {
    await upsertJobErrors(test.store.db, [
      {
        name: 'passing',
        title: 'Passing',
        description: 'It passes.',
        category: 'SYSTEM',
        shouldBeRetried: true,
        jobTypeName: null,
        isBuiltin: false,
      },
    ])
    const job = await queue(test, await registerCommand(test, 'tried', 'true'))
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'w.test' })
    const attempt = async (text: string, outcome: Outcome) => {
      const [claim] = await claimJobs(test.context(), worker.id, 1)
      if (claim === undefined) throw new Error('nothing was claimed')
      await appendLog(test.store, claim, 'main', [line(text)])
      await reportOutcome(test.context(), claim, outcome)
    }
    const failed = {
      kind: 'FAILED',
      exitCode: 1,
      errorName: 'passing',
      errorJobTypeName: null,
      taskResults: null,
    } as const
    const stream = await follow({ jobId: job.id })
    const told = read(stream, 3)
    for (const text of ['one', 'two', 'three']) await attempt(text, failed)
    expect(await told).toEqual(['one', 'two', 'three'])
    const end = (await stream.next()).value
    expect(end).toMatchObject({ isEnd: true })
    await requeueJobs(test.context(), { ids: [job.id] }, null)
    const again = await follow({ jobId: job.id, after: end?.cursor ?? '' })
    const fourth = read(again, 1)
    await attempt('four', { kind: 'COMPLETED', exitCode: 0, output: {}, taskResults: null })
    expect(await fourth).toEqual(['four'])
    expect((await again.next()).value).toMatchObject({ lines: [], isEnd: true })
  })

  it('of one stream of an allocation counts what was trimmed of all, also at the end', async () => {
    const { leases } = await service('trimmed', 1)
    const [lease] = leases
    if (lease === undefined) throw new Error('nothing was placed')
    const { executionId } = lease
    for (const [text, stream] of [
      ['1', 'stdout'],
      ['2', 'stderr'],
      ['3', 'stdout'],
      ['4', 'stderr'],
    ] as const)
      await appendLog(test.store, lease, 't1', [line(text, stream)])
    await appendLog(test.store, lease, 't2', [line('5', 'stderr'), line('6')])
    await trimLog(test.store.db, executionId, 't1', 2)
    await trimLog(test.store.db, executionId, 't2', 0)
    await complete(lease)
    const all = async (after: number, streams?: readonly string[]) => {
      const batches = followLog(test.context(), { executionId, after, ...(streams ? { streams } : {}) })
      const told: object[] = []
      for await (const { lines, gap, upTo, ended } of batches) told.push({ texts: lines.map(textOf), gap, upTo, ended })
      return told
    }
    const gap = { executionId, lineCount: 4, firstOrder: 1, lastOrder: 6 }
    expect(await all(0)).toEqual([{ texts: ['3', '4'], gap, upTo: 6, ended: true }])
    expect(await all(0, ['stderr'])).toEqual([{ texts: ['4'], gap, upTo: 6, ended: true }])
    expect(await all(2, ['stderr'])).toEqual([
      { texts: ['4'], gap: { executionId, lineCount: 2, firstOrder: 5, lastOrder: 6 }, upTo: 6, ended: true },
    ])
    expect(await all(6, ['stderr'])).toEqual([{ texts: [], gap: null, upTo: 6, ended: true }])
  })
})
