import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient as createSseClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateWithin } from '../../src/edge/graphql-plugin.ts'
import { readPersistedDocuments } from '../../src/edge/persisted-document.ts'
import { type GraphqlAnswer, type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { startGateway } from '../support/process.ts'
import { csrf, json } from './attack.ts'

const texts = {
  'index.graphql': '{ changeIndex { value } }\n',
  'two.graphql': 'query Kind { __typename } query Same { same: __typename }',
  'cancel.graphql': 'mutation { cancelJobs(filter: { ids: [] }) { __typename } }',
  'watch.graphql': 'subscription { jobStatusChanged { kind } }',
}
const directory = mkdtempSync(join(tmpdir(), 'jobgraph-documents-'))
for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text)
writeFileSync(join(directory, 'notes.txt'), 'no document')
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const hashOf = (name: keyof typeof texts) => digest(texts[name])
const idOf = (name: keyof typeof texts) => `sha256:${hashOf(name)}`
const apollo = (sha256Hash: unknown) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })
const free = '{ __typename }'

type Payload = Readonly<Record<string, unknown>>

describe.each([false, true])('persisted documents, and nothing else: %s', (persistedOnly) => {
  let test: GraphqlGateway
  beforeAll(async () => {
    const persistedDocuments = readPersistedDocuments(directory, validateWithin(false))
    test = await openGraphql('pglite', { persistedDocuments, persistedOnly, introspection: false })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const post = (payload: Payload) =>
    test.fetch('/graphql', { method: 'POST', headers: json, body: JSON.stringify(payload) })
  const get = (params: Record<string, string>) =>
    test.fetch(`/graphql?${new URLSearchParams(params)}`, { headers: csrf })
  const codeOf = ({ status, errors }: GraphqlAnswer) => [status, errors[0]?.extensions?.code]

  /** What comes first over a socket: data, or the code of an error. */
  const overSocket = (payload: Payload) =>
    new Promise<unknown>((resolve) => {
      const leave = test.socketClient().subscribe(
        { query: '', ...payload },
        {
          next: ({ data, errors }) => {
            resolve(data ?? errors)
            leave()
          },
          error: (errors) => resolve(Array.isArray(errors) ? errors[0]?.extensions?.code : errors),
          complete: () => {},
        },
      )
    })

  it('are run by documentId over POST and GET, once and again', async () => {
    for (const ask of [post, get, post]) {
      const { status, data } = await ask({ documentId: idOf('index.graphql') })
      expect([status, data]).toEqual([200, { changeIndex: { value: expect.any(String) } }])
    }
  })

  it('are run by the extension of other servers, beside their own text too', async () => {
    for (const payload of [{}, { query: texts['index.graphql'] }, { documentId: idOf('index.graphql') }])
      expect((await post({ ...payload, ...apollo(hashOf('index.graphql')) })).data).toHaveProperty('changeIndex')
    const extensions = JSON.stringify(apollo(hashOf('index.graphql')).extensions)
    expect((await get({ extensions })).data).toHaveProperty('changeIndex')
  })

  it('hold several operations, of which one is named', async () => {
    const documentId = idOf('two.graphql')
    expect((await post({ documentId, operationName: 'Same' })).data).toEqual({ same: 'Query' })
    expect((await post({ documentId })).status).toBe(400)
  })

  it('change nothing over GET', async () => {
    const refused = await get({ documentId: idOf('cancel.graphql') })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await post({ documentId: idOf('cancel.graphql') })).status).toBe(200)
  })

  it('are run over a socket and as server-sent events', async () => {
    expect(await overSocket({ documentId: idOf('index.graphql') })).toHaveProperty('changeIndex')
    expect(await overSocket(apollo(hashOf('watch.graphql')))).toHaveProperty('jobStatusChanged')
    const payload = { query: '', documentId: idOf('watch.graphql') }
    const events = createSseClient({ url: test.url, retryAttempts: 0 }).iterate(payload)
    expect((await events.next()).value).toMatchObject({ data: { jobStatusChanged: { kind: 'BOOKMARK' } } })
    await events.return?.()
  })

  it.each([
    ['an unknown digest', { documentId: `sha256:${digest(free)}` }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['an unknown digest of Apollo', apollo(digest(free)), 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['capital letters', { documentId: idOf('two.graphql').toUpperCase() }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['a bare digest as documentId', { documentId: hashOf('two.graphql') }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['a digest with a prefix in the extension', apollo(idOf('two.graphql')), 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['an id that is no text', { documentId: 1 }, 'BAD_USER_INPUT'],
    ['no digest in the extension', apollo(undefined), 'BAD_USER_INPUT'],
    ['two ids', { documentId: idOf('two.graphql'), ...apollo(hashOf('index.graphql')) }, 'BAD_USER_INPUT'],
    ['G31 another text beside a known id', { documentId: idOf('two.graphql'), query: free }, 'BAD_USER_INPUT'],
    ['G31 another text beside an unknown id', { query: free, ...apollo(digest('{ a }')) }, 'BAD_USER_INPUT'],
  ])('refuse %s', async (_what, payload, code) => {
    expect(codeOf(await post(payload))).toEqual([400, code])
    expect(await overSocket(payload)).toBe(code)
  })

  it('are not added to by clients', async () => {
    const register = { query: free, ...apollo(digest(free)) }
    expect((await post(register)).status).toBe(persistedOnly ? 400 : 200)
    expect(codeOf(await post(apollo(digest(free))))).toEqual([400, 'PERSISTED_DOCUMENT_NOT_FOUND'])
  })

  it(persistedOnly ? 'are all that is run' : 'leave other operations alone', async () => {
    const required = [400, 'PERSISTED_DOCUMENT_REQUIRED']
    const stream = { accept: 'text/event-stream', ...json }
    const body = JSON.stringify({ query: free })
    const streamed = await test.fetch('/graphql', { method: 'POST', headers: stream, body })
    if (persistedOnly) {
      for (const query of [free, texts['index.graphql'], '']) expect(codeOf(await post({ query }))).toEqual(required)
      expect(codeOf(await post({}))).toEqual(required)
      expect(codeOf(await get({ query: free }))).toEqual(required)
      expect(streamed.text).toContain('PERSISTED_DOCUMENT_REQUIRED')
      expect(streamed.text).not.toContain('"Query"')
      expect(await overSocket({ query: free })).toBe('PERSISTED_DOCUMENT_REQUIRED')
    } else {
      expect((await post({ query: free })).data).toEqual({ __typename: 'Query' })
      expect(streamed.text).toContain('"Query"')
      expect(await overSocket({ query: free })).toEqual({ __typename: 'Query' })
    }
  })
})

it('names every bad file at the start, and the reason', async () => {
  const bad = mkdtempSync(join(tmpdir(), 'jobgraph-bad-documents-'))
  writeFileSync(join(bad, 'good.graphql'), free)
  writeFileSync(join(bad, 'cut.graphql'), '{ jobs {\n')
  writeFileSync(join(bad, 'unknown.graphql'), '{\n  jobz\n}')
  writeFileSync(join(bad, 'bytes.graphql'), new Uint8Array([0xff, 0xfe]))
  writeFileSync(join(bad, 'empty.graphql'), '')
  const started = startGateway({ DATA_DIR: 'memory:', PERSISTED_DOCUMENTS: bad })
  const error = await started.then(
    () => '',
    (one: Error) => one.message,
  )
  for (const said of ['ended with 1', 'cut.graphql:2:1', 'unknown.graphql:2:3', 'bytes.graphql', 'empty.graphql'])
    expect(error).toContain(said)
  expect(error).toContain('jobz')
  expect(error).not.toMatch(/good\.graphql|\n\s+at /)
  expect(() => readPersistedDocuments(join(bad, 'nowhere'), validateWithin(true))).toThrow(
    /PERSISTED_DOCUMENTS .*ENOENT/,
  )
  rmSync(bad, { recursive: true, force: true })
}, 60_000)
