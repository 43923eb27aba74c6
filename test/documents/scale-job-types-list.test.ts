import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseRegistration, registerSystemJobType } from '#resolvers/job-type.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { identities, patch, read, reg, results, statementsOf } from './scale-job-types.ts'
import { at, expectRefusal, tile, tileConfiguration } from './scale-jobs.ts'

onBothStores('the lists of the Scale v6 job types document', (kind) => {
  let test: TestGateway
  const ids = new Map<string, unknown>()
  const add = async (document: ReturnType<typeof manifest>, more: Readonly<Record<string, unknown>> = {}) => {
    const answer = await reg(test, document, more)
    expect(answer.status, answer.text).toBe(201)
    ids.set(`${document.job.name} ${document.job.jobVersion}`, at(answer.json(), 'id'))
  }
  beforeAll(async () => {
    test = await openTestGateway(kind)
    await add(manifest('mosaic', '1.0.0', { title: 'Mosaic one', tags: ['50%_off'] }))
    await add(manifest('mosaic', '1.10.0', { title: 'Mosaic ten', description: 'Newest' }), { icon_code: 'f10' })
    await add(manifest('mosaic', '1.2.0', { title: 'Mosaic two', tags: ['Grüße'] }), { max_scheduled: 2 })
    await add(tile('tiler'), { configuration: tileConfiguration })
    await patch(test, 'mosaic/1.0.0', { is_active: false })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const types = (query: string) => identities(test, `/v6/job-types/${query}`)
  const names = async (query: string) =>
    (await results(test, `/v6/job-type-names/${query}`)).map((row) => at(row, 'name'))
  const count = async (path: string) => at(await read(test, path), 'count')

  it('V01: one row for each version, by name and then version', async () => {
    expect(await types('')).toEqual(['mosaic 1.0.0', 'mosaic 1.2.0', 'mosaic 1.10.0', 'tiler 1.0.0'])
  })

  it('V03 V04 V05: keywords find any part of a name or tag in any case, several find more', async () => {
    expect(await types('?keyword=mos')).toHaveLength(3)
    expect(await types('?keyword=MOSA')).toHaveLength(3)
    expect(await types('?keyword=mosaic&keyword=tiler')).toHaveLength(4)
    expect(await types('?keyword=tilin')).toEqual(['tiler 1.0.0'])
    expect(await types('?keyword=tiler&keyword=tiling&keyword=t')).toEqual(['tiler 1.0.0'])
    expect(await types('?keyword=mosaic,tiler')).toEqual([])
    expect(await types('?keyword=')).toHaveLength(4)
  })

  it('every character of a keyword stands for itself', async () => {
    expect(await types('?keyword=%25')).toEqual(['mosaic 1.0.0'])
    expect(await types('?keyword=0%25_o')).toEqual(['mosaic 1.0.0'])
    for (const nothing of ['m%25c', 'm_saic', '%5C', '%5C%25', "'", 'mosaic one'])
      expect(await types(`?keyword=${nothing}`), nothing).toEqual([])
    expect(await types('?keyword=Gr%C3%BC%C3%9Fe')).toEqual(['mosaic 1.2.0'])
    expectRefusal(await test.rest('GET', `/v6/job-types/?keyword=${'x'.repeat(257)}`), 400, '256')
    expect(await types(`?keyword=${'x'.repeat(256)}`)).toEqual([])
  })

  it('V07: active or not', async () => {
    for (const [word, found] of [
      ['false', 1],
      ['true', 3],
      ['0', 1],
      ['T', 3],
    ])
      expect(await types(`?is_active=${word}`)).toHaveLength(Number(found))
    expect(await types('?is_active=false&is_active=true')).toHaveLength(3)
  })

  it('V09: filters that are none', async () => {
    for (const query of ['is_active=yes', 'id=x', 'is_system=2', 'id=', 'id=1&id=x']) {
      expectRefusal(await test.rest('GET', `/v6/job-types/?${query}`), 400)
      expectRefusal(await test.rest('GET', `/v6/job-type-names/?${query}`), 400)
    }
    expectRefusal(await test.rest('GET', '/v6/job-types/mosaic/?is_active=yes'), 400, 'valid boolean: "is_active"')
    expect(await types('?colour=blue')).toHaveLength(4)
  })

  it('V10 V11: any order', async () => {
    expect((await types('?order=-name'))[0]).toBe('tiler 1.0.0')
    expect(await types('?order=name&order=-version')).toEqual([
      ...['mosaic 1.10.0', 'mosaic 1.2.0', 'mosaic 1.0.0', 'tiler 1.0.0'],
    ])
    expect(await types('?order=title')).toEqual([...['mosaic 1.0.0', 'mosaic 1.10.0', 'mosaic 1.2.0', 'tiler 1.0.0']])
    expect((await types('?order=max_scheduled'))[0]).toBe('mosaic 1.2.0')
    expect((await types('?order=-max_scheduled'))[0]).toBe('mosaic 1.2.0')
    expect((await types('?order=-last_modified'))[0]).toBe('mosaic 1.0.0')
    expect((await types('?order=id'))[1]).toBe('mosaic 1.10.0')
    for (const word of ['created', 'deprecated', 'paused', 'is_active', 'revision_num', 'icon_code', 'docker_image'])
      for (const sign of ['', '-']) expect(await types(`?order=${sign}${word}`)).toHaveLength(4)
    for (const unknown of ['no_such_field', '', '-', '--name', 'manifest', 'constructor', 'name;', 'id%20desc'])
      for (const list of ['job-types', 'job-type-names'])
        expectRefusal(await test.rest('GET', `/v6/${list}/?order=${unknown}`), 400, 'Cannot order by')
    expectRefusal(await test.rest('GET', `/v6/job-types/?${'order=id&'.repeat(11)}`), 400)
  })

  it('V12 V13: a name shows its latest version and lists all', async () => {
    const [mosaic, tiler] = await results(test, '/v6/job-type-names/')
    expect(mosaic).toEqual({
      name: 'mosaic',
      title: 'Mosaic ten',
      description: 'Newest',
      icon_code: 'f10',
      is_published: false,
      is_active: true,
      is_paused: false,
      is_system: false,
      unmet_resources: null,
      versions: ['1.0.0', '1.2.0', '1.10.0'],
      latest_version: '1.10.0',
    })
    expect(tiler).toMatchObject({ name: 'tiler', versions: ['1.0.0'] })
    expect(await names('?order=-name')).toEqual(['tiler', 'mosaic'])
    expect(await names('?order=version')).toEqual(['tiler', 'mosaic'])
    expect(await names('?order=-latest_version')).toEqual(['mosaic', 'tiler'])
  })

  it('V15 V16 V17: a name is found where one of its versions matches everything', async () => {
    const [mosaic] = await results(test, '/v6/job-type-names/?is_active=false')
    expect(mosaic).toMatchObject({ name: 'mosaic', latest_version: '1.10.0', is_active: true })
    expect(await names('?is_active=false')).toEqual(['mosaic'])
    const [old, middle] = [ids.get('mosaic 1.0.0'), ids.get('mosaic 1.2.0')]
    expect(await names(`?id=${old}&id=${middle}`)).toEqual(['mosaic'])
    expect(await names(`?id=${middle}&is_active=false`)).toEqual([])
    expect(await names('?keyword=tilin')).toEqual(['tiler'])
    expect(await read(test, '/v6/job-type-names/?keyword=nomatch')).toEqual({
      ...{ count: 0, next: null, previous: null, results: [] },
    })
    expectRefusal(await test.rest('POST', '/v6/job-type-names/', { body: {} }), 405)
  })

  it('V18: the versions of a name, newest first, none of an unknown one', async () => {
    expect(await types('mosaic/')).toEqual(['mosaic 1.10.0', 'mosaic 1.2.0', 'mosaic 1.0.0'])
    expect(await types('mosaic?is_active=false')).toEqual(['mosaic 1.0.0'])
    expect(await types('ghost/')).toEqual([])
    expect(await count('/v6/job-types/ghost/')).toBe(0)
  })

  it('P10: links keep their keys, sorted', async () => {
    const page = await read(test, '/v6/job-types/?page_size=2&keyword=t&keyword=o&is_active=true')
    const rest = 'is_active=true&keyword=t&keyword=o'
    expect(at(page, 'next')).toBe(`http://gateway.test/v6/job-types/?${rest}&page=2&page_size=2`)
  })

  it('P14 P15: without the final slash, and by other methods', async () => {
    for (const path of ['/v6/job-types', '/v6/job-type-names', '/v6/job-types/mosaic', '/v6/job-types/mosaic/1.0.0'])
      await read(test, path)
    expectRefusal(await test.rest('DELETE', '/v6/job-types/'), 405, 'Method "DELETE" not allowed.')
    expectRefusal(await test.rest('GET', '/v6/job-types/mosaic/1.0.0/nothing/'), 404)
  })

  // From here on there are more types than the cases above know of.
  it('V08: the system’s own', async () => {
    const registration = parseRegistration({ dockerImage: 'img', manifest: manifest('scale-clock') })
    await registerSystemJobType(test.context(), registration)
    expect(await types('?is_system=true')).toEqual(['scale-clock 1.0.0'])
    expect(await types('?is_system=false')).toHaveLength(4)
    expect(await names('?is_system=true')).toEqual(['scale-clock'])
  })

  it('V14: a pre-release outranks older releases and yields to its own', async () => {
    const latest = async () => at((await results(test, '/v6/job-type-names/?keyword=mosaic'))[0], 'latest_version')
    await add(manifest('mosaic', '1.10.1-rc.1'))
    expect(await latest()).toBe('1.10.1-rc.1')
    await add(manifest('mosaic', '1.10.1'))
    expect(await latest()).toBe('1.10.1')
  })

  it('P02 P03 P04 P06 P07 P12: pages', async () => {
    for (const list of ['job-types', 'job-type-names']) {
      const path = `/v6/${list}/`
      const all = await results(test, path)
      const seen: unknown[] = []
      for (let page = 1; page <= all.length; page += 1) {
        const shown = await read(test, `${path}?page_size=1&page=${page}`)
        const link = (to: number) => `http://gateway.test${path}?${to > 1 ? `page=${to}&` : ''}page_size=1`
        expect(shown).toMatchObject({
          count: all.length,
          next: page < all.length ? link(page + 1) : null,
          previous: page > 1 ? link(page - 1) : null,
        })
        seen.push(at(shown, 'results', 0))
      }
      expect(seen).toEqual(all)
      expect(await results(test, `${path}?page=last&page_size=1`)).toEqual([all.at(-1)])
      for (const page of ['0', '-1', 'two', String(all.length + 1)])
        expectRefusal(await test.rest('GET', `${path}?page_size=1&page=${page}`), 404, 'Invalid page.')
      expect(await results(test, `${path}?page_size=x`)).toEqual(all)
      expect(await results(test, `${path}?page=1&keyword=nothing-here`)).toEqual([])
    }
  })

  it('P09: 100 or 1000 rows cost as many statements as 10', async () => {
    for (let version = 0; version < 110; version += 1) await add(manifest(`bulk-${version % 105}`, `1.${version}.0`))
    for (const list of ['job-types/', 'job-type-names/', 'job-types/status/']) {
      const path = `/v6/${list}?page_size=`
      expect(await results(test, `${path}100`)).toHaveLength(100)
      const few = await statementsOf(test, `${path}10`)
      expect(few).toBeLessThanOrEqual(2)
      expect(await statementsOf(test, `${path}100`)).toBe(few)
      expect(await statementsOf(test, `${path}5000`)).toBe(few)
    }
  })
})
