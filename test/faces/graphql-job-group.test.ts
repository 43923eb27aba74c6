import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { queueJob } from '#resolvers/job.ts'
import { registerBatch, registerRecipe, registerRecipeType } from '#resolvers/reference.ts'
import { launchDueJob } from '#store/service-launch.ts'
import { registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { bigNode, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

type Page = {
  totalCount: number
  edges: { cursor: string; node: Readonly<Record<string, unknown>> }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

onBothStores('From what jobs share to the jobs', (kind) => {
  let test: GraphqlGateway
  let alpha: JobType
  const made: Record<'type' | 'batch' | 'recipe' | 'periodic', string[]> = {
    type: [],
    batch: [],
    recipe: [],
    periodic: [],
  }
  const id = (typename: string, number: number) => Buffer.from(`${typename}:${number}`).toString('base64')
  const parents: Record<keyof typeof made, string> = { type: '', batch: '', recipe: '', periodic: '' }

  beforeAll(async () => {
    test = await openGraphql(kind)
    const ctx = () => test.context()
    alpha = await registerCommand(test, 'alpha', 'true')
    const beta = await registerCommand(test, 'beta', 'true')
    const { id: batchId } = await registerBatch(ctx(), { title: 'Night' })
    await registerRecipeType(ctx(), {
      name: 'chain',
      jobTypes: [
        { name: 'beta', version: '1.0.0' },
        { name: 'alpha', version: '1.0.0' },
      ],
    })
    const { id: recipeId } = await registerRecipe(ctx(), 'chain')
    for (let at = 0; at < 7; at += 1) {
      const inBatch = await queueJob(ctx(), { jobTypeId: alpha.id }, { batchId })
      const inRecipe = await queueJob(ctx(), { jobTypeId: beta.id }, { recipeId })
      made.batch.unshift(id('QueuedJob', inBatch.id))
      made.type.unshift(id('QueuedJob', inBatch.id))
      made.recipe.unshift(id('QueuedJob', inRecipe.id))
    }
    const stage = await setStage(test, bigNode)
    const Periodic = { Enabled: true, SpecType: 'cron', Spec: '0 0 1 1 *' }
    await stage.register('yearly', { Type: 'batch', Periodic })
    for (let at = 0; at < 7; at += 1) {
      const due = new Date(Date.UTC(2100 + at, 0, 1))
      await launchDueJob(
        test.store,
        { region: 'global', name: 'yearly' },
        due,
        () => new Date(Date.UTC(2101 + at, 0, 1)),
      )
    }
    const { serviceJob } = await test.data<{ serviceJob: { id: string } }>('{ serviceJob(name: "yearly") { id } }')
    const { jobs } = await test.data<{ jobs: Page }>(
      'query ($of: ID!) { jobs(filter: { parents: [$of] }) { edges { node { id } } } }',
      { of: serviceJob.id },
    )
    for (const { node } of jobs.edges) made.periodic.push(String(node.id))
    Object.assign(parents, {
      type: id('JobType', alpha.id),
      batch: id('Batch', batchId),
      recipe: id('Recipe', recipeId),
      periodic: serviceJob.id,
    })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const body = 'totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
  const page = async (of: keyof typeof made, args: Readonly<Record<string, unknown>>) => {
    const { node } = await test.data<{ node: { page: Page } }>(
      `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { node(id: $id) {
        ... on JobType { page: jobs(first: $first, after: $after, last: $last, before: $before) { ${body} } }
        ... on Batch { page: jobs(first: $first, after: $after, last: $last, before: $before) { ${body} } }
        ... on Recipe { page: jobs(first: $first, after: $after, last: $last, before: $before) { ${body} } }
        ... on ServiceJob { page: launchedJobs(first: $first, after: $after, last: $last, before: $before) { ${body} } }
      } }`,
      { id: parents[of], ...args },
    )
    return node.page
  }

  it.each(['type', 'batch', 'recipe', 'periodic'] as const)('walks the jobs of a %s forth and back', async (of) => {
    const forth: unknown[] = []
    let after: string | null = null
    do {
      const { edges, pageInfo, totalCount }: Page = await page(of, { first: 3, after })
      expect(totalCount).toBe(7)
      expect(pageInfo.hasPreviousPage).toBe(after !== null)
      forth.push(...edges.map(({ node }) => node.id))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after !== null)
    expect(forth).toEqual(made[of])
    const back: unknown[] = []
    let before: string | null = null
    do {
      const { edges, pageInfo }: Page = await page(of, { last: 2, before })
      back.unshift(...edges.map(({ node }) => node.id))
      before = pageInfo.hasPreviousPage ? pageInfo.startCursor : null
    } while (before !== null)
    expect(back).toEqual(made[of])
  })

  it('puts a job first that has changed', async () => {
    const moved = made.type.at(-1)
    await test.data('mutation ($id: ID!) { cancelJobs(filter: { ids: [$id] }) { __typename } }', { id: moved })
    const { edges } = await page('type', { first: 2 })
    expect(edges.map(({ node }) => node.id)).toEqual([moved, made.type[0]])
  })

  it('leads from the type of a service to its jobs, also after they were deregistered', async () => {
    await test.data('mutation { deregisterServiceJob(name: "yearly") { __typename } }')
    const { node } = await test.data<{ node: { type: { jobs: Page } } }>(
      'query ($id: ID!) { node(id: $id) { ... on ServiceJob { type { jobs { totalCount edges { node { id } } } } } } }',
      { id: parents.periodic },
    )
    const { totalCount, edges } = node.type.jobs
    expect(totalCount).toBe(8)
    expect(edges.map(({ node }) => node.id)).toEqual([parents.periodic, ...made.periodic])
  })

  it('leads from a kind of recipe to its recipes and job types', async () => {
    const { recipeTypes } = await test.data<{ recipeTypes: Page }>(
      '{ recipeTypes { totalCount edges { node { name jobTypes { name } recipes { totalCount edges { node { id } } } } } } }',
    )
    expect(recipeTypes).toEqual({
      totalCount: 1,
      edges: [
        {
          node: {
            name: 'chain',
            jobTypes: [{ name: 'alpha' }, { name: 'beta' }],
            recipes: { totalCount: 1, edges: [{ node: { id: parents.recipe } }] },
          },
        },
      ],
    })
  })

  it.each(['computeNodes', 'jobErrors', 'batches', 'recipeTypes'])('lists %s in pages', async (list) => {
    await test.data('mutation { a: registerComputeNode(hostname: "a.test") { __typename } }')
    await test.data('mutation { a: registerBatch(input: { title: "Day" }) { __typename } }')
    await registerRecipeType(test.context(), { name: 'another', jobTypes: [] })
    const read = async (args: string) =>
      (await test.data<Record<string, Page>>(`{ list: ${list}${args} { ${body} } }`)).list
    const whole = await read('')
    expect(whole?.totalCount).toBe(whole?.edges.length)
    expect(whole?.edges.length).toBeGreaterThan(1)
    const [first, second] = whole?.edges ?? []
    expect(await read(`(first: 1, after: "${first?.cursor}")`)).toMatchObject({ edges: [second] })
    expect(await read(`(last: 1, before: "${second?.cursor}")`)).toMatchObject({ edges: [first] })
    const strange = Buffer.from(JSON.stringify([list, '\0'])).toString('base64url')
    expect(await test.ask(`{ ${list}(after: "${strange}") { totalCount } }`)).toMatchObject({
      status: 200,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })
})
