import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manifest } from '../support/factory.ts'
import { ask, startGateway } from '../support/process.ts'
import { createDatabase } from '../support/store.ts'
import { until } from '../support/wait.ts'

type Job = { id: number; status: string; num_exes: number; execution: { id: number; status: string } | null }
type Line = { message: string; scale_order_num: number }

const get = async (url: string, path: string) => ask(url, path, 200)

/** Prints a line, marks that it did, and goes on only when `go` is there: the moment of the kill is the test's to choose. */
const command = (directory: string) =>
  `sh -c 'for n in 1 2 3; do echo "line $n"; done; echo $$ >> ${directory}/runs; until test -e ${directory}/go; do sleep 0.1; done; echo done'`

describe.each(['pglite', 'postgres'] as const)('a gateway on %s that is killed amid a job', (kind) => {
  it('finishes the job after the next start, with one more execution and every line from before', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'jobgraph-crash-'))
    const database = kind === 'postgres' ? await createDatabase() : null
    const env = { DATA_DIR: join(directory, 'data'), ...(database === null ? {} : { DATABASE_URL: database.url }) }
    const first = await startGateway(env)
    await ask(first.url, '/v6/job-types/', 201, {
      docker_image: 'reg.test/slow:1',
      manifest: manifest('slow', '1.0.0', { interface: { command: command(directory) } }),
    })
    const types = (await get(first.url, '/v6/job-types/')) as { results: { id: number }[] }
    const queued = (await ask(first.url, '/v6/jobs/', 201, { job_type_id: types.results[0]?.id, input: {} })) as Job
    const running = await until('the job to run', async () => {
      const job = (await get(first.url, `/v6/jobs/${queued.id}/`)) as Job
      return job.status === 'RUNNING' && existsSync(join(directory, 'runs')) && job.execution !== null ? job : null
    })
    const logs = (url: string, executionId: number) =>
      get(url, `/v6/job-executions/${executionId}/logs/combined/`) as Promise<Line[]>
    const lost = running.execution?.id ?? 0
    await until('the three lines to be kept', async () => {
      const answer = await fetch(`${first.url}/v6/job-executions/${lost}/logs/combined/`)
      return answer.status === 200 && ((await answer.json()) as Line[]).length === 3
    })
    expect(await first.end('SIGKILL')).toBeNull()

    const second = await startGateway(env)
    await until('the second run', () => readFileSync(join(directory, 'runs'), 'utf8').trim().split('\n').length === 2)
    await ask(second.url, '/graphql', 200, { query: '{ __typename }' })
    writeFileSync(join(directory, 'go'), '')
    const done = await until('the job to end', async () => {
      const job = (await get(second.url, `/v6/jobs/${queued.id}/`)) as Job
      return job.status === 'COMPLETED' ? job : null
    })
    expect(done.num_exes).toBe(2)
    expect((await logs(second.url, lost)).map(({ message }) => message)).toEqual(['line 1', 'line 2', 'line 3'])
    const lines = await logs(second.url, done.execution?.id ?? 0)
    expect(lines.map(({ message }) => message)).toEqual(['line 1', 'line 2', 'line 3', 'done'])
    const executions = (await get(second.url, `/v6/jobs/${queued.id}/executions/`)) as { results: { status: string }[] }
    expect(executions.results.map(({ status }) => status)).toEqual(['COMPLETED', 'FAILED'])
    expect(await second.end('SIGTERM')).toBe(0)
    await database?.drop()
    rmSync(directory, { recursive: true, force: true })
  }, 90_000)
})
