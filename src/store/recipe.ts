import { type Kysely, sql, type Transaction } from 'kysely'
import type { Batch, Recipe } from '#model/reference.ts'
import { now } from './database.ts'
import { insertEvent } from './job.ts'
import type { Database } from './tables.ts'

/** What a registration says of a recipe type. */
export type NewRecipeType = { readonly name: string; readonly title: string; readonly description: string }

/** Makes a recipe type with revision 1, or gives the one of that name its next revision; returns its id. */
export async function upsertRecipeType(tx: Transaction<Database>, type: NewRecipeType): Promise<number> {
  const { name, title, description } = type
  const row = await tx
    .insertInto('recipe_type')
    .values({ name, title, description })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({
        title,
        description,
        revision_num: sql<number>`recipe_type.revision_num + 1`,
        last_modified: now,
      }),
    )
    .returning(['id', 'revision_num as revisionNum'])
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('recipe_type_revision')
    .values({ recipe_type_id: row.id, revision_num: row.revisionNum })
    .execute()
  return row.id
}

/** Says which job types a recipe type uses, and no others; returns those that came or went, in id order. */
export async function replaceRecipeJobTypes(
  tx: Transaction<Database>,
  recipeTypeId: number,
  jobTypeIds: readonly number[],
): Promise<number[]> {
  const wanted = [...new Set(jobTypeIds)]
  const gone = await tx
    .deleteFrom('recipe_type_job_type')
    .where('recipe_type_id', '=', recipeTypeId)
    .where('job_type_id', '<>', sql<number>`all(${wanted}::bigint[])`)
    .returning('job_type_id as id')
    .execute()
  if (wanted.length === 0) return gone.map(({ id }) => id).sort((a, b) => a - b)
  const come = await tx
    .insertInto('recipe_type_job_type')
    .values(wanted.map((id) => ({ recipe_type_id: recipeTypeId, job_type_id: id })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('job_type_id as id')
    .execute()
  return [...gone, ...come].map(({ id }) => id).sort((a, b) => a - b)
}

/** Makes a recipe of the current revision of a type, with an event of its own; null where there is no such type. */
export async function insertRecipe(tx: Transaction<Database>, recipeTypeName: string): Promise<Recipe | null> {
  const revision = await tx
    .selectFrom('recipe_type as t')
    .innerJoin('recipe_type_revision as r', (join) =>
      join.onRef('r.recipe_type_id', '=', 't.id').onRef('r.revision_num', '=', 't.revision_num'),
    )
    .select(['t.id as typeId', 'r.id'])
    .where('t.name', '=', recipeTypeName)
    .executeTakeFirst()
  if (revision === undefined) return null
  const eventId = await insertEvent(tx, 'USER')
  return tx
    .insertInto('recipe')
    .values({ recipe_type_id: revision.typeId, recipe_type_revision_id: revision.id, event_id: eventId })
    .returning([
      'id',
      'recipe_type_id as recipeTypeId',
      'recipe_type_revision_id as recipeTypeRevisionId',
      'event_id as eventId',
    ])
    .executeTakeFirstOrThrow()
}

/** Makes a batch. */
export async function insertBatch(
  db: Kysely<Database>,
  batch: { readonly title: string; readonly description: string },
): Promise<Batch> {
  return db
    .insertInto('batch')
    .values({ title: batch.title, description: batch.description })
    .returning(['id', 'title', 'description', 'created_at as createdAt'])
    .executeTakeFirstOrThrow()
}
