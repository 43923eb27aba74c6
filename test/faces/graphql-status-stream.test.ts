import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Engine } from '#engine/engine.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { sentJob } from '../support/job-spec.ts'
import { startGateway } from '../support/process.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { run, serviceEngineOf, shell } from '../support/service-engine.ts'
import { createDatabase, onBothStores } from '../support/store.ts'

vi.setConfig({ testTimeout: 60_000 })

type Event = { kind: string; from: string | null; to: string | null }

const globalId = (type: string, id: number) => Buffer.from(`${type}:${id}`).toString('base64')

/** Reads until an event is as wanted, and returns all that was read. */
async function upTo<T>(events: AsyncIterator<T>, isWanted: (event: T) => boolean): Promise<T[]> {
  const read: T[] = []
  for (;;) {
    const next = await events.next()
    if (next.done === true) throw new Error(`the stream ended after ${JSON.stringify(read)}`)
    read.push(next.value)
    if (isWanted(next.value)) return read
  }
}

const isBookmark = ({ kind }: Event) => kind === 'BOOKMARK'

onBothStores('Streams of statuses of services', (kind) => {
  let test: GraphqlGateway
  let stage: Stage

  beforeAll(async () => {
    test = await openGraphql(kind)
    stage = await setStage(test)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('tells jobs of both families, or of one, and refuses a number under the wrong type', async () => {
    const { id: queued } = await queue(test, await registerCommand(test, 'beside', 'true'))
    await stage.register('both', instances(1))
    await stage.act()
    const { id: service } = await stage.job('both')
    const jobs = async (args: string) => {
      const events = test.events<Event & { job: { id: string } | null }>(
        'sse',
        `subscription { jobStatusChanged${args} { kind from to job { id } } }`,
      )
      const read = await upTo(events, isBookmark)
      await events.return?.()
      return read.flatMap(({ job }) => (job === null ? [] : [job.id]))
    }
    const [ofQueue, ofService] = [globalId('QueuedJob', queued), globalId('ServiceJob', service)]
    expect(await jobs('')).toEqual([ofQueue, ofService])
    expect(await jobs('(families: [QUEUED])')).toEqual([ofQueue])
    expect(await jobs('(families: [SERVICE])')).toEqual([ofService])
    for (const both of ['null', '[SERVICE, QUEUED, SERVICE]'])
      expect(await jobs(`(families: ${both})`)).toEqual([ofQueue, ofService])
    for (const none of ['families: []', 'ids: []', 'jobTypes: []', `families: [SERVICE], ids: ["${ofQueue}"]`])
      expect(await jobs(`(${none})`)).toEqual([])
    expect(await jobs(`(ids: ["${ofService}", "${ofQueue}"])`)).toEqual([ofQueue, ofService])
    for (const wrong of [globalId('QueuedJob', service), globalId('ServiceJob', queued)])
      await expect(jobs(`(ids: ["${wrong}"])`)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('tells changes of the families asked for', async () => {
    const follow = async (families: readonly string[]) => {
      const events = test.events<Event & { job: { id: string } | null }>(
        'graphql-ws',
        `subscription ($families: [JobFamily!]) {
          jobStatusChanged(families: $families, snapshot: false) { kind from to job { id } } }`,
        { families },
      )
      await upTo(events, isBookmark)
      return events
    }
    const [queued, both] = [await follow(['QUEUED']), await follow(['QUEUED', 'SERVICE'])]
    await stage.register('passed', instances(1))
    const { id: service } = await stage.job('passed')
    const { id } = await queue(test, await registerCommand(test, 'heard', 'true'))
    const told = async (events: typeof queued) => (await events.next()).value?.job?.id
    expect(await told(both)).toBe(globalId('ServiceJob', service))
    expect(await told(both)).toBe(globalId('QueuedJob', id))
    expect(await told(queued)).toBe(globalId('QueuedJob', id))
    for (const events of [queued, both]) await events.return?.()
  })

  it('tells allocations and evaluations of a job from their making on', async () => {
    await stage.register('told', instances(1))
    const { id } = await stage.job('told')
    const jobs = [globalId('ServiceJob', id)]
    const evaluations = test.events<Event>(
      'sse',
      'subscription ($jobs: [ID!]) { evaluationStatusChanged(jobs: $jobs) { kind from to evaluation { jobName } } }',
      { jobs },
    )
    expect(await upTo(evaluations, isBookmark)).toMatchObject([
      { kind: 'SNAPSHOT', to: 'PENDING', evaluation: { jobName: 'told' } },
      { evaluation: null },
    ])
    const allocations = test.events<Event>(
      'graphql-ws',
      `subscription ($jobs: [ID!]) { executionStatusChanged(jobs: $jobs) {
        kind from to execution { ... on Allocation { name } } } }`,
      { jobs },
    )
    await upTo(allocations, isBookmark)
    await stage.act()
    expect(await upTo(evaluations, ({ to }) => to === 'COMPLETE')).toMatchObject([{ from: 'PENDING' }])
    const moves = await upTo(allocations, ({ to }) => to === 'RUNNING')
    expect(moves).toMatchObject([
      { from: null, to: 'STARTING', execution: { name: 'told.g1[0]' } },
      { from: 'STARTING', to: 'RUNNING' },
    ])
    await evaluations.return?.()
    await allocations.return?.()
  })

  it('tells a summary whenever it differs, and ends once the job is gone', async () => {
    await stage.register('counted', instances(2))
    await stage.act()
    const { id } = await stage.job('counted')
    type Summary = { isEnd: boolean; index: string; taskGroups: { summary: Record<string, number> }[] }
    const events = test.events<Summary>(
      'sse',
      `subscription ($job: ID!) { serviceJobSummaryChanged(job: $job) {
        isEnd index cursor taskGroups { name summary { running complete failed starting queued lost } } } }`,
      { job: globalId('ServiceJob', id) },
    )
    const counts = ({ taskGroups }: Summary) => [taskGroups[0]?.summary.running, taskGroups[0]?.summary.failed]
    expect((await upTo(events, () => true)).map(counts)).toEqual([[2, 0]])
    await stage.report('counted.g1[1]', 'failed', 7)
    await upTo(events, (event) => counts(event).join() === '1,1')
    await test.rest('DELETE', '/v1/job/counted')
    await stage.act()
    const rest = await upTo(events, ({ isEnd }) => isEnd)
    expect(rest.at(-1)?.taskGroups).toMatchObject([{ summary: { running: 0, complete: 1, failed: 1 } }])
    expect(await events.next()).toMatchObject({ done: true })
  })

  it('leaves the list of services and its index alone when a job is queued', async () => {
    const type = await registerCommand(test, 'quiet', 'true')
    const before = await test.rest('GET', '/jobs')
    const sent = { input: {}, job_type_id: type.id }
    expect((await test.rest('POST', '/v6/jobs/', { body: sent })).status).toBe(201)
    const after = await test.rest('GET', '/jobs')
    expect(after.text).toBe(before.text)
    expect(before.headers.get('waitIndex')).toMatch(/^[1-9]/)
    expect(after.headers.get('waitIndex')).toBe(before.headers.get('waitIndex'))
  })
})

onBothStores('A service that is stopped', (kind) => {
  let test: GraphqlGateway
  let engine: Engine

  beforeAll(async () => {
    test = await openGraphql(kind)
    engine = await serviceEngineOf(test)
  })
  afterAll(async () => {
    await engine.stop(0)
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('goes from RUNNING over CANCELING to CANCELED before the eyes of a subscriber', async () => {
    const events = test.events<Event & { job: { name: string } | null }>(
      'graphql-ws',
      'subscription { jobStatusChanged { kind from to job { ... on ServiceJob { name } } } }',
    )
    await upTo(events, isBookmark)
    await run(test, 'web', [shell('sleep 600')])
    await upTo(events, ({ to }) => to === 'RUNNING')
    const stopped = await test.rest('POST', '/jobs/stop/web')
    expect(stopped.status).toBeLessThan(300)
    const moves = await upTo(events, ({ to }) => to === 'CANCELED')
    expect(moves).toMatchObject([
      { from: 'RUNNING', to: 'CANCELING', job: { name: 'web' } },
      { from: 'CANCELING', to: 'CANCELED', job: { name: 'web' } },
    ])
    await events.return?.()
  })
})

onBothStores('A gateway that is started again', (kind) => {
  it('never lowers the index of the list of services', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'jobgraph-restart-'))
    const database = kind === 'postgres' ? await createDatabase() : null
    const env = { DATA_DIR: join(directory, 'data'), ...(database === null ? {} : { DATABASE_URL: database.url }) }
    const list = async (url: string) => {
      const answer = await fetch(`${url}/jobs`)
      return { index: Number(answer.headers.get('waitIndex')), text: await answer.text() }
    }
    try {
      const first = await startGateway(env)
      const job = sentJob({ ID: 'kept', Name: 'kept', ...instances(1) })
      const put = await fetch(`${first.url}/v1/job/kept`, { method: 'PUT', body: JSON.stringify({ Job: job }) })
      expect(put.status).toBe(200)
      const before = await list(first.url)
      expect(before.index).toBeGreaterThan(0)
      expect(await first.end('SIGTERM')).toBe(0)
      const second = await startGateway(env)
      const after = await list(second.url)
      expect(after.text).toContain('"kept"')
      expect(after.index).toBeGreaterThanOrEqual(before.index)
      await second.end('SIGTERM')
    } finally {
      await database?.drop()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
