import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onBothStores } from '../support/store.ts'
import { expectReadHeaders, expectRefused, type Nomad, ok, okObject, openNomad, sampleJob } from './nomad.ts'

onBothStores('Nomad /v1/job before anything is registered', (kind) => {
  let nomad: Nomad
  beforeAll(async () => {
    nomad = await openNomad(kind)
  })
  afterAll(() => nomad.close())

  it('1: does not find a job, and says with which index', async () => {
    const answer = await nomad.ask('GET', '/v1/job/nope')
    expect([answer.status, answer.text]).toEqual([404, 'job not found'])
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expectReadHeaders(answer)
    expect(answer.index).toBe(0)
  })

  it.each(['allocations', 'evaluations'])('2, 3: has no %s', async (what) => {
    const answer = await nomad.ask('GET', `/v1/job/nope/${what}`)
    expect(answer.text).toBe('[]')
    expect(ok(answer)).toEqual([])
    expectReadHeaders(answer)
    expect(answer.index).toBe(0)
  })

  it('6: deregisters an unknown job with an evaluation, and its jobs index stays', async () => {
    const before = await nomad.ask('GET', '/v1/job/nope')
    const done = okObject(await nomad.ask('DELETE', '/v1/job/nope'))
    expect(done.EvalCreateIndex).toBe(Number(done.JobModifyIndex) + 1)
    const [evaluation] = ok(await nomad.ask('GET', '/v1/job/nope/evaluations')) as unknown[]
    expect(evaluation).toMatchObject({ ID: done.EvalID, TriggeredBy: 'job-deregister', Priority: 50, Type: 'service' })
    expect((await nomad.ask('GET', '/v1/job/nope')).index).toBe(before.index)
  })
})

