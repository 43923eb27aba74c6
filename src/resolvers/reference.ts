/** Doors to what the Scale v6 documents show and cannot make: errors, batches, recipes and nodes. */
import { badInput, notFound } from '#model/error.ts'
import type { JobError } from '#model/job-type.ts'
import type { Batch, Recipe, RecipeType } from '#model/reference.ts'
import { type ErrorCategory, errorCategories } from '#model/status.ts'
import type { ComputeNode } from '#model/worker.ts'
import { recordChanges } from '#store/change.ts'
import { builtinErrors, upsertJobErrors } from '#store/job-error.ts'
import { insertBatch, insertRecipe, replaceRecipeJobTypes, upsertRecipeType } from '#store/recipe.ts'
import { findRecipeTypes } from '#store/reference.ts'
import { writing, writingOne } from '#store/store.ts'
import { ensureNode } from '#store/worker.ts'
import type { Context } from './context.ts'
import { idsOfJobTypes } from './job-type-identity.ts'

/** What a registration says of an error. */
export type JobErrorInput = {
  /** 1 to 50 letters, digits, dashes or underscores. */
  readonly name: string
  /** At most 50 characters; the name when it is left out. */
  readonly title?: string
  /** At most 250 characters. */
  readonly description?: string
  readonly category: ErrorCategory
  /** Whether a job that fails with it is tried again while it has tries left. */
  readonly shouldBeRetried?: boolean
  /** The job type whose runs may report it; null or absent means any. */
  readonly jobTypeName?: string | null
}

/**
 * Registers an error that workers may report, or brings the one of that name up to date.
 * @throws DomainError BAD_USER_INPUT where a text does not fit, or the name is a built-in error's
 */
export async function registerJobError(ctx: Context, input: JobErrorInput): Promise<JobError> {
  const { name, title = name, description = '', category, shouldBeRetried = false, jobTypeName = null } = input
  if (!/^[\w-]{1,50}$/.test(name))
    throw badInput('An error name has 1 to 50 letters, digits, dashes or underscores.', { path: ['name'] })
  checkLength('title', title, 50)
  checkLength('description', description, 250)
  if (!errorCategories.includes(category))
    throw badInput(`An error category is one of ${errorCategories.join(', ')}.`, { path: ['category'] })
  if (jobTypeName === null && builtinErrors.some((error) => error.name === name))
    throw badInput(`${name} is a built-in error.`, { path: ['name'] })
  const error = { jobTypeName, name, title, description, category, isBuiltin: false, shouldBeRetried }
  const [row] = await writing(ctx.store, (tx) => upsertJobErrors(tx, [error]))
  if (row === undefined) throw new Error(`error ${name} was not kept`)
  return row
}

/** What a registration says of a recipe type: its texts, and the job types that it uses, each once. */
export type RecipeTypeInput = {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly jobTypes: readonly { readonly name: string; readonly version: string }[]
}

/**
 * Registers a recipe type, or gives the one of that name its next revision and the job types given.
 * @throws DomainError BAD_USER_INPUT where a text does not fit, NOT_FOUND for a job type that does not exist
 */
export async function registerRecipeType(ctx: Context, input: RecipeTypeInput): Promise<RecipeType> {
  const { name, title = '', description = '' } = input
  if (!/^[\w-]{1,50}$/.test(name))
    throw badInput('A recipe type name has 1 to 50 letters, digits, dashes or underscores.', { path: ['name'] })
  checkLength('title', title, 250)
  checkLength('description', description, 2_000)
  if (input.jobTypes.length > 1_000)
    throw badInput('A recipe type uses at most 1000 job types.', { path: ['jobTypes'] })
  const used = await idsOfJobTypes(ctx, input.jobTypes, (missing, place) =>
    notFound(`There is no job type ${missing.name} in the version '${missing.version}'.`, {
      path: ['jobTypes', place],
    }),
  )
  const id = await writing(ctx.store, async (tx) => {
    const recipeTypeId = await upsertRecipeType(tx, { name, title, description })
    const changed = await replaceRecipeJobTypes(tx, recipeTypeId, used)
    const changes = changed.map((jobTypeId) => ({ kind: 'JOB_TYPE' as const, entityId: jobTypeId, jobTypeId }))
    if (changes.length > 0) await recordChanges(tx, changes)
    return recipeTypeId
  })
  ctx.loaders.recipeTypesOfJobType.clearAll()
  const [row] = await findRecipeTypes(ctx.store.db, [id])
  if (row === undefined) throw new Error(`recipe type ${name} was not kept`)
  return row
}

/**
 * Makes a recipe of the current revision of a recipe type, to which jobs can be bound as they are queued.
 * @throws DomainError NOT_FOUND for an unknown recipe type
 */
export async function registerRecipe(ctx: Context, recipeTypeName: string): Promise<Recipe> {
  const recipe = await writing(ctx.store, (tx) => insertRecipe(tx, recipeTypeName))
  if (recipe === null) throw notFound(`There is no recipe type ${recipeTypeName}.`, { path: ['recipeType'] })
  return recipe
}

/**
 * Makes a batch, to which jobs can be bound as they are queued.
 * @throws DomainError BAD_USER_INPUT where a text does not fit
 */
export async function registerBatch(ctx: Context, input: { title: string; description?: string }): Promise<Batch> {
  const { title, description = '' } = input
  if (title === '') throw badInput('A batch has a title.', { path: ['title'] })
  checkLength('title', title, 250)
  checkLength('description', description, 2_000)
  return writingOne(ctx.store, (db) => insertBatch(db, { title, description }))
}

/**
 * Makes a machine known, or renews what is known of it.
 * @throws DomainError BAD_USER_INPUT where the name is no host name
 */
export async function registerNode(ctx: Context, hostname: string): Promise<ComputeNode> {
  if (!/^[\w.:-]{1,250}$/.test(hostname))
    throw badInput('A host name has 1 to 250 letters, digits, dots, colons or dashes.', { path: ['hostname'] })
  return writingOne(ctx.store, (db) => ensureNode(db, hostname))
}

function checkLength(name: string, value: string, most: number): void {
  if (value.length > most) throw badInput(`${name} must not be longer than ${most} characters`, { path: [name] })
}
