import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLog } from '../../src/log.ts'
import { sampleJob } from '../documents/nomad.ts'
import { manifest } from '../support/factory.ts'
import { ask, type GatewayProcess, startGateway } from '../support/process.ts'
import { createDatabase } from '../support/store.ts'
import { until } from '../support/wait.ts'

let directory = ''
let database: Awaited<ReturnType<typeof createDatabase>>
let gateway: GatewayProcess

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'jobgraph-log-'))
  database = await createDatabase()
  gateway = await startGateway({ DATA_DIR: directory, DATABASE_URL: database.url, LOG_LEVEL: 'debug' })
}, 60_000)
afterAll(async () => {
  expect(await gateway.end('SIGTERM')).toBe(0)
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})

/** The fields of the lines with this message so far. */
function linesOf(message: string): Readonly<Record<string, unknown>>[] {
  const lines = gateway.output().split('\n')
  const objects = lines.filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line))
  return objects.filter((line) => line.message === message)
}

it('says at debug how each request was answered, and nothing that its sender may want to hide', async () => {
  await ask(gateway.url, '/v6/jobs/?job_type_name=canary-in-a-query', 200)
  const refused = await fetch(`${gateway.url}/v6/jobs/`, { method: 'POST', body: 'canary-in-a-body' })
  expect(refused.status).toBe(415)
  const answers = await until('both lines', () => {
    const found = linesOf('Answered').filter(({ path }) => path === '/v6/jobs/')
    return found.length === 2 ? found : null
  })
  const line = { level: 'debug', path: '/v6/jobs/', ms: expect.any(Number) }
  expect(answers).toMatchObject([
    { ...line, method: 'GET', status: 200 },
    { ...line, method: 'POST', status: 415 },
  ])
  expect(gateway.output()).not.toContain('canary')
})

it('says at debug what was claimed and what became of it, of both families', async () => {
  const job = { interface: { command: 'false' } }
  const sent = { docker_image: 'reg.test/fails:1', manifest: manifest('fails', '1.0.0', job) }
  await ask(gateway.url, '/v6/job-types/', 201, sent)
  const types = (await ask(gateway.url, '/v6/job-types/fails/1.0.0/', 200)) as { id: number }
  await ask(gateway.url, '/v6/jobs/', 201, { job_type_id: types.id, input: {} })
  const [ended] = await until('the outcome', () => {
    const found = linesOf('Ended an execution')
    return found.length > 0 ? found : null
  })
  expect(ended).toMatchObject({ jobId: 1, executionId: 1, outcome: 'FAILED', error: 'algorithm-unknown' })
  expect(linesOf('Claimed a job')).toMatchObject([{ jobId: 1, executionId: 1, number: 1 }])

  const registered = await fetch(`${gateway.url}/v1/job/svc`, { method: 'PUT', body: JSON.stringify(sampleJob('svc')) })
  expect(registered.status).toBe(200)
  await until('an allocation', () => linesOf('Claimed an allocation').length > 0)
  await fetch(`${gateway.url}/v1/job/svc`, { method: 'DELETE' })
  const [allocation] = await until('its end', () => {
    const found = linesOf('Ended an allocation')
    return found.length > 0 ? found : null
  })
  expect(linesOf('Claimed an allocation').map((line) => line.allocation)).toContain(allocation?.allocation)
}, 60_000)

it('says at info nothing of that, and at each level what is at least as grave', () => {
  const levels = ['debug', 'info', 'warn', 'error'] as const
  const written = levels.map((level) => {
    const lines: string[] = []
    const log = createLog(level, (line) => lines.push(line))
    for (const at of levels) log[at](at, { is: at })
    return lines.map((line) => JSON.parse(line).message)
  })
  expect(written).toEqual([levels, levels.slice(1), levels.slice(2), levels.slice(3)])
})
