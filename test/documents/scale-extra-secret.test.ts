import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelJobs } from '#resolvers/job.ts'
import { engineOf, manifest, untilStatus } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { at } from './scale-jobs.ts'

/** Long and like nothing else, in the form in which it is sent and those in which it might lie about. */
const canary = 'canary-5d1f0e7b-"quoted"-end'
const core = 'canary-5d1f0e7b'
const forms = [core, Buffer.from(core).toString('hex'), Buffer.from(canary).toString('base64').slice(0, 18)]

const document = (name: string, exit: number) =>
  manifest(name, '1.0.0', {
    interface: {
      // Shows that the command got the secret, without showing it.
      command: `sh -c 'printf %s "$TOKEN" | wc -c; exit ${exit}'`,
      settings: [{ name: 'REGION' }, { name: 'TOKEN', secret: true }],
    },
    errors: [{ code: 3, name: 'told' }],
  })
const configuration = { settings: { REGION: 'eu', TOKEN: canary } }

describe('a secret setting that was sent once', () => {
  let test: GraphqlGateway
  const heard: string[] = []
  beforeAll(async () => {
    test = await openGraphql('postgres')
  })
  afterAll(() => test.close())

  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await test.rest(method, path, body === undefined ? {} : { body })
    heard.push(`${method} ${path} ${JSON.stringify([...answer.headers])} ${answer.text}`)
    return answer
  }
  const register = (name: string, exit: number, more: object = {}) =>
    ask('POST', '/v6/job-types/', { docker_image: 'i', manifest: document(name, exit), configuration, ...more })
  const leaks = (texts: readonly string[]) => texts.filter((text) => forms.some((form) => text.includes(form)))

  it('comes back in no answer of any route, right or wrong', async () => {
    const good = (await register('good', 0)).json()
    const bad = (await register('bad', 3)).json()
    await register('good', 0)
    await ask('PATCH', '/v6/job-types/good/1.0.0/', { configuration })
    await ask('PATCH', '/v6/job-types/good/1.0.0/', { manifest: document('good', 0), configuration })
    await ask('POST', '/v6/job-types/validation/', { manifest: document('new', 0), configuration })
    const wrong = { ...configuration, priority: 'x' }
    for (const sent of [wrong, { settings: { TOKEN: [canary] } }, { ...configuration, mounts: { a: canary } }]) {
      expect((await register('wrong', 0, { configuration: sent })).status).toBe(400)
      expect((await ask('PATCH', '/v6/job-types/good/1.0.0/', { configuration: sent })).status).toBe(400)
      await ask('POST', '/v6/job-types/validation/', { manifest: document('new', 0), configuration: sent })
      expect((await ask('POST', '/v6/jobs/', { job_type_id: at(good, 'id'), configuration: sent })).status).toBe(400)
    }
    const engine = await engineOf(test)
    const run = async (type: unknown) =>
      Number(at((await ask('POST', '/v6/jobs/', { job_type_id: at(type, 'id'), configuration })).json(), 'id'))
    const [done, failed] = [await run(good), await run(bad)]
    await untilStatus(test, done, 'COMPLETED')
    await untilStatus(test, failed, 'FAILED')
    await engine.stop(1_000)
    await cancelJobs(test.context(), {})
    for (const id of [done, failed]) {
      const job = (await ask('GET', `/v6/jobs/${id}/`)).json()
      await ask('GET', `/v6/jobs/${id}/executions/`)
      const execution = (await ask('GET', `/v6/jobs/${id}/executions/1/`)).json()
      const execution_id = at(execution, 'id')
      expect(at(execution, 'configuration', 'tasks', 0, 'settings')).toEqual({ REGION: 'eu', TOKEN: '*****' })
      expect(at(job, 'configuration', 'settings')).toEqual({ REGION: 'eu' })
      const log = await ask('GET', `/v6/job-executions/${String(execution_id)}/logs/combined/?format=txt`)
      expect(log.text.trim()).toBe(String(canary.length))
      for (const format of ['json', 'html', 'hits'])
        await ask('GET', `/v6/job-executions/${String(execution_id)}/logs/combined/?format=${format}`)
    }
    for (const path of ['jobs/', 'job-types/', 'job-type-names/', 'job-types/good/', 'job-types/good/1.0.0/'])
      await ask('GET', `/v6/${path}`)
    for (const path of ['', '1/', '2/', '3/']) await ask('GET', `/v6/job-types/good/1.0.0/revisions/${path}`)
    for (const path of ['status', 'running', 'pending', 'system-failures']) await ask('GET', `/v6/job-types/${path}/`)
    expect(heard.length).toBeGreaterThan(40)
    expect(leaks(heard)).toEqual([])
  })

  it('nor in the graph', async () => {
    const { text } = await test.ask(`{
      jobTypes(first: 10) { edges { node { name manifest configuration } } }
      jobs(first: 10) { edges { node { id ... on QueuedJob {
        configuration revision { manifest } latestExecution { ... on JobExecution { configuration taskResults } }
      } } } }
    }`)
    expect(text).toContain('*****')
    expect(leaks([text])).toEqual([])
  })

  it('nor where a setting became secret after a job was given a value for it', async () => {
    const open = manifest('late', '1.0.0', { interface: { command: 'true', settings: [{ name: 'WORD' }] } })
    const closed = manifest('late', '1.0.0', { interface: { settings: [{ name: 'WORD', secret: true }] } })
    const word = 'told-too-early'
    const type = (await ask('POST', '/v6/job-types/', { docker_image: 'i', manifest: open })).json()
    const body = { job_type_id: at(type, 'id'), configuration: { settings: { WORD: word } } }
    const job = (await ask('POST', '/v6/jobs/', body)).json()
    expect(at(job, 'configuration', 'settings')).toEqual({ WORD: word })
    await ask('PATCH', '/v6/job-types/late/1.0.0/', { manifest: closed })
    const path = `/v6/jobs/${String(at(job, 'id'))}/`
    expect(at((await ask('GET', path)).json(), 'configuration', 'settings')).toEqual({})
    const query = '{ jobs(first: 1) { edges { node { ... on QueuedJob { number configuration } } } } }'
    expect(await test.data(query)).toMatchObject({
      jobs: { edges: [{ node: { number: at(job, 'id'), configuration: { settings: {} } } }] },
    })
  })

  it('nor anywhere in the database, where it lies sealed', async () => {
    const { rows: tables } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(test.store.db)
    const contents: string[] = []
    for (const { name } of tables) {
      const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(
        test.store.db,
      )
      contents.push(...rows.map(({ row }) => `${name}: ${row}`))
    }
    expect(contents.filter((text) => text.startsWith('job_type_secret: '))).toHaveLength(2)
    expect(leaks(contents)).toEqual([])
    expect(leaks(test.bugs.map(String))).toEqual([])
  })
})
