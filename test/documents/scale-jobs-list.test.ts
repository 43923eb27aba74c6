import { afterAll, beforeAll, expect, it } from 'vitest'
import { findJobs } from '#store/job.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { at, expectRefusal, idsOf, makeBatch, makeJobs, makeRecipe, register } from './scale-jobs.ts'

onBothStores('pages of the Scale v6 job list', (kind) => {
  let test: TestGateway
  let ids: number[]
  beforeAll(async () => {
    test = await openTestGateway(kind)
    ids = await makeJobs(test, await register(test, manifest('mosaic')), 5)
  })
  afterAll(() => test.close())
  const get = (path: string) => test.rest('GET', path)

  it('P02 P03 P04: the first, middle and last page', async () => {
    const first = (await get('/v6/jobs/?page_size=2')).json()
    expect(Object.keys(Object(first))).toEqual(['count', 'next', 'previous', 'results'])
    expect(first).toMatchObject({
      count: 5,
      next: 'http://gateway.test/v6/jobs/?page=2&page_size=2',
      previous: null,
      results: [{ id: ids[0] }, { id: ids[1] }],
    })
    expect((await get('/v6/jobs/?page_size=2&page=2')).json()).toMatchObject({
      count: 5,
      next: 'http://gateway.test/v6/jobs/?page=3&page_size=2',
      previous: 'http://gateway.test/v6/jobs/?page_size=2',
    })
    expect((await get('/v6/jobs/?page_size=2&page=3')).json()).toMatchObject({
      count: 5,
      next: null,
      previous: 'http://gateway.test/v6/jobs/?page=2&page_size=2',
      results: [{ id: ids[4] }],
    })
    expect(idsOf(await get('/v6/jobs/?page_size=2&page=last'))).toEqual([ids[4]])
  })

  it('P06 P07: pages that do not exist', async () => {
    for (const page of ['page=4&page_size=2', 'page=0', 'page=-1', 'page=two', 'page=99999999999999999999'])
      expectRefusal(await get(`/v6/jobs/?${page}`), 404, 'Invalid page.')
    expectRefusal(await get('/v6/jobs/?page=2&page_size=5'), 404, 'Invalid page.')
    expect((await get('/v6/jobs/?page=1&status=NONE')).json()).toMatchObject({ count: 0, results: [] })
  })

  it('P12: following next shows every row once', async () => {
    const seen: unknown[] = []
    for (let path: string | null = '/v6/jobs/?page_size=2&order=id'; path !== null; ) {
      const answer = await get(path)
      seen.push(...idsOf(answer))
      const next = at(answer.json(), 'next')
      path = typeof next === 'string' ? next.replace('http://gateway.test', '') : null
    }
    expect(seen).toEqual(ids)
  })

  it('P14: without the final slash', async () => {
    expect((await get('/v6/jobs')).status).toBe(200)
    expect((await get(`/v6/jobs/${ids[0]}`)).status).toBe(200)
  })

  it('P15 P16: other methods and other paths', async () => {
    const refused = await test.rest('DELETE', '/v6/jobs/')
    expectRefusal(refused, 405, 'Method "DELETE" not allowed.')
    expect(refused.headers.get('allow')).toBe('GET, HEAD, POST')
    expectRefusal(await get('/v6/nothing/'), 404)
    expectRefusal(await get('/v6/jobs/abc/'), 404)
  })

  it('costs the same number of statements for 10 rows and for 100', async () => {
    const type = await register(test, manifest('bulk'))
    const links = { batchId: await makeBatch(test, 'b'), recipeId: await makeRecipe(test, 'r') }
    // Some rows refer to what others do not: each kind is still read once.
    for (let round = 0; round < 10; round += 1) {
      await makeJobs(test, type, 4, links)
      await makeJobs(test, type, 6, { input: { files: { X: [1] }, json: {} } })
    }
    const statementsOf = async (size: number) => {
      test.statements.length = 0
      expect(idsOf(await get(`/v6/jobs/?job_type_name=bulk&page_size=${size}`))).toHaveLength(size)
      // The feed reads the change log now and then, on its own account.
      return test.statements.filter((statement) => !statement.includes('from "change"')).length
    }
    const few = await statementsOf(10)
    expect(await statementsOf(100)).toBe(few)
    expect(few).toBeLessThan(12)
  })

  it('P09: at most 1000 rows, and deep pages in order', async () => {
    await makeJobs(test, await register(test, manifest('many')), 905)
    expect(idsOf(await get('/v6/jobs/?page_size=5000'))).toHaveLength(1000)
    const [deep] = await findJobs(test.store.db, [Number(idsOf(await get('/v6/jobs/?page_size=1&page=1010'))[0])])
    expect(deep?.id).toBe(1010)
    expect((await get('/v6/jobs/?page_size=1000&page=2')).json()).toMatchObject({ count: 1010, next: null })
    expect(test.bugs).toEqual([])
  })
})
