import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jobStatuses, jobTransitions } from '#model/status.ts'
import { faultCode } from '#store/fault.ts'
import { engineOf, queue, registerCommand, untilStatus } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

onBothStores('the status machine', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(() => test.close())

  it('is in the database as the model has it', async () => {
    const { rows } = await sql<{ from_status: string; to_status: string }>`
      select from_status, to_status from job_transition`.execute(test.store.db)
    const found = rows.map((row) => `${row.from_status} → ${row.to_status}`).sort()
    const expected = jobStatuses.flatMap((from) => jobTransitions[from].map((to) => `${from} → ${to}`)).sort()
    expect(found).toEqual(expected)
  })

  it('refuses a move that it does not list, whoever writes it', async () => {
    const type = await registerCommand(test, 'short', 'true')
    const job = await queue(test, type)
    const engine = await engineOf(test)
    await untilStatus(test, job.id, 'COMPLETED')
    await engine.stop(5_000)
    const forbidden = sql`update job set status = 'BLOCKED' where id = ${job.id}`.execute(test.store.db)
    const code = await forbidden.then(() => null, faultCode)
    expect(code).toBe('23514')
    expect((await test.context().loaders.job.load(job.id))?.status).toBe('COMPLETED')
  })

  it('refuses rows that must never be, whoever writes them', async () => {
    const broken = [
      sql`update job set is_superseded = true`,
      sql`update job set num_exes = -1`,
      sql`update job set priority = null`,
      sql`update execution set lease_until = now()`,
      sql`update execution set ended_at = null`,
      sql`update change_index set value = -1`,
      sql`update job_type set is_paused = true`,
    ]
    for (const statement of broken) {
      const code = await statement.execute(test.store.db).then(() => null, faultCode)
      expect(code).toMatch(/^235(14|02)$/)
    }
  })
})
