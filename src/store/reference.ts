import { type Kysely, sql } from 'kysely'
import type { JobType } from '#model/job-type.ts'
import type { Batch, JobEvent, Recipe, RecipeType } from '#model/reference.ts'
import { jobTypeColumns } from './job-type.ts'
import type { Database } from './tables.ts'

export const recipeTypeColumns = [
  'recipe_type.id',
  'recipe_type.name',
  'recipe_type.title',
  'recipe_type.description',
  'recipe_type.revision_num as revisionNum',
  'recipe_type.is_active as isActive',
  'recipe_type.is_system as isSystem',
  'recipe_type.created_at as createdAt',
  'recipe_type.deprecated_at as deprecatedAt',
  'recipe_type.last_modified as lastModified',
] as const

export const batchColumns = ['id', 'title', 'description', 'created_at as createdAt'] as const

export const recipeColumns = [
  'recipe.id',
  'recipe.recipe_type_id as recipeTypeId',
  'recipe.recipe_type_revision_id as recipeTypeRevisionId',
  'recipe.event_id as eventId',
] as const

/** Events by id, in no order; unknown ids are left out. */
export async function findEvents(db: Kysely<Database>, ids: readonly number[]): Promise<JobEvent[]> {
  return db
    .selectFrom('event')
    .select(['id', 'type', 'occurred_at as occurredAt'])
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** Batches by id, in no order; unknown ids are left out. */
export async function findBatches(db: Kysely<Database>, ids: readonly number[]): Promise<Batch[]> {
  return db
    .selectFrom('batch')
    .select(batchColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** Recipes by id, in no order; unknown ids are left out. */
export async function findRecipes(db: Kysely<Database>, ids: readonly number[]): Promise<Recipe[]> {
  return db
    .selectFrom('recipe')
    .select(recipeColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** Recipe types by id, in no order; unknown ids are left out. */
export async function findRecipeTypes(db: Kysely<Database>, ids: readonly number[]): Promise<RecipeType[]> {
  return db
    .selectFrom('recipe_type')
    .select(recipeTypeColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** The recipe types that use job types, by id of the job type and of the recipe type. */
export async function findRecipeTypesOfJobTypes(
  db: Kysely<Database>,
  jobTypeIds: readonly number[],
): Promise<(RecipeType & { readonly jobTypeId: number })[]> {
  return db
    .selectFrom('recipe_type')
    .innerJoin('recipe_type_job_type as l', 'l.recipe_type_id', 'recipe_type.id')
    .select([...recipeTypeColumns, 'l.job_type_id as jobTypeId'])
    .where('l.job_type_id', '=', sql<number>`any(${[...jobTypeIds]}::bigint[])`)
    .orderBy('recipe_type.id')
    .execute()
}

/** The job types that recipe types use, by name and version. */
export async function findJobTypesOfRecipeTypes(
  db: Kysely<Database>,
  recipeTypeIds: readonly number[],
): Promise<(JobType & { readonly recipeTypeId: number })[]> {
  return db
    .selectFrom('job_type')
    .innerJoin('recipe_type_job_type as l', 'l.job_type_id', 'job_type.id')
    .select(jobTypeColumns)
    .select('l.recipe_type_id as recipeTypeId')
    .where('l.recipe_type_id', '=', sql<number>`any(${[...recipeTypeIds]}::bigint[])`)
    .orderBy('job_type.name')
    .orderBy('job_type.version_key')
    .orderBy('job_type.id')
    .execute()
}
