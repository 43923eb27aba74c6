import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { manifest } from '../support/factory.ts'
import { ask, startGateway } from '../support/process.ts'
import { createDatabase } from '../support/store.ts'
import { until } from '../support/wait.ts'

describe('a first start', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-start-'))
  const env = { DATA_DIR: join(directory, 'data') }
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('says where everything is, answers, and keeps its data over a restart', async () => {
    const first = await startGateway(env)
    await until('the greeting', () => first.output().includes('Ctrl-C'))
    for (const said of [first.url, 'GraphiQL', env.DATA_DIR, 'curl']) expect(first.output()).toContain(said)
    expect(await (await fetch(`${first.url}/livez`)).text()).toBe('ok')
    await ask(first.url, '/v6/job-types/', 201, { docker_image: 'a:1', manifest: manifest('kept') })
    expect(await first.end('SIGTERM')).toBe(0)
    const second = await startGateway(env)
    expect(await ask(second.url, '/v6/job-types/kept/1.0.0/', 200)).toMatchObject({ name: 'kept', revision_num: 1 })
    expect(await second.end('SIGINT')).toBe(0)
  }, 60_000)

  it('refuses a data directory that another gateway uses', async () => {
    const first = await startGateway(env)
    await expect(startGateway(env)).rejects.toThrow(/in use by process/)
    await first.end('SIGTERM')
  }, 60_000)

  it('refuses a Postgres whose secrets it has no key for, names the key, and starts with it', async () => {
    const database = await createDatabase()
    const key = (name: string, byte: number) => `${name}:${Buffer.alloc(32, byte).toString('base64')}`
    const own = { DATABASE_URL: database.url, DATA_DIR: join(directory, 'keys') }
    const first = await startGateway({ ...own, SECRET_KEYS: key('k1', 1) })
    const setting = await fetch(`${first.url}/secrets/secret/a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"value":"s3cr3t"}',
    })
    expect(setting.status).toBeLessThan(300)
    expect(await first.end('SIGTERM')).toBe(0)
    const refused = startGateway({ ...own, SECRET_KEYS: key('k2', 2) })
    await expect(refused).rejects.toThrow(/ended with 1: .*key k1, which is not configured: add k1:… to the end/s)
    await expect(refused).rejects.not.toThrow(/is ready at|s3cr3t|\n\s+at /)
    await expect(startGateway({ ...own, SECRET_KEYS: key('k1', 3) })).rejects.toThrow(/another key of the name k1/)
    const last = await startGateway({ ...own, SECRET_KEYS: [key('k2', 2), key('k1', 1)].join() })
    expect(await last.end('SIGTERM')).toBe(0)
    await database.drop()
  }, 90_000)

  it('says in one plain line each what is wrong with its configuration', async () => {
    const wrong = startGateway({ ...env, ENGINE: 'maybe', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://u:hidden@x/y' })
    const error = await wrong.then(
      () => '',
      (one: Error) => one.message,
    )
    expect(error).toContain('ENGINE must be process or off, not "maybe".')
    expect(error).toContain('LOG_LEVEL must be debug or info or warn or error, not "loud".')
    expect(error).toContain('DATABASE_URL must start with postgres://')
    expect(error).not.toContain('hidden')
  })

  it('shows life with --demo, and keeps nothing in memory:', async () => {
    const gateway = await startGateway({ DATA_DIR: 'memory:' }, ['--demo'])
    type Page = { count: number; results: { status: string; job_type: { name: string } }[] }
    const page = await until(
      'a completed job',
      async () => {
        const jobs = (await ask(gateway.url, '/v6/jobs/', 200)) as Page
        return jobs.results.some(({ status }) => status === 'COMPLETED') ? jobs : null
      },
      30_000,
    )
    expect(page.results.map(({ job_type }) => job_type.name)).toContain('word-count')
    expect(await gateway.end('SIGTERM')).toBe(0)
  }, 60_000)
})
