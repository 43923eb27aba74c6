import { afterAll, beforeAll, expect, it } from 'vitest'
import { isObject } from '#model/json.ts'
import {
  type Cluster,
  type Nomad,
  type NomadAnswer,
  ok,
  okList,
  okObject,
  openNomad,
  sampleJob,
  startCluster,
} from './nomad.ts'
import { recordedShapes, type Shape } from './nomad-recordings.ts'

/** Maps whose members depend on the machine or on the moment, and those that are told by their values. */
const freeMaps = ['NodesAvailable', 'Scores', 'ClassEligibility', 'Tags', 'Services']
const evenMaps = ['TaskStates', 'TaskResources']

function shapeOf(value: unknown, key = ''): Shape {
  if (freeMaps.includes(key) && (isObject(value) || (value === null && key !== 'Services'))) return 'map'
  if (evenMaps.includes(key) && isObject(value)) return { '*': shapeOf(Object.values(value)[0]) }
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one, name)]))
  return typeof value === 'bigint' ? 'number' : typeof value
}

/** As texts, so that the order of keys counts. */
function expectShape(answer: NomadAnswer, shape: Shape): void {
  expect(JSON.stringify(shapeOf(ok(answer)), null, 2)).toBe(JSON.stringify(shape, null, 2))
}

let nomad: Nomad
let cluster: Cluster
const yearly = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: true }
beforeAll(async () => {
  nomad = await openNomad('postgres')
  cluster = await startCluster(nomad)
})
afterAll(async () => {
  await cluster.stop()
  await nomad.close()
})
const get = (path: string) => nomad.askListener('GET', `/v1/${path}`)

it('answers in the recorded shapes: a service', async () => {
  expectShape(await nomad.ask('PUT', '/v1/job/svc', sampleJob('svc')), recordedShapes.registration)
  const [allocation] = await cluster.until('it to run', async () => {
    const [evaluation] = okList(await get('job/svc/evaluations'))
    const all = okList(await get('job/svc/allocations'))
    return evaluation?.Status === 'complete' && all[0]?.ClientStatus === 'running' ? all : null
  })
  expectShape(await get('job/svc?pretty'), recordedShapes.job)
  expectShape(await get('job/svc/allocations'), recordedShapes.allocations)
  expectShape(await get('job/svc/evaluations'), recordedShapes.evaluations)
  expectShape(await get(`allocation/${allocation?.ID}`), recordedShapes.allocation)
  expectShape(await get(`evaluation/${allocation?.EvalID}`), recordedShapes.evaluation)
  expectShape(await get('jobs?prefix=s'), recordedShapes.jobs)
})

it('answers in the recorded shapes: what cannot be placed', async () => {
  ok(await nomad.ask('PUT', '/v1/job/unplace', sampleJob('unplace', { Datacenters: ['dc9'] })))
  const answer = await cluster.until('a blocked evaluation', async () => {
    const found = await get('job/unplace/evaluations')
    return okList(found).some(({ Status }) => Status === 'blocked') ? found : null
  })
  expectShape(answer, recordedShapes.blockedEvaluations)
})

it('answers in the recorded shapes: a periodic job', async () => {
  ok(await nomad.ask('PUT', '/v1/job/cron', sampleJob('cron', { Type: 'batch', Periodic: yearly })))
  expectShape(await get('job/cron'), recordedShapes.periodicJob)
  expectShape(await nomad.ask('PUT', '/v1/job/cron/periodic/force'), recordedShapes.launch)
  expectShape(await nomad.ask('DELETE', '/v1/job/cron'), recordedShapes.periodicDeregistration)
})

it('answers in the recorded shapes: the machines', async () => {
  expectShape(await get('nodes'), recordedShapes.nodes)
  expectShape(await get('agent/members'), recordedShapes.members)
  const [node] = okList(await get('nodes'))
  expect(okObject(await get(`node/${node?.ID}`))).toMatchObject({ ...node, HTTPAddr: '127.0.0.1:4646' })
})
