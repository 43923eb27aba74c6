import { afterAll, beforeAll, expect, it } from 'vitest'
import { runClaim } from '#engine/run.ts'
import { registerWorker } from '#resolvers/work.ts'
import { keyRing } from '#store/key-ring.ts'
import { resealSecrets } from '#store/key-rotation.ts'
import { claimWork } from '#store/work.ts'
import { benchOf, engineOf, queue, registerCommand, untilStatus } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const fresh = `neu:${Buffer.alloc(32, 9).toString('base64')}`
const usual = `test:${Buffer.alloc(32, 7).toString('base64')}`

onBothStores('a job whose secret this gateway cannot open', (kind) => {
  let test: TestGateway
  const told: string[] = []
  beforeAll(async () => {
    const log = {
      debug: () => {},
      info: (message: string, fields = {}) => void told.push(`${message} ${JSON.stringify(fields)}`),
      warn: () => {},
      error: (_message: string, error: unknown) => void test.bugs.push(error),
    }
    test = await openTestGateway(kind, { log })
  })
  afterAll(() => test.close())

  const notices = () => told.filter((line) => line.includes('has the key'))
  const executionsOf = (jobId: number) =>
    test.store.db.selectFrom('execution').select('status').where('job_id', '=', jobId).execute()

  const registerSealed = (name: string) =>
    registerCommand(test, name, `sh -c 'test "$TOKEN" = s3cr3t'`, {
      contract: { settings: [{ name: 'TOKEN', secret: true }] },
      request: { configuration: { settings: { TOKEN: 's3cr3t' }, priority: 1 } },
    })
  const reseal = () => resealSecrets({ ...test.store, keys: keyRing([fresh, usual]) })

  it('stays queued without a trace, holds nobody up, and runs where the key is', async () => {
    const type = await registerSealed('sealed')
    const open = await registerCommand(test, 'open', 'true')
    await reseal()
    const lacking = await engineOf(test)
    const job = await queue(test, type)
    for (let round = 0; round < 3; round += 1)
      await untilStatus(test, (await queue(test, open)).id, 'COMPLETED', 'FAILED')
    expect(await test.context().loaders.job.load(job.id)).toMatchObject({ status: 'QUEUED', numExes: 1 })
    expect(await executionsOf(job.id)).toEqual([])
    await until('a notice', () => notices().length > 0)
    expect(notices()).toEqual([
      `Jobs of a type wait for a gateway that has the key of its secrets {"jobTypeId":${type.id},"name":"sealed","version":"1.0.0"}`,
    ])
    await lacking.stop(0)
    const having = await engineOf({ ...test, store: { ...test.store, keys: keyRing([fresh]) } })
    expect(await untilStatus(test, job.id, 'COMPLETED', 'FAILED')).toMatchObject({ status: 'COMPLETED', numExes: 1 })
    await having.stop(0)
    expect(test.bugs).toEqual([])
  }, 90_000)

  it('is handed back unspoiled where its secret is sealed anew after the claim', async () => {
    const job = await queue(test, await registerSealed('overtaken'))
    const worker = await registerWorker(test.context(), { name: 'overtaken', hostname: 'engine.test' })
    const [claim] = await claimWork(test.store, worker, 1, test.store.keys)
    if (claim === undefined) throw new Error('nothing was claimed')
    await reseal()
    await runClaim(await benchOf(test), claim).done
    expect(await test.context().loaders.job.load(job.id)).toMatchObject({ status: 'QUEUED', numExes: 2 })
    expect(await executionsOf(job.id)).toEqual([{ status: 'LOST' }])
    const counts = await test.store.db.selectFrom('job').select('crashes').where('id', '=', job.id).execute()
    expect(counts).toEqual([{ crashes: 0 }])
    // Now it is known, and no further execution is made.
    expect(await claimWork(test.store, worker, 1, test.store.keys)).toEqual([])
    expect(test.bugs).toEqual([])
  })
})
