import { afterAll, beforeAll, expect, test } from 'vitest'
import { surfaces } from '#rest/surfaces.ts'
import { placeAllocation, placeService } from '../support/allocation.ts'
import { manifest, placeFile } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { setStage } from '../support/service.ts'
import { sampleLogs } from './cluster.ts'
import { reg } from './scale-job-types.ts'
import { groupOf } from './service-jobs.ts'

const sent = surfaces.flatMap(({ routes, examples = {} }) =>
  routes.flatMap((route) => {
    const request = examples[route.id]?.request
    return request === undefined ? [] : [{ id: route.id, method: route.method, path: route.path, request }]
  }),
)

let gateway: TestGateway
let names: Readonly<Record<string, string>>

beforeAll(async () => {
  gateway = await openTestGateway('pglite')
  // The ids that the queued job's example names are the first of their kinds.
  const testJob = { interface: { command: 'true', inputs: { files: [{ name: 'input_a' }] } } }
  expect((await reg(gateway, manifest('test-job', '1.0.0', testJob))).status).toBe(201)
  expect(await placeFile(gateway, 'my-file.file', 'x')).toBe(1)
  const stage = await setStage(gateway)
  await stage.register('jobName', { TaskGroups: [groupOf('taskGrouName')] })
  const { uuid } = await placeAllocation(gateway, await placeService(gateway, 'web', { web: ['web'] }), 'web')
  expect((await reg(gateway, manifest('my-job-type', '1.0.0'))).status).toBe(201)
  const leaf = { ...sampleLogs[0], id: 'leaf' }
  expect((await gateway.rest('POST', '/v1/log/logs', { body: [leaf] })).status).toBe(200)
  names = { logger: 'leaf', alloc: uuid, secret: 'disco', name: 'test', version: '1.0.0', job: 'svc' }
})

afterAll(async () => {
  expect(gateway.bugs).toEqual([])
  await gateway.close()
})

// In the order of the tables, so that the job type which one example edits is the one that another has registered.
const inOrder = sent.toSorted((one, other) => Number(one.method === 'PATCH') - Number(other.method === 'PATCH'))

test.each(inOrder)('$id accepts the request that its document shows', async ({ method, path, request }) => {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = names[name]
    if (value === undefined) throw new Error(`nothing is named for {${name}}`)
    return value
  })
  const { status, text } = await gateway.rest(method, place, { body: request })
  expect([200, 201, 202], text).toContain(status)
})
