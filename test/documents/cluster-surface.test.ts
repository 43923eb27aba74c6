import { expect, it } from 'vitest'
import { clusterSurface } from '#rest/cluster/surface.ts'
import { openApi } from '#rest/openapi.ts'
import { scaleSurface } from '#rest/scale/surface.ts'
import { onBothStores } from '../support/store.ts'
import { expectRefusal, openCluster } from './cluster.ts'

/** The document's operations that are not about jobs, as its headings give them, with our names for what varies. */
const operations = [
  'GET /v1/settings',
  'GET /v1/settings/default',
  'GET /v1/schemas/settings.json',
  'POST /v1/settings',
  'GET /v1/log/logs',
  'POST /v1/log/logs',
  'GET /v1/log/meta/{log}',
  'GET /v1/log/fs/{alloc}/{task}/{fs}',
  'GET /v1/log/defaults',
  'POST /v1/log/defaults/{logger}',
  'GET /v1/log/allocs/{alloc}',
  'POST /v1/log/allocs/{alloc}/{logger}',
  'GET /v1/events',
  'POST /v1/events',
  'GET /v1/events/results/{counter}',
  'GET /v1/secrets/list',
  'GET /secrets/secret/{secret}',
  'POST /secrets/secret/{secret}',
  'DELETE /secrets/secret/{secret}',
]

it('serves every operation of the Cluster API document that is not about jobs', () => {
  const served = clusterSurface.routes.map(({ method, path }) => `${method} ${path}`)
  expect(served).toEqual(expect.arrayContaining(operations))
})

it('is described in OpenAPI beside the other surfaces, every schema that it refers to included', () => {
  const document = openApi([scaleSurface, clusterSurface], { title: 't', version: '1' })
  const schemas = Object.keys(Object(Object(document.components).schemas))
  const referred = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map((match) => match[1])
  expect(schemas).toEqual(expect.arrayContaining(referred))
})

onBothStores('paths of the Cluster API that are none', (kind) => {
  it('are refused in its words', async () => {
    const test = await openCluster(kind)
    for (const path of ['/v1/jobs/startall', '/v1/log', '/v1/log/fs/a/b', '/secrets/', '/v1/secrets/secret'])
      expectRefusal(await test.rest('POST', path, { body: {} }), 404)
    expect(test.bugs).toEqual([])
    await test.close()
  })
})
