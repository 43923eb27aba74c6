import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { appendLog, claimJobs, registerWorker } from '#resolvers/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

type Event = { kind: string; cursor: string; job: { number: number; type: { title: string } } | null }
type Variables = Readonly<Record<string, unknown>>

const watch = `subscription ($types: [ID!], $families: [JobFamily!], $after: String, $named: Boolean = true) {
  jobStatusChanged(jobTypes: $types, families: $families, after: $after, snapshot: false) {
    kind cursor job { ... on QueuedJob { number } ... @include(if: $named) { type { title } } }
  }
}`

onBothStores('Equal subscriptions', (kind) => {
  let test: GraphqlGateway
  let type: JobType
  beforeAll(async () => {
    test = await openGraphql(kind)
    type = await registerCommand(test, 'shared', 'true')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  /** Subscribes with each of these variables, and waits until all follow. */
  async function follow(sets: readonly Variables[]) {
    const streams = sets.map((variables) => test.events<Event>('graphql-ws', watch, variables))
    const next = () =>
      Promise.all(
        streams.map(async (stream) => {
          const { value, done } = await stream.next()
          if (done === true) throw new Error('the stream ended')
          return value
        }),
      )
    const cursors = (await next()).map(({ cursor }) => cursor)
    const leave = () => Promise.all(streams.map((stream) => stream.return?.()))
    return { next, leave, cursors }
  }

  /** Reads of job rows that one change causes among such subscribers, and what they are told. */
  async function readsFor(sets: readonly Variables[]) {
    const { next, leave } = await follow(sets)
    const told = next()
    test.statements.length = 0
    const job = await queue(test, type)
    const events = await told
    const reads = test.statements.filter((sql) => /^select .* from "job" /s.test(sql)).length
    await leave()
    expect(events.map((event) => event.job?.number)).toEqual(sets.map(() => job.id))
    return { reads, events }
  }

  it('share one execution of a change, however many they are', async () => {
    const two = await readsFor([{}, {}])
    const fifty = await readsFor(Array.from({ length: 50 }, () => ({})))
    expect(two.reads).toBeGreaterThan(0)
    expect(fifty.reads).toBe(two.reads)
    expect(new Set(fifty.events.map((event) => JSON.stringify(event))).size).toBe(1)
    const ofFamily = await readsFor(Array.from({ length: 20 }, () => ({ families: ['QUEUED'] })))
    expect(ofFamily.reads).toBe(two.reads)
  })

  it('do not share where a variable differs', async () => {
    const one = await readsFor([{}])
    const both = await readsFor([{ named: true }, { named: false }])
    // Queueing reads rows too.
    const { reads: own } = await readsFor([])
    expect(one.reads).toBe(own + 1)
    expect(both.reads).toBe(own + 2)
    const [named, bare] = both.events
    expect(named?.job).toHaveProperty('type.title')
    expect(bare?.job).not.toHaveProperty('type')
  })

  it('share where they only started elsewhere', async () => {
    const { cursors, leave } = await follow([{}])
    const passed = await queue(test, type)
    await leave()
    const [after] = cursors
    const late = test.events<Event>('graphql-ws', watch, { after })
    const early = await follow([{}])
    expect((await late.next()).value).toMatchObject({ job: { number: passed.id } })
    const one = await readsFor([{}])
    const told = early.next()
    const lateTold = late.next()
    await told
    await lateTold
    test.statements.length = 0
    const again = Promise.all([early.next(), late.next()])
    const job = await queue(test, type)
    const [[first], { value: second }] = await again
    expect(first).toEqual(second)
    expect(first?.job?.number).toBe(job.id)
    expect(test.statements.filter((sql) => /^select .* from "job" /s.test(sql))).toHaveLength(one.reads)
    await late.return?.()
    await early.leave()
  })

  it('are told of a row as it stands now, however long ago another was told', async () => {
    const { cursors, leave, next } = await follow([{}])
    const job = await queue(test, type)
    const [first] = await next()
    await leave()
    const [after] = cursors
    const title = `${first?.job?.type.title} anew`
    await test.rest('PATCH', `/v6/job-types/${type.name}/${type.version}/`, { body: { title } })
    const stream = test.events<Event>('graphql-ws', watch, { after })
    const { value } = await stream.next()
    await stream.return?.()
    expect(value).toMatchObject({ job: { number: job.id } })
    const { data } = await test.ask(`{ jobTypes(first: 1) { edges { node { title } } } }`)
    expect(data).toMatchObject({ jobTypes: { edges: [{ node: { title: value.job?.type.title } }] } })
  })

  it('are told what takes no index as it is now, though the log has not grown since', async () => {
    const counting = `subscription ($after: String) {
      jobStatusChanged(after: $after, snapshot: false) {
        cursor to job { latestExecution { logStreams { lineCount } } }
      }
    }`
    type Counted = { cursor: string; to: string; job: { latestExecution: { logStreams: { lineCount: number }[] } } }
    const first = async (after: string) => {
      const stream = test.events<Counted>('graphql-ws', counting, { after })
      const { value } = await stream.next()
      await stream.return?.()
      return value as Counted
    }
    await queue(test, type)
    const { changeIndex } = await test.data<{ changeIndex: { cursor: string } }>('{ changeIndex { cursor } }')
    const worker = await registerWorker(test.context(), { name: 'w', hostname: 'w.test' })
    const [claim] = await claimJobs(test.context(), worker.id, 1)
    if (claim === undefined) throw new Error('nothing was claimed')
    const streamsOf = async () => (await first(changeIndex.cursor)).job.latestExecution.logStreams
    expect(await streamsOf()).toEqual([])
    const line = { stream: 'stdout', at: '2026-03-04T05:06:07Z', bytes: Buffer.from('hello\n') }
    await appendLog(test.context(), claim, [line])
    await until('the line to be counted', async () => (await streamsOf()).length > 0)
    expect(await streamsOf()).toEqual([{ lineCount: 1 }])
  })
})
