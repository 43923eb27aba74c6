import { afterAll, beforeAll, expect, it } from 'vitest'
import { keyRing } from '#store/key-ring.ts'
import { resealSecrets } from '#store/key-rotation.ts'
import { engineOf, queue, registerCommand, untilStatus } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const fresh = `neu:${Buffer.alloc(32, 9).toString('base64')}`
const usual = `test:${Buffer.alloc(32, 7).toString('base64')}`

onBothStores('a job whose secret this gateway cannot open', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(() => test.close())

  it('is handed back unspoiled however often, and runs where the key is', async () => {
    const type = await registerCommand(test, 'sealed', `sh -c 'test "$TOKEN" = s3cr3t'`, {
      contract: { settings: [{ name: 'TOKEN', secret: true }] },
      request: { configuration: { settings: { TOKEN: 's3cr3t' } } },
    })
    await resealSecrets({ ...test.store, keys: keyRing([fresh, usual]) })
    const lacking = await engineOf(test)
    const job = await queue(test, type)
    // More often than a job may crash, or be tried.
    const waiting = await until(
      'five executions',
      async () => {
        const now = await test.context().loaders.job.load(job.id)
        return now !== null && now.numExes > 5 ? now : null
      },
      60_000,
    )
    expect(['QUEUED', 'RUNNING']).toContain(waiting.status)
    await lacking.stop(0)
    await untilStatus(test, job.id, 'QUEUED')
    const having = await engineOf({ ...test, store: { ...test.store, keys: keyRing([fresh]) } })
    expect(await untilStatus(test, job.id, 'COMPLETED', 'FAILED')).toMatchObject({ status: 'COMPLETED' })
    await having.stop(0)
    expect(test.bugs).toEqual([])
  }, 90_000)
})