onBothStores('reading from Nomad /v1/job', (kind) => {
  let nomad: Nomad
  beforeAll(async () => {
    nomad = await openNomad(kind)
    ok(await nomad.ask('PUT', '/v1/job/svc', sampleJob('svc')))
  })
  afterAll(async () => {
    expect(nomad.bugs).toEqual([])
    await nomad.close()
  })
  const get = (target: string) => nomad.ask('GET', target)

  it.each(['?stale', '?region=global', '?region=', '?consistent', '?stale&region=global&nonsense=1'])(
    '25, 26: answers the same to %s',
    async (query) => {
      const [plain, asked] = [await get('/v1/job/svc'), await get(`/v1/job/svc${query}`)]
      expect(asked.text).toBe(plain.text)
      expectReadHeaders(asked)
    },
  )

  it.each(['pretty', 'pretty=', 'pretty=1', 'pretty=0', 'pretty=false'])('indents by four for ?%s', async (query) => {
    const plain = await get('/v1/job/svc')
    const pretty = await get(`/v1/job/svc?${query}`)
    expect(pretty.text).toBe(JSON.stringify(JSON.parse(plain.text), null, 4))
    expect(plain.text).not.toContain('\n')
  })

  it.each([
    ['GET', '/v1/job/svc'],
    ['GET', '/v1/job/svc/allocations'],
    ['GET', '/v1/job/svc/evaluations'],
    ['PUT', '/v1/job/svc'],
    ['DELETE', '/v1/job/svc'],
    ['PUT', '/v1/job/svc/evaluate'],
    ['POST', '/v1/job/svc/periodic/force'],
  ])('knows no other region: %s %s', async (method, path) => {
    const body = method === 'PUT' ? sampleJob('svc') : undefined
    expectRefused(await nomad.ask(method, `${path}?region=mars`, body), 400, 'No path to region')
  })

  it.each(['HEAD', 'OPTIONS', 'PATCH'])('32: refuses %s', async (method) => {
    const answer = await nomad.ask(method, '/v1/job/svc')
    expect(answer.status).toBe(405)
    expect(answer.text).toBe(method === 'HEAD' ? '' : 'Invalid method')
    expect(answer.headers.get('x-nomad-index')).toBeNull()
  })

  it.each([
    ['GET', 'evaluate'],
    ['DELETE', 'evaluate'],
    ['GET', 'periodic/force'],
    ['DELETE', 'periodic/force'],
    ['POST', 'allocations'],
    ['DELETE', 'allocations'],
    ['PUT', 'evaluations'],
  ])('35, 36: refuses %s …/%s', async (method, what) => {
    expectRefused(await nomad.ask(method, `/v1/job/svc/${what}`), 405, 'Invalid method')
  })

  it.each(['abc', '-1', '1.5', '18446744073709551616', '+1', '0x1'])('79: refuses index=%s', async (index) => {
    for (const what of ['', '/allocations', '/evaluations']) {
      expectRefused(await get(`/v1/job/svc${what}?index=${encodeURIComponent(index)}`), 400, 'Invalid index')
    }
  })

  it.each(['abc', '1', '1.5', '5 s', '1x'])('81: refuses wait=%s, of an unknown job too', async (wait) => {
    for (const what of ['svc', 'nope', 'svc/allocations', 'svc/evaluations']) {
      expectRefused(await get(`/v1/job/${what}?wait=${encodeURIComponent(wait)}`), 400, 'Invalid wait time')
    }
  })

  it('looks at wait before index, and at the first of several; empty ones are none', async () => {
    expectRefused(await get('/v1/job/svc?index=x&wait=x'), 400, 'Invalid wait time')
    expectRefused(await get('/v1/job/svc?index=x&region=mars'), 400, 'Invalid index')
    ok(await get('/v1/job/svc?index=&wait='))
    ok(await get('/v1/job/svc?index=0&index=abc&wait=1s&wait=abc'))
    ok(await get('/v1/job/svc?index=0&wait=1h30m'))
  })

  it('82: ignores index and wait on writes', async () => {
    ok(await nomad.ask('PUT', '/v1/job/svc/evaluate?wait=abc&index=x'))
    ok(await nomad.ask('DELETE', '/v1/job/other?wait=abc&index=x'))
  })

  describe('paths', () => {
    it.each(['svc/', 'svc/bogus', 'svc/periodic', 'svc/summary', 'svc/EVALUATE', 'svc/evaluations/', 'SVC'])(
      '77: takes %s for another ID',
      async (path) => {
        const answer = await get(`/v1/job/${path}`)
        expect([answer.status, answer.text]).toEqual([404, 'job not found'])
        expectReadHeaders(answer)
      },
    )

    it.each([
      ['/v1/job', '/v1/job/'],
      ['/v1/job?pretty', '/v1/job/?pretty='],
      ['/v1/job//svc', '/v1/job/svc'],
      ['//v1/job/svc', '/v1/job/svc'],
      ['/v1/job/%2Fsvc', '/v1/job/svc'],
      ['/v1/job/./svc?index=1', '/v1/job/svc?index=1'],
      ['/v1/job/x/../svc', '/v1/job/svc'],
      ['/v1/job/x/%2e%2E/svc', '/v1/job/svc'],
      ['/v1/job/..', '/v1'],
      ['/v1/job//caf%C3%A9%20%3F%23', '/v1/job/caf%C3%A9%20%3F%23'],
    ])('71: sends %s on to %s', async (path, location) => {
      const answer = await get(path)
      expect([answer.status, answer.headers.get('location')]).toEqual([301, location])
    })

    it('sends any method on', async () => {
      const answer = await nomad.ask('PUT', '/v1/job//evaluate')
      expect([answer.status, answer.headers.get('location')]).toEqual([301, '/v1/job/evaluate'])
    })

    it.each(['/v1/job/%zz', '/v1/job/%', '/v1/job/a%0', '/v1/job/a%00b'])('cannot read %s', async (path) => {
      expectRefused(await get(path), 400, '400 Bad Request')
    })

    it('finds no job behind an empty ID, and deregisters none', async () => {
      const answer = await get('/v1/job/')
      expect([answer.status, answer.text]).toEqual([404, 'job not found'])
      expectReadHeaders(answer)
      expectRefused(await nomad.ask('DELETE', '/v1/job/'), 400, 'missing job ID for evaluation')
    })

    it('74: takes slashes in an ID, encoded or not', async () => {
      ok(await nomad.ask('PUT', '/v1/job/line%2Forg%2Fteam', sampleJob('line/org/team')))
      for (const path of ['line%2Forg%2Fteam', 'line/org/team', 'line/org%2fteam'])
        expect(okObject(await get(`/v1/job/${path}`)).ID).toBe('line/org/team')
      expect(ok(await get('/v1/job/line/org/team/allocations'))).toEqual([])
      expect(ok(await get('/v1/job/line/org/team/evaluations'))).toHaveLength(1)
      ok(await nomad.ask('PUT', '/v1/job/line/org/team/evaluate'))
    })

    it('75, 76: takes letters of any script, and what HTML escapes', async () => {
      for (const id of ['café', 'a<b>&c', '東京', 'a+b', '100%']) {
        ok(await nomad.ask('PUT', `/v1/job/${encodeURIComponent(id)}`, sampleJob(id)))
        const answer = await get(`/v1/job/${encodeURIComponent(id)}`)
        expect(okObject(answer)).toMatchObject({ ID: id, Name: id })
        expect(answer.text).not.toMatch(/[<>&]/)
      }
      expect(okObject(await get('/v1/job/a+b')).ID).toBe('a+b')
    })

    it('cannot reach an ID that ends in a suffix', async () => {
      const answer = await nomad.ask('PUT', '/v1/job/foo%2Fallocations', sampleJob('foo/allocations'))
      expectRefused(answer, 405, 'Invalid method')
    })

    it('leaves all other paths alone', async () => {
      for (const path of ['/v1/jobx', '/v1/jobs/start/x', '/v2/job/svc', '/', '/v1'])
        await expect(get(path)).rejects.toThrow('nobody owns')
    })
  })
})
