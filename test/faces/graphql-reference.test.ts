import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { at } from '../documents/scale-jobs.ts'
import { manifest, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { type Twins, twinsOf } from './twin.ts'

onBothStores('what the Scale v6 documents show and cannot make', (kind) => {
  let test: GraphqlGateway
  let twins: Twins
  let alpha: JobType

  beforeAll(async () => {
    test = await openGraphql(kind)
    twins = twinsOf(test)
    alpha = await registerCommand(test, 'alpha', 'true')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const idOf = (typename: string, id: number) => Buffer.from(`${typename}:${id}`).toString('base64')
  const queued = (input: Readonly<Record<string, unknown>>) =>
    twins.mutate(
      'queueJob(input: $input)',
      'job { id number status }',
      { input: { jobType: idOf('JobType', alpha.id), ...input } },
      '($input: QueueJobInput!)',
    )

  it('registers errors and machines', async () => {
    const { mutate } = twins
    expect(
      await mutate('registerJobError(input: { name: "disk-full", category: SYSTEM })', 'error { name title category }'),
    ).toMatchObject({ error: { name: 'disk-full', title: 'disk-full', category: 'SYSTEM' } })
    expect(
      await mutate('registerJobError(input: { name: "no good", category: DATA })', 'error { name }'),
    ).toMatchObject({ __typename: 'InvalidInputError', path: ['input', 'name'] })
    expect(await mutate('registerComputeNode(hostname: "n1.test")', 'computeNode { hostname }')).toMatchObject({
      computeNode: { hostname: 'n1.test' },
    })
  })

  it('makes batches and recipes, and binds jobs to them', async () => {
    const { mutate, rest } = twins
    const batch = await mutate('registerBatch(input: { title: "Night" })', 'batch { id title }')
    expect(batch).toMatchObject({ batch: { title: 'Night' } })
    const recipeType = `registerRecipeType(input: { name: "chain", jobTypes: [{ name: "alpha", version: "1.0.0" }] })`
    expect(await mutate(recipeType, 'recipeType { name revisionNumber }')).toMatchObject({
      recipeType: { name: 'chain', revisionNumber: 1 },
    })
    expect(await mutate(recipeType.replace('alpha', 'nobody'), 'recipeType { name }')).toMatchObject({
      __typename: 'NotFoundError',
      message: "There is no job type nobody in the version '1.0.0'.",
      path: ['input', 'jobTypes', '0'],
    })
    expect(await rest('/v6/job-types/alpha/1.0.0/')).toMatchObject({ recipe_types: [{ name: 'chain' }] })
    const recipe = await mutate('registerRecipe(recipeType: "chain")', 'recipe { id type { name } }')
    expect(recipe).toMatchObject({ recipe: { type: { name: 'chain' } } })
    expect(await mutate('registerRecipe(recipeType: "none")', 'recipe { id }')).toMatchObject({ code: 'NOT_FOUND' })
    const bound = { batch: at(batch, 'batch', 'id'), recipe: at(recipe, 'recipe', 'id'), isPending: true }
    const job = await queued(bound)
    expect(job).toMatchObject({ job: { status: 'PENDING' } })
    expect(await rest(`/v6/jobs/${at(job, 'job', 'number')}/`)).toMatchObject({
      status: 'PENDING',
      batch: { title: 'Night' },
      recipe: { recipe_type: { name: 'chain' } },
    })
    expect(await queued({ batch: idOf('Batch', 99_999) })).toMatchObject({ __typename: 'NotFoundError' })
    expect(await queued({ batch: at(job, 'job', 'id') })).toMatchObject({ path: ['input', 'batch'] })
  })

  it('supersedes a job by a later one', async () => {
    const first = await queued({ isPending: true })
    const second = await queued({ isPending: true })
    const supersede = (job: unknown, successor: unknown) =>
      twins.mutate(
        'supersedeJob(job: $job, successor: $successor)',
        'job { isSuperseded }',
        { job: at(job, 'job', 'id'), successor: at(successor, 'job', 'id') },
        '($job: ID!, $successor: ID)',
      )
    expect(await supersede(first, second)).toMatchObject({ job: { isSuperseded: true } })
    expect(await twins.rest(`/v6/jobs/${at(first, 'job', 'number')}/`)).toMatchObject({
      is_superseded: true,
      superseded_by_job: { id: at(second, 'job', 'number') },
    })
    expect(await supersede(second, first)).toMatchObject({ code: 'BAD_USER_INPUT', path: ['successor'] })
  })

  it('tells unmet resources', async () => {
    const set = (name: string, unmetResources: string | null) =>
      twins.mutate(
        'setUnmetResources(name: $name, version: "1.0.0", unmetResources: $unmetResources)',
        'jobType { unmetResources }',
        { name, unmetResources },
        '($name: String!, $unmetResources: String)',
      )
    expect(await set('alpha', 'gpus,mem')).toMatchObject({ jobType: { unmetResources: 'gpus,mem' } })
    expect(await twins.rest('/v6/job-types/alpha/1.0.0/')).toMatchObject({ unmet_resources: 'gpus,mem' })
    expect(await set('alpha', 'g'.repeat(1_001))).toMatchObject({
      __typename: 'InvalidInputError',
      message: 'unmetResources must not be longer than 1000 characters',
      path: ['unmetResources'],
    })
    expect(await set('alpha', null)).toMatchObject({ jobType: { unmetResources: null } })
    expect(await set('nobody', 'mem')).toMatchObject({ code: 'NOT_FOUND' })
  })

  it("registers the system's own types", async () => {
    const system = (name: string) =>
      twins.mutate(
        'registerSystemJobType(input: { dockerImage: "reg.test/own:1", manifest: $manifest })',
        'isNew jobType { isSystem }',
        { manifest: manifest(name) },
        '($manifest: JSON!)',
      )
    expect(await system('own')).toMatchObject({ isNew: true, jobType: { isSystem: true } })
    expect(await twins.rest('/v6/job-types/own/1.0.0/')).toMatchObject({ is_system: true })
    expect(await system('alpha')).toMatchObject({ __typename: 'ConflictError' })
  })
})
