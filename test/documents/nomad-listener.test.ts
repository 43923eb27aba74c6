import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateAllocation } from '#store/allocation-work.ts'
import { appendLog } from '#store/work.ts'
import type { HttpServer } from '../../src/edge/http.ts'
import { createNomadListener } from '../../src/edge/nomad-listener.ts'
import {
  type Cluster,
  expectReadHeaders,
  expectRefused,
  type Nomad,
  ok,
  okList,
  okObject,
  openNomad,
  sampleJob,
  startCluster,
} from './nomad.ts'

type Item = Readonly<Record<string, unknown>>

let nomad: Nomad
let cluster: Cluster
let http: HttpServer
let base = ''
/** The one allocation of the service `svc`, and the proof that the worker of these tests holds it. */
let allocation: Item = {}

beforeAll(async () => {
  nomad = await openNomad('postgres')
  cluster = await startCluster(nomad)
  http = createNomadListener(nomad.gateway, { host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(await http.listen()).port}`
  ok(await nomad.ask('PUT', '/v1/job/svc', sampleJob('svc')))
  allocation = await running('svc')
})
afterAll(async () => {
  await http.close(500)
  await cluster.stop()
  expect(nomad.bugs).toEqual([])
  await nomad.close()
})

const get = (path: string) => nomad.askListener('GET', `/v1/${path}`)

/** Waits until a job's only allocation runs. */
function running(id: string): Promise<Item> {
  return cluster.until(`${id} to run`, async () => {
    const [one] = okList(await get(`job/${id}/allocations`))
    const isPlaced = okList(await get(`job/${id}/evaluations`)).every(({ Status }) => Status === 'complete')
    return one?.ClientStatus === 'running' && isPlaced ? one : null
  })
}

/** Writes to a task's log as the worker that holds its allocation. */
async function write(uuid: unknown, stream: string, text: string): Promise<void> {
  const lease = await leaseOf(uuid)
  await appendLog(nomad.store, lease, 't1', [{ stream, bytes: Buffer.from(text), at: new Date().toISOString() }])
}

async function leaseOf(uuid: unknown) {
  const { id, token } = await nomad.store.db
    .selectFrom('execution')
    .innerJoin('allocation', 'allocation.execution_id', 'execution.id')
    .select(['execution.id', 'execution.token'])
    .where('allocation.uuid', '=', String(uuid))
    .executeTakeFirstOrThrow()
  return { executionId: id, token }
}

describe('what the command line asks for', () => {
  it('run: registers at /v1/jobs and watches the evaluation', async () => {
    const done = okObject(await nomad.askListener('PUT', '/v1/jobs?region=global', sampleJob('ran')))
    await running('ran')
    const evaluation = await get(`evaluation/${done.EvalID}`)
    expect(okObject(evaluation)).toMatchObject({ ID: done.EvalID, Status: 'complete', JobID: 'ran' })
    expectReadHeaders(evaluation)
    expect(okList(await get(`evaluation/${done.EvalID}/allocations`))).toMatchObject([{ JobID: 'ran' }])
    expect(okList(await get(`evaluations?prefix=${String(done.EvalID).slice(0, 8)}`))).toMatchObject([
      { ID: done.EvalID },
    ])
  })

  it('status: lists jobs by prefix, and their summaries', async () => {
    ok(await nomad.askListener('PUT', '/v1/jobs', sampleJob('svcother')))
    const list = await get('jobs?prefix=svc')
    expect(okList(list).map(({ ID }) => ID)).toEqual(['svc', 'svcother'])
    expectReadHeaders(list)
    expect(ok(await get('jobs?prefix=nothing'))).toEqual([])
    expect(okObject(await get('job/svc/summary'))).toMatchObject({
      JobID: 'svc',
      Summary: { g1: { Queued: 0, Complete: 0, Failed: 0, Running: 1, Starting: 0, Lost: 0 } },
      Children: null,
    })
    expect((await get('job/nope/summary')).status).toBe(404)
  })

  it('stop: deregisters, and the evaluation completes', async () => {
    const done = okObject(await nomad.askListener('DELETE', '/v1/job/svcother?global=false&purge=false'))
    await cluster.until('the end', async () => okObject(await get(`evaluation/${done.EvalID}`)).Status === 'complete')
  })

  it('alloc-status: finds an allocation by prefix, and shows it with its job', async () => {
    const prefix = String(allocation.ID).slice(0, 8)
    expect(okList(await get(`allocations?prefix=${prefix}`))).toMatchObject([{ ID: allocation.ID }])
    expect(okList(await get(`allocations?prefix=${prefix.toUpperCase()}`))).toHaveLength(1)
    expect(okObject(await get(`allocation/${allocation.ID}`))).toMatchObject({
      ID: allocation.ID,
      Job: { ID: 'svc', TaskGroups: [{ Name: 'g1' }] },
      Resources: { CPU: 50, MemoryMB: 10, DiskMB: 300 },
      TaskResources: { t1: { CPU: 50 } },
      Metrics: { NodesEvaluated: 1, CoalescedFailures: 0 },
    })
  })

  it.each([
    ['evaluation', 'eval not found'],
    ['allocation', 'alloc not found'],
    ['node', 'node not found'],
  ])('knows no %s of a wrong id', async (what, words) => {
    for (const id of ['x', '00000000-0000-4000-8000-000000000000', 'a%27b']) {
      const answer = await get(`${what}/${id}`)
      expect([answer.status, answer.text]).toEqual([404, words])
      expectReadHeaders(answer)
    }
    expect(ok(await get(`${what}s?prefix=zz`))).toEqual([])
  })

  it('node-status and the agent', async () => {
    const [node] = okList(await get('nodes'))
    expect(okList(await get(`node/${node?.ID}/allocations`))).toContainEqual(
      expect.objectContaining({ ID: allocation.ID }),
    )
    expect(ok(await get('status/leader'))).toBe('127.0.0.1:4646')
    expect(ok(await get('status/peers'))).toEqual(['127.0.0.1:4646'])
    expect(ok(await get('regions'))).toEqual(['global'])
    expect(okObject(await get('agent/self'))).toMatchObject({ config: { Region: 'global', Datacenter: 'dc1' } })
  })

  it('138: system gc forgets finished batch jobs and no others', async () => {
    const finished = {
      Type: 'batch',
      TaskGroups: sampleJob('x').Job.TaskGroups.map((group) => ({ ...group, Count: 0 })),
    }
    const done = okObject(await nomad.askListener('PUT', '/v1/jobs', sampleJob('done', finished)))
    await cluster.until('the end', async () => okObject(await get(`evaluation/${done.EvalID}`)).Status === 'complete')
    const answer = await nomad.askListener('PUT', '/v1/system/gc')
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect((await get('job/done')).status).toBe(404)
    expect((await get('job/svc')).status).toBe(200)
  })

  it('blocks like the documented reads', async () => {
    const { index } = await get('jobs')
    const blocked = get(`jobs?index=${index}&wait=20s`)
    // A periodic job is not evaluated, so that nothing but its registration changes the list.
    const Periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: false }
    const done = okObject(await nomad.askListener('PUT', '/v1/jobs', sampleJob('news', { Type: 'batch', Periodic })))
    expect((await blocked).index).toBe(done.JobModifyIndex)
    expectRefused(await get('jobs?index=x'), 400, 'Invalid index')
  })

  it.each(['/', '/v2/job/svc', '/v1/nothing', '/graphql', '/v6/jobs/'])('serves nothing at %s', async (path) => {
    expectRefused(await nomad.askListener('GET', path), 404, '404 page not found\n')
  })
})

describe('logs and files', () => {
  const log = (query: string) => get(`client/fs/logs/${allocation.ID}?${query}`)
  const first = 'hello from stdout\n'
  const second = 'and a second, ünicode line\n'
  const whole = first + second
  const size = Buffer.byteLength(whole)
  beforeAll(async () => {
    await write(allocation.ID, 'stdout', first)
    await write(allocation.ID, 'stdout', second)
    await write(allocation.ID, 'stderr', 'oops\n')
  })

  it('logs: sends frames', async () => {
    const answer = await log('task=t1&type=stdout&follow=false&origin=start&offset=0')
    expect(answer.status).toBe(200)
    const frame: unknown = JSON.parse(answer.text)
    expect(frame).toEqual({ Data: Buffer.from(whole).toString('base64'), File: 'alloc/logs/t1.stdout.0', Offset: size })
    expect(Object.keys(Object(frame))).toEqual(['Data', 'File', 'Offset'])
  })

  it.each([
    ['', whole],
    ['&origin=end&offset=5', whole.slice(-5)],
    ['&origin=end&offset=99999', whole],
    ['&offset=18', second],
    ['&offset=99999999999', ''],
  ])('logs: sends the bytes alone: %s', async (query, text) => {
    expect((await log(`task=t1&type=stdout&plain=true${query}`)).text).toBe(text)
  })

  it('logs: sends frames of at most 64 KiB', async () => {
    ok(await nomad.ask('PUT', '/v1/job/loud', sampleJob('loud')))
    const loud = await running('loud')
    await write(loud.ID, 'stdout', 'x'.repeat(150_000))
    const { text } = await get(`client/fs/logs/${loud.ID}?task=t1&type=stdout`)
    const frames = text.split(/(?<=\})(?=\{)/).map((frame) => JSON.parse(frame) as Item)
    expect(frames.map(({ Offset }) => Offset)).toEqual([65_536, 131_072, 150_000])
  })

  it.each([
    ['type=stdout', 400, 'must provide task name'],
    ['task=t1', 400, 'must provide log type (stdout/stderr)'],
    ['task=t1&type=stdlog', 400, 'must provide log type (stdout/stderr)'],
    ['task=zzz&type=stdout', 404, 'task group "g1" does not have task with name "zzz"'],
    ['task=t1&type=stdout&origin=middle', 400, 'origin must be start or end'],
    ['task=t1&type=stdout&offset=-1', 400, /^error parsing offset/],
    ['task=t1&type=stdout&follow=maybe', 400, /follow/],
  ])('logs: refuses %s', async (query, status, words) => {
    expectRefused(await log(query), status, words)
  })

  it('refuses an unknown allocation', async () => {
    for (const what of ['fs/logs/x?task=t1&type=stdout', 'fs/cat/x?path=a', 'fs/ls/x', 'fs/stat/x?path=a'])
      expectRefused(await get(`client/${what}`), 404, 'unknown allocation ID "x"')
  })

  it('fs: walks the directory', async () => {
    const ls = (path: string) => get(`client/fs/ls/${allocation.ID}?path=${path}`)
    expect(okList(await ls('')).map(({ Name, IsDir }) => [Name, IsDir])).toEqual([
      ['alloc', true],
      ['t1', true],
    ])
    expect(okList(await ls('/alloc/logs/')).map(({ Name, Size }) => [Name, Size])).toEqual([
      ['t1.stderr.0', 5],
      ['t1.stdout.0', size],
    ])
    const stat = await get(`client/fs/stat/${allocation.ID}?path=alloc/logs/t1.stdout.0`)
    expect(Object.keys(okObject(stat))).toEqual(['Name', 'IsDir', 'Size', 'FileMode', 'ModTime'])
    expectRefused(await ls('/nothing'), 404, 'stat /nothing: no such file or directory')
    expectRefused(await ls('../../../etc'), 404, 'stat ../../../etc: no such file or directory')
  })

  it('fs: sends files, and parts of them', async () => {
    const file = (what: string, query = '') =>
      get(`client/fs/${what}/${allocation.ID}?path=alloc/logs/t1.stdout.0${query}`)
    expect((await file('cat')).text).toBe(whole)
    expect((await file('readat', '&offset=6&limit=4')).text).toBe('from')
    expectRefused(await get(`client/fs/cat/${allocation.ID}?path=alloc`), 400, 'file "alloc" is a directory')
    expectRefused(await get(`client/fs/cat/${allocation.ID}`), 400, 'must provide a file name')
  })

  it('logs: follows until the allocation ends', async () => {
    ok(await nomad.ask('PUT', '/v1/job/talk', sampleJob('talk')))
    const { ID } = await running('talk')
    await write(ID, 'stdout', 'one\n')
    const received: string[] = []
    const ended = new Promise<void>((resolve, reject) => {
      const url = `${base}/v1/client/fs/logs/${ID}?task=t1&type=stdout&follow=true`
      request(url, (response) => {
        response.on('data', (chunk) => received.push(String(chunk)))
        response.on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
    const data = () =>
      received
        .join('')
        .split(/(?<=\})(?=\{)/)
        .filter((frame) => frame !== '')
        .map((frame) => Buffer.from(String((JSON.parse(frame) as Item).Data ?? ''), 'base64').toString())
        .join('')
    await cluster.until('the first line', async () => data() === 'one\n')
    await cluster.until('a heartbeat', async () => received.includes('{}'))
    await write(ID, 'stdout', 'two\n')
    await cluster.until('the second line', async () => data() === 'one\ntwo\n')
    await updateAllocation(nomad.store, await leaseOf(ID), { clientStatus: 'failed', exitCode: 1 })
    await ended
    expect(data()).toBe('one\ntwo\n')
  })
})

/** As much of the client as is used here. */
type Client = {
  readonly ping: () => Promise<boolean>
  readonly healthCheck: () => Promise<unknown>
  readonly getClusterInfo: () => Promise<unknown>
  readonly jobs: {
    readonly create: (job: object) => Promise<Item>
    readonly update: (job: object) => Promise<Item>
    readonly get: (id: string) => Promise<Item>
    readonly list: (options?: object) => Promise<{ readonly data: readonly Item[] }>
    readonly allocations: (id: string) => Promise<readonly Item[]>
    readonly evaluations: (id: string) => Promise<readonly Item[]>
    readonly summary: (id: string) => Promise<Item>
    readonly periodicForce: (id: string) => Promise<Item>
    readonly delete: (id: string) => Promise<Item>
  }
  readonly allocations: { readonly get: (id: string) => Promise<Item> }
  readonly nodes: { readonly list: () => Promise<{ readonly data: readonly Item[] }> }
}

describe('the npm package nomad-client', () => {
  let client: Client
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-nomad-client-'))
  beforeAll(async () => {
    // The package comes as TypeScript that Node does not run inside node_modules.
    await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: join(import.meta.dirname, '../../node_modules/nomad-client/src/index.ts'),
        outDir: directory,
        rolldownOptions: { output: { entryFileNames: 'client.mjs' } },
      },
    })
    const { NomadClient } = await import(pathToFileURL(join(directory, 'client.mjs')).href)
    client = new NomadClient({ baseUrl: base })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('finds a healthy cluster', async () => {
    expect(await client.ping()).toBe(true)
    expect(await client.healthCheck()).toMatchObject({ healthy: true, leader: true, clients: 1, issues: [] })
    expect(await client.getClusterInfo()).toMatchObject({ version: '0.3.2' })
    expect((await client.nodes.list()).data).toMatchObject([{ Datacenter: 'dc1', Status: 'ready' }])
  })

  it('takes a job through its life', async () => {
    const { Job } = sampleJob('npm')
    expect(await client.jobs.create(Job)).toMatchObject({ EvalID: expect.any(String) })
    const one = await running('npm')
    expect(await client.jobs.get('npm')).toMatchObject({ ID: 'npm', Status: 'running' })
    expect((await client.jobs.list({ prefix: 'npm' })).data).toMatchObject([{ ID: 'npm' }])
    expect(await client.jobs.allocations('npm')).toMatchObject([{ ID: one.ID }])
    expect(await client.allocations.get(String(one.ID))).toMatchObject({ Job: { ID: 'npm' } })
    expect(await client.jobs.summary('npm')).toMatchObject({ Summary: { g1: { Running: 1 } } })
    await client.jobs.update({ ...Job, Meta: { by: 'npm' } })
    expect(await client.jobs.evaluations('npm')).toHaveLength(2)
    await client.jobs.delete('npm')
    await expect(client.jobs.get('npm')).rejects.toThrow('HTTP Error 404')
  })

  it('launches a periodic job', async () => {
    const Periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: false }
    await client.jobs.create(sampleJob('npm-cron', { Type: 'batch', Periodic }).Job)
    expect(await client.jobs.periodicForce('npm-cron')).toMatchObject({ EvalID: expect.any(String) })
  })
})
