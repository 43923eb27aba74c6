import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { manifest } from '../support/factory.ts'
import { ask, startGateway } from '../support/process.ts'
import { createDatabase } from '../support/store.ts'
import { until } from '../support/wait.ts'

const jobs = 120
const kills = 2

it('queues each job once through kills at random moments', { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-keys-'))
  const database = await createDatabase()
  const env = { DATA_DIR: directory, DATABASE_URL: database.url, ENGINE: 'off' }
  let gateway = await startGateway(env)
  await ask(gateway.url, '/v6/job-types/', 201, { docker_image: 'reg.test/keyed:1', manifest: manifest('keyed') })
  const types = (await ask(gateway.url, '/v6/job-types/', 200)) as { results: { id: number }[] }
  const job_type_id = types.results[0]?.id
  let done = 0
  let failures = 0

  /** Asks with one key until there is an answer; a 409 says that the work was done and its answer lost. */
  const queueOnce = async (n: number) => {
    const answered = async () => {
      const answer = await fetch(`${gateway.url}/v6/jobs/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `job-${n}` },
        body: JSON.stringify({ job_type_id, input: {} }),
      }).catch(() => null)
      // A body that breaks off is an answer that never came.
      const text = await answer?.text().catch(() => null)
      if (typeof text === 'string' && (answer?.status === 201 || answer?.status === 409)) return true
      failures += 1
      return false
    }
    await until('an answer', answered, 60_000)
    done += 1
  }
  const client = async (first: number) => {
    for (let n = first; n < jobs; n += 4) await queueOnce(n)
  }

  const clients = [0, 1, 2, 3].map(client)
  for (let kill = 1; kill <= kills; kill += 1) {
    const goal = randomInt(1 + ((kill - 1) * jobs) / (kills + 1), (kill * jobs) / (kills + 1))
    await until('some jobs to be queued', () => done >= goal, 60_000)
    await gateway.end('SIGKILL')
    gateway = await startGateway(env)
  }
  await Promise.all(clients)
  const queued = (await ask(gateway.url, '/v6/jobs/', 200)) as { count: number }
  expect(queued.count).toBe(jobs)
  expect(failures).toBeGreaterThan(0)
  expect(await gateway.end('SIGTERM')).toBe(0)
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})
