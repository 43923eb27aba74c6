import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '#resolvers/context.ts'
import { keyUse } from '#resolvers/idempotency.ts'
import { registerServiceJob } from '#resolvers/service-job.ts'
import { onceOverRest } from '#rest/keyed.ts'
import { surfaces } from '#rest/surfaces.ts'
import { keyClaim } from '#store/key-claim.ts'
import { openStore, writing } from '#store/store.ts'
import { documentedRouter } from '../support/documented.ts'
import { manifest, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentJob } from '../support/job-spec.ts'
import { instances, jobSpec } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } })

onBothStores('an Idempotency-Key over REST', (kind) => {
  let test: TestGateway
  let typeId = 0
  const queued = async () => {
    const jobs = (await test.rest('GET', '/v6/jobs/')).json() as { count: number }
    return jobs.count
  }
  const queue = (key: string) =>
    test.rest('POST', '/v6/jobs/', { body: { job_type_id: typeId, input: {} }, ...keyed(key) })
  const countOf = async (id: string) => {
    const jobs = (await test.rest('GET', `/v1/job/${id}`)).json() as { TaskGroups: { Count: number }[] }
    return jobs.TaskGroups[0]?.Count
  }

  beforeAll(async () => {
    test = await openTestGateway(kind)
    typeId = (await registerCommand(test, 'once', 'true')).id
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('queues a job once and gives the first answer again, byte for byte', async () => {
    const before = await queued()
    const first = await queue('scale-1')
    const again = await queue('"scale-1"')
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.text).toBe(first.text)
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await queued()).toBe(before + 1)
  })

  it('does the work once for fifty who ask at the same time', async () => {
    const before = await queued()
    const answers = await Promise.all(Array.from({ length: 50 }, () => queue('scale-50')))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(201)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect(await queued()).toBe(before + 1)
  })

  it('adds to a count once, over both documents that have deltas, each with keys of its own', async () => {
    await registerServiceJob(test.context(), jobSpec('counted', instances(2)))
    const group = ((await test.rest('GET', '/v1/job/counted')).json() as { TaskGroups: { Name: string }[] })
      .TaskGroups[0]
    const body = { jobID: 'counted', taskGroup: group?.Name, count: 3 }
    for (const path of ['/v1/jobs/updatecounts', '/jobs/updatecounts']) {
      const before = (await countOf('counted')) ?? 0
      const first = await test.rest('POST', path, { body, ...keyed('delta') })
      const again = await test.rest('POST', path, { body, ...keyed('delta') })
      expect([first.status, again.status, again.text]).toEqual([200, 200, first.text])
      expect(await countOf('counted')).toBe(before + 3)
    }
  })

  it('registers a Nomad job once', async () => {
    const body = { Job: sentJob({ ID: 'registered', Name: 'registered' }) }
    const first = await test.rest('PUT', '/v1/jobs', { body, ...keyed('nomad') })
    const again = await test.rest('PUT', '/v1/jobs', { body, ...keyed('nomad') })
    expect([first.status, again.text]).toEqual([200, first.text])
    expect(again.headers.get('x-nomad-index')).toBe(first.headers.get('x-nomad-index'))
    expect((await test.rest('GET', '/v1/job/registered/evaluations')).json()).toHaveLength(1)
  })

  it('refuses a key that was used for another request with 422, and does nothing', async () => {
    await queue('reused')
    const before = await queued()
    const other = await test.rest('POST', '/v6/jobs/', {
      body: { job_type_id: typeId, input: {}, x: 1 },
      ...keyed('reused'),
    })
    expect(other.status).toBe(422)
    expect(other.json()).toEqual({ detail: 'This idempotency key was used for another request.' })
    expect(await queued()).toBe(before)
  })

  it.each(['', ' a b', '"open', 'ä', 'a'.repeat(256), '""'])('refuses the malformed key %j with 400', async (key) => {
    const before = await queued()
    const answer = await queue(key)
    expect(answer.status, answer.text).toBe(400)
    expect(await queued()).toBe(before)
  })

  it('keeps nothing of a request that was refused, so the next one does the work', async () => {
    const ask = () => test.rest('POST', '/v1/jobs/start/later', keyed('later'))
    expect((await ask()).status).toBe(404)
    await registerServiceJob(test.context(), jobSpec('later', instances(1)))
    expect((await ask()).status).toBe(200)
  })

  it('is free again after bad input, so the mended request does the work under it', async () => {
    const before = await queued()
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'mended' }
    const send = (body: unknown) => test.rest('POST', '/v6/jobs/', { body, headers })
    expect((await send('{"job_type_id": ')).status).toBe(400)
    expect((await send({ input: {} })).status).toBe(400)
    expect((await send({ job_type_id: 987_654, input: {} })).status).toBe(404)
    expect(await queued()).toBe(before)
    const mended = await send({ job_type_id: typeId, input: {} })
    expect([mended.status, mended.headers.get('idempotency-replayed')]).toEqual([201, null])
    expect(await queued()).toBe(before + 1)
  })

  it('is the same key for every caller, whatever credentials stand beside it', async () => {
    const before = await queued()
    const send = (credentials: string) =>
      test.rest('POST', '/v6/jobs/', {
        body: { job_type_id: typeId, input: {} },
        headers: { 'idempotency-key': 'shared', authorization: credentials, 'x-nomad-token': credentials },
      })
    const first = await send('one')
    const other = await send('two')
    expect([first.status, other.text, other.headers.get('idempotency-replayed')]).toEqual([201, first.text, 'true'])
    expect(await queued()).toBe(before + 1)
  })

  it('accepts a bulk request once', async () => {
    const ask = () => test.rest('POST', '/v6/jobs/cancel/', { body: {}, ...keyed('bulk') })
    expect((await ask()).status).toBe(202)
    await queue('after-bulk')
    test.statements.length = 0
    expect((await ask()).status).toBe(202)
    expect(test.statements.filter((sql) => /job_request|"job"/.test(sql))).toEqual([])
  })

  it('sends no statement more where there is no key', async () => {
    test.statements.length = 0
    await test.rest('POST', '/v6/jobs/', { body: { job_type_id: typeId, input: {} } })
    expect(test.statements.length).toBeGreaterThan(0)
    expect(test.statements.filter((sql) => sql.includes('idempotency'))).toEqual([])
  })

  it('does not repeat work whose answer was lost between commit and keeping it', async () => {
    // What a process leaves that is killed there: the key committed with the work, and no answer beside it.
    const body = JSON.stringify({ job_type_id: typeId, input: {} })
    const parts = ['POST', '/v6/jobs/', 'application/json', Buffer.from(body)]
    const claim = keyClaim(keyUse('scale', 'lost', parts))
    await writing({ ...test.store, claim }, async () => {})
    const before = await queued()
    const answer = await queue('lost')
    expect([answer.status, await queued()]).toEqual([409, before])
  })
})

describe('one key at two gateways on one Postgres', () => {
  it('does the work once', async () => {
    const test = await openTestGateway('postgres')
    const keys = [`test:${Buffer.alloc(32, 7).toString('base64')}`]
    const other = await openStore({ url: test.url, directory: null, keys, log: () => {} })
    const route = documentedRouter(surfaces, { keyed: onceOverRest, report: (bug) => test.bugs.push(bug) })
    const body = JSON.stringify({ docker_image: 'reg.test/two:1', manifest: manifest('two') })
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'two' }
    const ask = async (store: typeof other) => {
      const request = new Request('http://gateway.test/v6/job-types/', { method: 'POST', headers, body })
      const answer = await route(() => createContext({ ...test.gateway, store }, request.signal), request)
      return `${answer?.status} ${await answer?.text()}`
    }
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2 === 0 ? other : test.store)))
    expect(new Set(answers).size, answers.join('\n')).toBe(1)
    expect(answers[0]).toMatch(/^201 /)
    const types = (await test.rest('GET', '/v6/job-types/two/1.0.0/revisions/')).json() as { count: number }
    expect(types.count).toBe(1)
    expect(test.bugs).toEqual([])
    await other.close()
    await test.close()
  })
})
