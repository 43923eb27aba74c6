import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '#model/job.ts'
import type { JobType } from '#model/job-type.ts'
import { cancelJobs, queueJob, requeueJobs } from '#resolvers/job.ts'
import {
  registerBatch,
  registerJobError,
  registerNode,
  registerRecipe,
  registerRecipeType,
} from '#resolvers/reference.ts'
import { supersedeJob } from '#resolvers/supersede.ts'
import { findChangesAfter, findLogHead } from '#store/change.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { details } from './scale-job-types.ts'
import { at, register } from './scale-jobs.ts'

onBothStores('what the Scale v6 documents show and have no door for', (kind) => {
  let test: TestGateway
  let type: JobType
  beforeAll(async () => {
    test = await openTestGateway(kind)
    type = await register(test, manifest('mosaic'))
  })
  afterAll(() => test.close())

  const changesOf = async (act: () => Promise<unknown>) => {
    const { index } = await findLogHead(test.store.db)
    await act()
    const changes = await findChangesAfter(test.store.db, { index, ordinal: 2 ** 31 - 1 }, 10)
    return changes.map((change) => [change.kind, change.entityId])
  }
  const queue = (links = {}) => queueJob(test.context(), { jobTypeId: type.id }, links)

  it('errors are made, and brought up to date, but never the built-in ones', async () => {
    const made = await registerJobError(test.context(), {
      name: 'disk-full',
      category: 'SYSTEM',
      shouldBeRetried: true,
    })
    expect(made).toMatchObject({ title: 'disk-full', isBuiltin: false, shouldBeRetried: true, jobTypeName: null })
    const again = await registerJobError(test.context(), { name: 'disk-full', category: 'DATA', title: 'Full' })
    expect(again).toMatchObject({ id: made.id, category: 'DATA', title: 'Full', shouldBeRetried: false })
    for (const input of [{ name: 'launch' }, { name: 'a b' }, { name: 'x', title: 'x'.repeat(51) }])
      await expect(registerJobError(test.context(), { category: 'SYSTEM', ...input })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      })
  })

  it('a recipe type shows in the job types that it uses, and changes them', async () => {
    const other = await register(test, manifest('other'))
    const uses = (...names: string[]) =>
      registerRecipeType(test.context(), {
        name: 'chain',
        title: 'A chain',
        jobTypes: names.map((name) => ({ name, version: '1.0.0' })),
      })
    expect(await changesOf(() => uses('mosaic', 'mosaic'))).toEqual([['JOB_TYPE', type.id]])
    expect(at(await details(test, 'mosaic/1.0.0'), 'recipe_types')).toEqual([
      {
        id: expect.any(Number),
        name: 'chain',
        title: 'A chain',
        description: '',
        revision_num: 1,
        is_active: true,
        is_system: false,
        created: expect.any(String),
        deprecated: null,
        last_modified: expect.any(String),
      },
    ])
    expect(await changesOf(() => uses('other'))).toEqual([
      ['JOB_TYPE', type.id],
      ['JOB_TYPE', other.id],
    ])
    expect(at(await details(test, 'mosaic/1.0.0'), 'recipe_types')).toEqual([])
    expect(at(await details(test, 'other/1.0.0'), 'recipe_types', 0, 'revision_num')).toBe(2)
    await expect(uses('ghost')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('jobs are bound to a recipe and a batch as they are queued', async () => {
    const recipe = await registerRecipe(test.context(), 'chain')
    const batch = await registerBatch(test.context(), { title: 'June' })
    const job = await queue({ recipeId: recipe.id, batchId: batch.id })
    expect(job).toMatchObject({ recipeId: recipe.id, batchId: batch.id, status: 'QUEUED' })
    await expect(registerRecipe(test.context(), 'ghost')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(queue({ recipeId: 999 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(queue({ batchId: 999 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(registerBatch(test.context(), { title: '' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('a pending job was never queued, and a cancel and re-queue keep it so', async () => {
    const job = await queue({ isPending: true })
    expect(job).toMatchObject({ status: 'PENDING', numExes: 0, queuedAt: null })
    await cancelJobs(test.context(), { ids: [job.id] })
    await requeueJobs(test.context(), { ids: [job.id] }, null)
    expect(await test.context().loaders.job.load(job.id)).toMatchObject({ status: 'PENDING', numExes: 0 })
  })

  it('a node is the same under the same name', async () => {
    const node = await registerNode(test.context(), 'node-9.test')
    expect(await registerNode(test.context(), 'node-9.test')).toEqual(node)
    await expect(registerNode(test.context(), 'no host')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('a job is superseded by a later one, or by none, and then never queued again', async () => {
    const [old, next, lone, last] = [await queue(), await queue(), await queue(), await queue()]
    const by = (job: Job, successor: Job | null) => supersedeJob(test.context(), job.id, successor?.id ?? null)
    expect(await changesOf(() => by(old, next))).toEqual([
      ['JOB', old.id],
      ['JOB', next.id],
    ])
    expect(await changesOf(() => by(old, next))).toEqual([])
    const superseded = await by(lone, null)
    expect(superseded).toMatchObject({ isSuperseded: true, supersededAt: expect.any(String) })
    expect(await by(lone, last)).toMatchObject({ supersededAt: superseded.supersededAt })
    const { loaders } = test.context()
    expect(await loaders.job.load(next.id)).toMatchObject({ supersededJobId: old.id, isSuperseded: false })
    expect(await loaders.successor.load(old.id)).toMatchObject({ id: next.id })
    await cancelJobs(test.context(), { ids: [old.id] })
    await requeueJobs(test.context(), { ids: [old.id] }, null)
    expect(await loaders.job.load(old.id)).toMatchObject({ status: 'CANCELED' })
    await expect(by(next, old)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    await expect(by(old, last)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(supersedeJob(test.context(), 999_999, null)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
