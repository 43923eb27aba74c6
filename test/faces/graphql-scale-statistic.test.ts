import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerJobError } from '#resolvers/reference.ts'
import { listJobTypeStatuses } from '#resolvers/statistic.ts'
import { at, failed, handWorker } from '../documents/scale-jobs.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { nodesOf, renamed, rowsAt, type Twins, twinsOf } from './twin.ts'

onBothStores('counts in the graph and in the Scale v6 documents', (kind) => {
  let test: GraphqlGateway
  let twins: Twins

  beforeAll(async () => {
    test = await openGraphql(kind)
    twins = twinsOf(test)
    const alpha = await registerCommand(test, 'alpha', 'true')
    await registerCommand(test, 'beta', 'true')
    await registerJobError(test.context(), { name: 'disk-full', category: 'SYSTEM' })
    const worker = await handWorker(test)
    await queue(test, alpha)
    await worker.end(await worker.claim(), failed('disk-full'))
    await queue(test, alpha)
    await worker.claim()
    await twins.mutate(
      'queueJob(input: { jobType: $jobType, isPending: true })',
      'job { id }',
      { jobType: Buffer.from(`JobType:${alpha.id}`).toString('base64') },
      '($jobType: ID!)',
    )
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('counts the jobs of each type by status', async () => {
    const graph = await twins.list(
      'jobTypeStatuses',
      'jobType { number } counts { status count mostRecentAt category }',
    )
    const page = await twins.rest('/v6/job-types/status/')
    expect(at(graph, 'totalCount')).toBe(at(page, 'count'))
    const named = { status: 'status', count: 'count', category: 'category', mostRecentAt: 'most_recent' }
    const expected = rowsAt(page, 'results').map((row) => ({
      jobType: { number: at(row, 'job_type', 'id') },
      counts: rowsAt(row, 'job_counts').map((count) => renamed(count, named)),
    }))
    expect(expected.flatMap(({ counts }) => counts.map(({ status }) => status)).toSorted()).toEqual([
      'FAILED',
      'PENDING',
      'RUNNING',
    ])
    expect(nodesOf(graph)).toEqual(expected)
    expect(nodesOf(await twins.list('jobTypeStatuses(isActive: false)', 'jobType { number }'))).toEqual([])
  })

  it('reaches three hours back where no start is named', async () => {
    const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString()
    const statuses = async (from: string) => {
      const graph = await twins.list(`jobTypeStatuses(statusChanged: { from: "${from}" })`, 'counts { status }')
      return nodesOf(graph).flatMap((row) => rowsAt(row, 'counts').map((count) => at(count, 'status')))
    }
    // Running jobs count whatever the span.
    expect(await statuses(hours(1))).toEqual(['RUNNING'])
    const reversed = `{ from: "${hours(1)}", to: "${hours(0)}" }`
    const { errors } = await test.ask(`{ jobTypeStatuses(statusChanged: ${reversed}) { totalCount } }`)
    expect(errors.map(({ extensions }) => extensions?.inputPath)).toEqual([['statusChanged']])
    const statusesAt = async (now: string) => {
      const later = { ...test.context(), now: () => new Date(now) }
      const found = await listJobTypeStatuses(later, { from: null, to: null }, { offset: 0, limit: 10 })
      return found.rows.flatMap(({ counts }) => counts.map(({ status }) => status)).toSorted()
    }
    expect(await statusesAt(hours(2.9))).toEqual(['FAILED', 'PENDING', 'RUNNING'])
    expect(await statusesAt(hours(3.1))).toEqual(['RUNNING'])
  })

  it.each(['pending', 'running'])('lists job types by how long their jobs are %s', async (status) => {
    const graph = await twins.list(`${status}JobTypes`, 'jobType { number } count longestSince')
    const rows = rowsAt(await twins.rest(`/v6/job-types/${status}/`), 'results')
    expect(rows).toHaveLength(1)
    expect(nodesOf(graph)).toEqual(
      rows.map((row) => ({
        jobType: { number: at(row, 'job_type', 'id') },
        ...renamed(row, { count: 'count', longestSince: `longest_${status}` }),
      })),
    )
  })

  it('lists failures of the system', async () => {
    const graph = await twins.list('systemFailures', 'jobType { number } error { name } count firstAt lastAt')
    const rows = rowsAt(await twins.rest('/v6/job-types/system-failures/'), 'results')
    expect(rows).toMatchObject([{ error: { name: 'disk-full' }, count: 1 }])
    expect(nodesOf(graph)).toEqual(
      rows.map((row) => ({
        jobType: { number: at(row, 'job_type', 'id') },
        error: { name: at(row, 'error', 'name') },
        ...renamed(row, { count: 'count', firstAt: 'first_error', lastAt: 'last_error' }),
      })),
    )
  })
})
