import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { surfaces } from '#rest/surfaces.ts'
import { openApp, type TestApp } from '../support/app.ts'

/** The documents that describe the faces, with their media types and how each begins. */
const documents: readonly (readonly [path: string, type: string, says: string])[] = [
  ['/openapi.json', 'application/json', '"openapi":"3.1.0"'],
  ...surfaces.map(
    ({ name, title }) => [`/openapi/${name}.json`, 'application/json', `"title":${JSON.stringify(title)}`] as const,
  ),
  ['/schema.graphql', 'text/plain; charset=utf-8', 'type Query'],
]

describe('the documents that a gateway serves', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp('pglite')
  }, 60_000)
  afterAll(() => app.close())

  it.each(documents)('%s says what it is and has a tag', async (path, type, says) => {
    const answer = await app.get(path, { headers: { 'accept-encoding': 'identity' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(answer.headers.get('etag')).toMatch(/^"[\w-]{22}"$/)
    expect(await answer.text()).toContain(says)
  })

  it.each(documents)('%s is not sent twice to who has it', async (path) => {
    const first = await app.get(path)
    const tag = first.headers.get('etag') ?? ''
    await first.text()
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await app.get(path, { headers: { 'if-none-match': known } })
      expect([again.status, await again.text(), again.headers.get('etag')], known).toEqual([304, '', tag])
    }
    const other = await app.get(path, { headers: { 'if-none-match': '"other"' } })
    expect([other.status, (await other.text()).length > 0]).toEqual([200, true])
  })

  it.each(documents)('HEAD of %s tells all but the text', async (path) => {
    const asItIs = { 'accept-encoding': 'identity' }
    const whole = await app.get(path, { headers: asItIs })
    const length = Buffer.byteLength(await whole.text())
    const head = await app.get(path, { method: 'HEAD', headers: asItIs })
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const name of ['content-type', 'etag', 'cache-control'])
      expect(head.headers.get(name), name).toBe(whole.headers.get(name))
    expect(head.headers.get('content-length')).toBe(String(length))
  })

  it.each(documents)('%s comes compressed to who takes it so, under a tag of its own', async (path) => {
    const read = async (coding: string) => {
      const answer = await app.get(path, { headers: { 'accept-encoding': coding } })
      return { headers: answer.headers, text: await answer.text() }
    }
    const plain = await read('identity')
    expect(plain.headers.get('content-encoding')).toBeNull()
    for (const coding of ['br', 'gzip']) {
      const { headers, text } = await read(coding)
      expect(headers.get('content-encoding')).toBe(coding)
      expect(headers.get('vary')).toContain('Accept-Encoding')
      expect(headers.get('etag')).toBe(plain.headers.get('etag')?.replace(/"$/, `-${coding}"`))
      expect(Number(headers.get('content-length'))).toBeLessThan(Buffer.byteLength(text) / 2)
      expect(text === plain.text).toBe(true)
    }
  })

  it.each(documents)('%s takes no other method', async (path) => {
    const answer = await app.get(path, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(404)
    await answer.text()
  })

  it('the directory names every document', async () => {
    const answer = await app.get('/')
    const { schema, openapi } = (await answer.json()) as { schema: string; openapi: string[] }
    expect([...openapi, schema]).toEqual(documents.map(([path]) => path))
  })
})
