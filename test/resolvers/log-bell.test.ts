import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLogBell } from '#resolvers/log-bell.ts'
import { recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { openTestGateway } from '../support/gateway.ts'

it('rings for a change of the job that the feed reads in the second batch of an index', async () => {
  const test = await openTestGateway('postgres')
  const [job, other] = [1, 2]
  const bell = createLogBell(test.store.feed, job, new AbortController().signal)
  // So many logs that the bell rings by itself only after 9 s at least.
  bell.listen(new Set(Array.from({ length: 5_000 }, (_, n) => n + 1)))
  expect(await bell.next()).toMatchObject({ isAll: true })
  const change = (jobId: number) => ({ kind: 'JOB' as const, entityId: jobId, jobId })
  const rung = bell.next()
  await writing(test.store, (tx) => recordChanges(tx, [...Array(1_200).fill(change(other)), change(job)]))
  expect(await Promise.race([rung, delay(5_000, 'late', { ref: false })])).toMatchObject({ isAll: true })
  bell.close()
  await test.close()
})
