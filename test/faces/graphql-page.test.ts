import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

type Page = {
  jobs: {
    totalCount?: number
    edges: { cursor: string; node: { number: number } }[]
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
  }
}

onBothStores('Pages of the graph', (kind) => {
  let test: GraphqlGateway
  const jobCount = 110

  beforeAll(async () => {
    test = await openGraphql(kind)
    const types = [await registerCommand(test, 'one', 'true'), await registerCommand(test, 'two', 'true')]
    for (let made = 0; made < jobCount; made += 1) {
      const type = types[made % 2]
      if (type !== undefined) await queue(test, type)
    }
    await runSome(test, 105)
  })
  afterAll(() => test.close())

  const rich = (first: number) => `{
    jobs(first: ${first}, filter: { statuses: [COMPLETED] }) {
      totalCount
      edges { node {
        id status
        type { name } revision { number } error { name } computeNode { hostname }
        latestExecution { number status jobType { version } computeNode { hostname } logStreams { name } }
        executions(first: 3) { totalCount edges { node { number error { name } } } }
        ... on QueuedJob { event { type } inputFiles { file { fileName } } batch { title } recipe { id } }
      } }
    }
  }`

  it('costs the same number of statements for 10 jobs and for 100', async () => {
    const cost = async (first: number) => {
      test.statements.length = 0
      const { jobs } = await test.data<{ jobs: { edges: unknown[] } }>(rich(first))
      expect(jobs.edges).toHaveLength(first)
      return test.statements.filter((sql) => !/change_index|from "change"/.test(sql)).length
    }
    const ten = await cost(10)
    expect(await cost(100)).toBe(ten)
    expect(ten).toBeLessThanOrEqual(14)
  })

  it('counts the whole list only when asked', async () => {
    test.statements.length = 0
    await test.data('{ jobs(first: 1) { edges { cursor } } }')
    expect(test.statements.filter((sql) => /sum\(|count\(/.test(sql))).toEqual([])
    const { jobs } = await test.data<Page>('{ jobs(first: 1) { totalCount } }')
    expect(jobs.totalCount).toBe(jobCount)
    const { jobs: running } = await test.data<Page>(
      '{ jobs(first: 0, filter: { statuses: [COMPLETED] }) { totalCount edges { cursor } } }',
    )
    expect(running).toEqual({ totalCount: 105, edges: [] })
  })

  it.each(['ASC', 'DESC'])('visits every job once while jobs are being added, %s', async (direction) => {
    const type = await registerCommand(test, `added-${direction.toLowerCase()}`, 'true')
    const before = await numbers()
    const seen: number[] = []
    let after: string | null = null
    do {
      const page: Page = await test.data<Page>(
        `query ($after: String) { jobs(first: 7, after: $after, orderBy: { field: CREATED, direction: ${direction} }) {
          edges { cursor node { ... on QueuedJob { number } } } pageInfo { hasNextPage endCursor }
        } }`,
        { after },
      )
      seen.push(...page.jobs.edges.map(({ node }) => node.number))
      after = page.jobs.pageInfo.hasNextPage ? page.jobs.pageInfo.endCursor : null
      if (seen.length < 60) await queue(test, type)
    } while (after !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual([...seen].sort((a, b) => (direction === 'ASC' ? a - b : b - a)))
    expect(seen).toEqual(expect.arrayContaining(before))
  })

  async function numbers(): Promise<number[]> {
    const { jobs } = await test.data<Page>('{ jobs(first: 1000) { edges { node { ... on QueuedJob { number } } } } }')
    return jobs.edges.map(({ node }) => node.number)
  }

  it('walks back with last and before as it walks forth, in either order', async () => {
    for (const order of ['{ field: CREATED, direction: ASC }', '{ field: MODIFIED, direction: DESC }']) {
      const forth = await walk(`first: 40, orderBy: ${order}`, 'after', 'endCursor', 'hasNextPage')
      const back = await walk(`last: 33, orderBy: ${order}`, 'before', 'startCursor', 'hasPreviousPage')
      expect(back.flat()).toHaveLength(forth.flat().length)
      expect(back.reverse().flat()).toEqual(forth.flat())
    }
  })

  async function walk(
    args: string,
    argument: string,
    cursor: 'endCursor' | 'startCursor',
    more: 'hasNextPage' | 'hasPreviousPage',
  ): Promise<number[][]> {
    const pages: number[][] = []
    let place: string | null = null
    do {
      const { jobs }: Page = await test.data<Page>(
        `query ($place: String) { jobs(${args}, ${argument}: $place) {
          edges { node { ... on QueuedJob { number } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } }`,
        { place },
      )
      pages.push(jobs.edges.map(({ node }) => node.number))
      place = jobs.pageInfo[more] ? jobs.pageInfo[cursor] : null
    } while (place !== null)
    return pages
  }

  it('cuts executions, job types, workspaces and files by key too', async () => {
    const { jobs } = await test.data<{ jobs: { edges: { node: { executions: object } }[] } }>(
      `{ jobs(first: 1, filter: { statuses: [COMPLETED] }) { edges { node { executions(last: 1) {
        totalCount edges { node { number } } pageInfo { hasPreviousPage hasNextPage }
      } } } } }`,
    )
    expect(jobs.edges[0]?.node.executions).toMatchObject({ totalCount: 1, edges: [{ node: { number: 1 } }] })
    const first = await test.data<{
      jobTypes: { edges: { cursor: string; node: { name: string } }[]; totalCount: number }
    }>('{ jobTypes(first: 1, filter: { names: ["one", "two"] }) { totalCount edges { cursor node { name } } } }')
    expect(first.jobTypes).toMatchObject({ totalCount: 2, edges: [{ node: { name: 'one' } }] })
    const second = await test.data(
      'query ($after: String) { jobTypes(first: 1, after: $after, filter: { names: ["one", "two"] }) { edges { node { name } } pageInfo { hasNextPage } } }',
      { after: first.jobTypes.edges[0]?.cursor },
    )
    expect(second).toEqual({
      jobTypes: { edges: [{ node: { name: 'two' } }], pageInfo: { hasNextPage: false } },
    })
    for (const name of ['b', 'a', 'c'])
      await test.data(`mutation { registerWorkspace(input: { name: "${name}" }) { __typename } }`)
    const spaces = await test.data<{ workspaces: { edges: { cursor: string }[] } }>(
      '{ workspaces(first: 2) { totalCount edges { cursor node { name } } } files { totalCount } }',
    )
    expect(spaces).toMatchObject({
      workspaces: { totalCount: 3, edges: [{ node: { name: 'a' } }, { node: { name: 'b' } }] },
      files: { totalCount: 0 },
    })
    expect(
      await test.data('query ($c: String) { workspaces(last: 5, before: $c) { edges { node { name } } } }', {
        c: spaces.workspaces.edges[1]?.cursor,
      }),
    ).toEqual({ workspaces: { edges: [{ node: { name: 'a' } }] } })
  })

  it.each([
    ['first: 1001', 'first must be between 0 and 1000'],
    ['first: -1', 'first must be between 0 and 1000'],
    ['last: 1001', 'last must be between 0 and 1000'],
    ['first: 1, last: 1', 'first or last'],
    ['after: "garbage"', 'cursor'],
    ['after: "WyJqb2JzIiwiMSJd"', 'cursor'],
    ['before: "WyJsaW5lcyIsMV0"', 'cursor'],
    ['after: "WyJqb2JzIiwxXQ", orderBy: { field: MODIFIED }', 'cursor'],
    ['after: "WyJqb2JzIiwxLDJd"', 'cursor'],
    ['after: "WyJqb2JzIiw5MDA3MTk5MjU0NzQwOTkzXQ"', 'cursor'],
    ['filter: { ids: ["Sm9iVHlwZTox"] }', 'QueuedJob'],
    ['filter: { ids: ["UXVldWVkSm9iOjk5OTk5OTk5OTk5OTk5OTk5OTk="] }', 'QueuedJob'],
  ])('refuses jobs(%s)', async (args, message) => {
    const answer = await test.ask(`{ jobs(${args}) { edges { cursor } } }`)
    expect(answer.errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT' } },
    ])
    expect(test.bugs).toEqual([])
  })
})

/** Claims and completes jobs as a worker does. */
async function runSome(test: GraphqlGateway, count: number): Promise<void> {
  const ctx = test.context()
  const worker = await registerWorker(ctx, { name: 'pages', hostname: 'pages.test' })
  for (const claim of await claimJobs(ctx, worker.id, count))
    await reportOutcome(ctx, claim, {
      kind: 'COMPLETED',
      exitCode: 0,
      output: { files: {}, json: {} },
      taskResults: null,
    })
}
