import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

type Change = {
  readonly index: string
  readonly kind: string
  readonly from: string | null
  readonly to: string | null
}
type History = {
  readonly totalCount: number
  readonly edges: readonly { readonly cursor: string; readonly node: Change }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean }
}
type Jobs = { readonly jobs: { readonly edges: readonly { readonly node: { readonly history: History } }[] } }

const fields = `totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor node {
  index at kind from to job { id status } execution { number status } evaluation { status triggeredBy }
} }`

onBothStores('The history of jobs', (kind) => {
  let test: GraphqlGateway
  const jobCount = 100

  beforeAll(async () => {
    test = await openGraphql(kind)
    const type = await registerCommand(test, 'one', 'true')
    for (let made = 0; made < jobCount; made += 1) await queue(test, type)
    const ctx = test.context()
    const worker = await registerWorker(ctx, { name: 'history', hostname: 'history.test' })
    const done = { kind: 'COMPLETED', exitCode: 0, output: { files: {}, json: {} }, taskResults: null } as const
    for (const claim of await claimJobs(ctx, worker.id, jobCount)) await reportOutcome(ctx, claim, done)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const ofFirst = async (args: string): Promise<History | undefined> => {
    const data = await test.data<Jobs>(`{ jobs(first: 1) { edges { node { history${args} { ${fields} } } } } }`)
    return data.jobs.edges[0]?.node.history
  }

  it('tells each move of a queued job and of its execution, newest first', async () => {
    const history = await ofFirst('')
    expect(history?.totalCount).toBe(5)
    expect(history?.edges.map(({ node }) => `${node.kind} ${node.from} ${node.to}`).toSorted()).toEqual([
      'EXECUTION RUNNING COMPLETED',
      'EXECUTION null RUNNING',
      'JOB QUEUED RUNNING',
      'JOB RUNNING COMPLETED',
      'JOB null QUEUED',
    ])
    const indexes = history?.edges.map(({ node }) => Number(node.index)) ?? []
    expect(indexes).toEqual(indexes.toSorted((a, b) => b - a))
    for (const { node } of history?.edges ?? [])
      expect(node).toMatchObject({
        job: { status: 'COMPLETED' },
        execution: node.kind === 'EXECUTION' ? { number: 1, status: 'COMPLETED' } : null,
        evaluation: null,
      })
  })

  it('pages both ways, also between changes that share an index', async () => {
    const whole = (await ofFirst(''))?.edges ?? []
    for (const [place, { cursor }] of whole.entries()) {
      const after = await ofFirst(`(first: 1, after: "${cursor}")`)
      expect(after?.edges).toEqual(whole.slice(place + 1, place + 2))
      expect(after?.pageInfo).toEqual({ hasNextPage: place + 2 < whole.length, hasPreviousPage: true })
      const before = await ofFirst(`(last: 1, before: "${cursor}")`)
      expect(before?.edges).toEqual(whole.slice(Math.max(0, place - 1), place))
    }
  })

  it('costs the same number of statements for 10 jobs and for 100', async () => {
    const cost = async (first: number) => {
      const query = `{ jobs(first: ${first}) { edges { node { history(first: 5) { ${fields} } } } } }`
      test.statements.length = 0
      const { jobs } = await test.data<Jobs>(query)
      expect(jobs.edges.map(({ node }) => node.history.edges.length)).toEqual(Array(first).fill(5))
      return test.statements.filter((sql) => !/from "change_index"|from "change"/.test(sql)).length
    }
    expect(await cost(jobCount)).toBe(await cost(10))
  })

  it('tells evaluations and allocations of a service job', async () => {
    const stage = await setStage(test)
    await stage.register('web')
    await stage.act()
    const { serviceJob } = await test.data<{ serviceJob: { history: History } }>(
      `{ serviceJob(name: "web") { history { ${fields} } } }`,
    )
    const told = serviceJob.history.edges.map(({ node }) => node)
    expect(told).toContainEqual(
      expect.objectContaining({
        kind: 'EVALUATION',
        to: 'COMPLETE',
        evaluation: expect.objectContaining({ status: 'COMPLETE' }),
      }),
    )
    expect(told).toContainEqual(expect.objectContaining({ kind: 'EXECUTION', to: 'RUNNING' }))
    expect(told.at(-1)).toMatchObject({ kind: expect.stringMatching(/JOB|EVALUATION/) })
  })

  it.each(['WyJoaXN0b3J5IiwxLC0xXQ', 'WyJoaXN0b3J5IiwxLDIxNDc0ODM2NDhd', 'WyJqb2JzIiwxXQ'])(
    'refuses the cursor %s',
    async (after) => {
      const answer = await test.ask(
        `{ jobs(first: 1) { edges { node { history(after: "${after}") { totalCount } } } } }`,
      )
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    },
  )
})
