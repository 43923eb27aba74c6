import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findHeldAllocations, releaseAllocations } from '#store/allocation-release.ts'
import { claimAllocations, updateAllocation } from '#store/allocation-work.ts'
import { findLogHead } from '#store/change.ts'
import { findLogStreams } from '#store/log.ts'
import { findBytes } from '#store/log-byte.ts'
import { trimLog } from '#store/log-trim.ts'
import { appendLog } from '#store/work.ts'
import { upsertWorker } from '#store/worker.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

onBothStores('a worker that gives up its allocations', (kind) => {
  let test: TestGateway
  let stage: Stage
  beforeAll(async () => {
    test = await openTestGateway(kind)
    stage = await setStage(test)
  })
  afterAll(() => test.close())

  it('leaves them as they stand to the next, and can write no more', async () => {
    await stage.register('web', instances(2))
    await stage.schedule()
    const [one, two] = await claimAllocations(test.store, stage.worker, 10)
    if (one === undefined || two === undefined) throw new Error('nothing was placed')
    const lease = { executionId: one.allocation.executionId, token: one.token }
    await updateAllocation(test.store, lease, { clientStatus: 'running' })
    const { index } = await findLogHead(test.store.db)
    const held = await findHeldAllocations(test.store.db, stage.worker.id)
    expect(held.toSorted()).toEqual([one.allocation.uuid, two.allocation.uuid].toSorted())
    expect(await releaseAllocations(test.store.db, stage.worker.id)).toBe(2)
    expect(await findHeldAllocations(test.store.db, stage.worker.id)).toEqual([])
    const stale = { code: 'STALE_LEASE' }
    await expect(updateAllocation(test.store, lease, { clientStatus: 'complete' })).rejects.toMatchObject(stale)
    const line = { stream: 'stdout', bytes: Buffer.from('x\n'), at: new Date().toISOString() }
    await expect(appendLog(test.store, lease, 't1', [line])).rejects.toMatchObject(stale)
    expect((await findLogHead(test.store.db)).index).toBe(index)

    const next = { ...stage.worker, id: randomUUID() }
    await upsertWorker(test.store.db, { ...next, name: 'next', pid: null })
    const claims = await claimAllocations(test.store, next, 10)
    expect(claims.map(({ allocation }) => `${allocation.name} ${allocation.clientStatus}`)).toEqual([
      'web.g1[0] running',
      'web.g1[1] pending',
    ])
    expect(claims.map(({ token }) => token)).not.toContain(one.token)
  })

  it('forgets the oldest output of a task when told, and nothing of what is left moves', async () => {
    await stage.register('chatty', instances(1))
    await stage.schedule()
    const [claim] = await claimAllocations(test.store, stage.worker, 1)
    const { executionId } = claim?.allocation ?? { executionId: 0 }
    const lease = { executionId, token: claim?.token ?? '' }
    for (const text of ['aaaa\n', 'bbbb\n', 'cccc\n'])
      await appendLog(test.store, lease, 't1', [
        { stream: 'stdout', bytes: Buffer.from(text), at: '2026-11-25T17:00:00Z' },
      ])
    await trimLog(test.store.db, executionId, 't1', 7)
    const [stream] = await findLogStreams(test.store.db, [executionId])
    expect(stream).toMatchObject({ byteCount: 15, lineCount: 3 })
    const bytes = await findBytes(test.store.db, stream?.id ?? 0, 0, 15)
    expect(Buffer.from(bytes).toString()).toBe('bbbb\ncccc\n')
    expect(Buffer.from(await findBytes(test.store.db, stream?.id ?? 0, 6, 11)).toString()).toBe('bbb\nc')
  })
})
