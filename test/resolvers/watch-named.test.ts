import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Change, endOf, isAfter, type Position } from '#model/change.ts'
import type { Job } from '#model/job.ts'
import type { JobType } from '#model/job-type.ts'
import type { JobStatus } from '#model/status.ts'
import { type JobWatch, watchExecutions, watchJobs } from '#resolvers/status-watch.ts'
import { findChangesAfter, findLogHead, recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/wait.ts'

describe('Watching what is named', () => {
  let test: TestGateway
  let types: JobType[]
  let jobs: Job[]

  beforeAll(async () => {
    test = await openTestGateway('postgres')
    types = [await registerCommand(test, 'one', 'true'), await registerCommand(test, 'two', 'true')]
    jobs = []
    for (const type of types) for (let made = 0; made < 5; made += 1) jobs.push(await queue(test, type))
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  function move({ id, jobTypeId }: Pick<Job, 'id' | 'jobTypeId'>, from: JobStatus, to: JobStatus) {
    return { kind: 'JOB' as const, entityId: id, jobId: id, jobTypeId, from, to }
  }

  const record = (changes: Parameters<typeof recordChanges>[1]) =>
    writing(test.store, (tx) => recordChanges(tx, changes))

  it('sleeps through the changes of others, and tells how far it has come', async () => {
    const [own, other] = jobs
    if (own === undefined || other === undefined) throw new Error('there are jobs')
    const { feed } = test.store
    let looks = 0
    const recentAfter = feed.recentAfter.bind(feed)
    feed.recentAfter = (position) => {
      looks += 1
      return recentAfter(position)
    }
    const pace = { bookmarkMs: 500, bookmarkChanges: 5 }
    const stream = watchJobs(test.context(), { after: null, snapshot: false, ids: [own.id], pace })
    expect((await stream.next()).value).toMatchObject({ kind: 'BOOKMARK' })
    const bookmark = stream.next()
    await until('it to sleep', () => looks > 0)
    looks = 0
    let index = 0
    for (let made = 0; made < 20; made += 1) index = await record([move(other, 'QUEUED', 'RUNNING')])
    await until('the feed to have read them', () => feed.head.index === index)
    expect((await bookmark).value).toMatchObject({ kind: 'BOOKMARK', position: feed.head })
    // Once, when its time had come.
    expect(looks).toBeLessThanOrEqual(1)
    const told = stream.next()
    await record([move(other, 'RUNNING', 'QUEUED'), move(own, 'QUEUED', 'RUNNING')])
    expect((await told).value).toMatchObject({ kind: 'CHANGE', position: { index: index + 1, ordinal: 1 } })
    await stream.return()
    feed.recentAfter = recentAfter
  })

  it('ends with the feed while it sleeps', async () => {
    const own = await openTestGateway('postgres')
    const type = await registerCommand(own, 'own', 'true')
    const job = await queue(own, type)
    const stream = watchExecutions(own.context(), { after: null, snapshot: false, jobIds: [job.id] })
    expect((await stream.next()).value).toMatchObject({ kind: 'BOOKMARK' })
    const end = stream.next()
    await own.store.feed.stop()
    expect(await end).toEqual({ done: true, value: undefined })
    await own.close()
  })

  it.each([1, 2, 3])('tells each change once and in order, wherever it is resumed (seed %i)', async (seed) => {
    const random = numbers(seed)
    const { index: start } = await findLogHead(test.store.db)
    const pick = () => jobs[random(jobs.length)] ?? jobs[0]
    const watches: JobWatch[] = [
      ...jobs.slice(0, 4).map(({ id }) => ({ ids: [id] })),
      { ids: jobs.filter((_job, place) => place % 2 === 0).map(({ id }) => id) },
      ...types.map(({ id }) => ({ jobTypeIds: [id] })),
      {},
    ].map((named) => ({ ...named, after: endOf(start), snapshot: false, pace: { bookmarkMs: 1, bookmarkChanges: 7 } }))
    let isWritten = false
    const readers = watches.map((watch, place) => follow(watch, numbers(seed * 100 + place), () => isWritten))
    for (let round = 0; round < 150; round += 1) {
      const changes = Array.from({ length: 1 + random(4) }, () => {
        const job = pick()
        if (job === undefined) throw new Error('there are jobs')
        return move(job, 'QUEUED', 'RUNNING')
      })
      await record(changes)
    }
    // The last change is everyone's, so that each reader has an end to come to.
    await record(jobs.map((job) => move(job, 'RUNNING', 'CANCELED')))
    isWritten = true
    const all = await findChangesAfter(test.store.db, endOf(start), 10_000)
    for (const [place, reader] of readers.entries()) {
      const { ids, jobTypeIds } = watches[place] ?? {}
      const meant = all.filter(
        ({ entityId, jobTypeId }) =>
          (ids === undefined || ids.includes(entityId)) &&
          (jobTypeIds === undefined || jobTypeIds.includes(jobTypeId ?? 0)),
      )
      expect(meant.length).toBeGreaterThan(10)
      expect(await reader).toEqual(meant.map(lineOf))
    }
  })

  /** Follows until the last change is told, leaving at random and resuming after the event that came last. */
  async function follow(watch: JobWatch, random: (below: number) => number, isWritten: () => boolean) {
    const seen: string[] = []
    const last = watch.ids?.length ?? (watch.jobTypeIds === undefined ? jobs.length : 5)
    let after: Position = watch.after ?? endOf(0)
    let ends = 0
    while (ends < last) {
      const stream = watchJobs(test.context(), { ...watch, after })
      for (let left = 1 + random(20); left > 0 && ends < last; left -= 1) {
        const { value } = await stream.next()
        if (value === undefined || value.kind === 'GAP' || value.kind === 'SNAPSHOT') throw new Error('it ended')
        expect(isAfter(value.position, after)).toBe(true)
        after = value.position
        if (value.kind !== 'CHANGE') continue
        seen.push(lineOf(value.change))
        if (value.change.to === 'CANCELED') ends += 1
      }
      await stream.return()
    }
    await until('the writer to be done', isWritten)
    return seen
  }
})

function lineOf({ index, ordinal, entityId }: Change): string {
  return `${index}.${ordinal} ${entityId}`
}

/** Whole numbers from 0 up to, not with, a bound; the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
