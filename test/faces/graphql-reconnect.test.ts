import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import type { Change } from '#model/change.ts'
import { encodeCursor } from '#model/cursor.ts'
import { DomainError } from '#model/error.ts'
import type { Claim } from '#model/execution.ts'
import type { JobType } from '#model/job-type.ts'
import { cancelJobs } from '#resolvers/job.ts'
import { claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { findChangesAfter } from '#store/change.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql, type Transport } from '../support/graphql.ts'

type Event = {
  readonly kind: string
  readonly cursor: string
  readonly from: string | null
  readonly to: string | null
}
/** A change of status as one line, so that long lists compare quickly. */
type Seen = string

const watch = `subscription ($after: String) {
  jobStatusChanged(after: $after) { kind cursor from to }
}`

/** Changes of status that the writers make; a nightly run asks for more. */
const wanted = Number(process.env.RECONNECT_CHANGES ?? 2_000)
const seed = Number(process.env.RECONNECT_SEED ?? 20_261_126)
const timeoutMs = 60_000 + wanted * 40

describe.each([
  ['graphql-ws', 50, wanted],
  ['sse', 5, Math.min(wanted, 300)],
] as const)('Reconnecting subscribers over %s', (transport, subscribers, count) => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('postgres')
  })
  afterAll(() => test.close())

  it(
    'see each change once and in order under concurrent writers',
    async () => {
      const type = await registerCommand(test, 'storm', 'true')
      const start = await test.data<{ changeIndex: { cursor: string; value: string } }>(
        '{ changeIndex { cursor value } }',
      )
      let enough = Number.POSITIVE_INFINITY
      const reading = Array.from({ length: subscribers }, (_, place) =>
        follow(test, transport, start.changeIndex.cursor, stays(seed + place, count / 4), () => enough),
      )
      await storm(test, type, count)
      // One more change, which every subscriber must reach, closes the run.
      const from = Number(start.changeIndex.value)
      enough = (await committed(test, from)).length + 1
      await queue(test, type)
      const told = await committed(test, from)
      expect(told.length).toBeGreaterThanOrEqual(count)
      for (const { seen, visits } of await Promise.all(reading)) {
        expect(seen).toEqual(told)
        expect(visits).toBeGreaterThanOrEqual(4)
      }
      expect(test.bugs).toEqual([])
    },
    timeoutMs,
  )
})

/** A cursor names one change of the log, and no other. */
function lineOf(cursor: string, from: string | null, to: string | null): Seen {
  return `${cursor} ${from} ${to}`
}

/** What the log itself says that must have been told. */
async function committed(test: GraphqlGateway, start: number): Promise<Seen[]> {
  const changes: Change[] = []
  let position = { index: start, ordinal: 2 ** 31 - 1 }
  for (;;) {
    const batch = await findChangesAfter(test.store.db, position, 1_000)
    const last = batch.at(-1)
    if (last === undefined) break
    changes.push(...batch)
    position = { index: last.index, ordinal: last.ordinal }
  }
  return changes
    .filter(({ kind }) => kind === 'JOB')
    .map(({ index, ordinal, from, to }) => lineOf(encodeCursor(test.store.id, { index, ordinal }), from, to))
}

/**
 * Writers at once: some queue, some claim and complete, one cancels what is queued now and then. Of a job
 * come three changes of status (queued, running, completed), of one in ten perhaps two (queued, canceled).
 */
async function storm(test: GraphqlGateway, type: JobType, count: number): Promise<void> {
  const jobs = Math.ceil(count / 2.8)
  let queued = 0
  let isQueued = false
  const queuers = Array.from({ length: 4 }, async () => {
    while (queued < jobs) {
      queued += 1
      const { id } = await queue(test, type)
      if (id % 10 === 0) await cancelJobs(test.context(), { ids: [id] })
    }
  })
  const workers = Array.from({ length: 3 }, async (_, place) => {
    const worker = await registerWorker(test.context(), { name: `w${place}`, hostname: `h${place}.test` })
    for (;;) {
      const wasQueued = isQueued
      const claims = await claimJobs(test.context(), worker.id, 20)
      for (const claim of claims) await complete(test, claim)
      if (claims.length === 0 && wasQueued) return
    }
  })
  await Promise.all(queuers)
  isQueued = true
  await Promise.all(workers)
}

/** Reports success, unless the job was canceled while it ran. */
async function complete(test: GraphqlGateway, claim: Claim): Promise<void> {
  try {
    await reportOutcome(test.context(), claim, { kind: 'COMPLETED', exitCode: 0, output: {}, taskResults: null })
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'STALE_LEASE') throw error
  }
}

/** Follows all jobs until enough changes are seen, leaves at random, and resumes after the cursor of what it handled. */
async function follow(
  test: GraphqlGateway,
  transport: Transport,
  start: string,
  stay: () => number,
  enough: () => number,
): Promise<{ readonly seen: Seen[]; readonly visits: number }> {
  const seen: Seen[] = []
  const visit = transport === 'sse' ? visitBySse : visitBySocket
  let after = start
  let visits = 0
  const isComplete = () => seen.length >= enough()
  while (!isComplete()) {
    let left = stay()
    visits += 1
    await visit(test, after, (event) => {
      after = event.cursor
      if (event.kind === 'CHANGE') seen.push(lineOf(event.cursor, event.from, event.to))
      left -= 1
      return left > 0 && !isComplete()
    })
  }
  return { seen, visits }
}

/** Hands on events for as long as `handle` asks for more. */
type Visit = (test: GraphqlGateway, after: string, handle: (event: Event) => boolean) => Promise<void>

const visitBySse: Visit = async (test, after, handle) => {
  for await (const event of test.events<Event>('sse', watch, { after })) if (!handle(event)) return
}

/** A socket that is cut without a word: what is on its way then is lost, and must be told again. */
const visitBySocket: Visit = async (test, after, handle) => {
  const socket = new WebSocket(test.url.replace('http', 'ws'), 'graphql-transport-ws')
  const closed = once(socket, 'close')
  let isOver = false
  socket.once('open', () => socket.send('{"type":"connection_init"}'))
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data))
    if (type === 'connection_ack')
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: watch, variables: { after } } }))
    if (isOver || type !== 'next') return
    isOver = !handle(payload.data.jobStatusChanged)
    if (isOver) socket.terminate()
  })
  await closed
  expect(isOver).toBe(true)
}

/** How many events to stay for, up to `most`: the same numbers in every run (the generator Mulberry32). */
function stays(start: number, most: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return 1 + Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * most)
  }
}
