import { type Kysely, sql } from 'kysely'
import type { Recipe } from '#model/reference.ts'
import type { Slice } from '#model/slice.ts'
import { recipeColumns } from './reference.ts'
import { inPlaces, wantedSlices } from './slice-place.ts'
import type { Database } from './tables.ts'

/** A slice of the recipes of one type; keys are ids of recipes. */
export type RecipeSlice = Slice<number> & { readonly recipeTypeId: number }

/** Slices of the recipes of many types, newest first, in one statement; one list for each slice. */
export async function findRecipeSlices(
  db: Kysely<Database>,
  slices: readonly RecipeSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Recipe[][]> {
  const rows = await db
    .selectFrom(wantedSlices(slices, ({ recipeTypeId }) => recipeTypeId))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('recipe')
          .select(recipeColumns)
          .whereRef('recipe.recipe_type_id', '=', 'w.parent_id')
          .whereRef('recipe.id', '<', 'w.below')
          .whereRef('recipe.id', '>', 'w.above')
          .orderBy('recipe.id', fromEnd ? 'asc' : 'desc')
          .limit(limit)
          .as('r'),
      (join) => join.onTrue(),
    )
    .selectAll('r')
    .select('w.place')
    .orderBy('w.place')
    .orderBy('r.id', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** How many recipes each type has; types without one are left out. */
export async function countRecipesOf(
  db: Kysely<Database>,
  recipeTypeIds: readonly number[],
): Promise<{ id: number; n: number }[]> {
  const { rows } = await sql<{ id: number; n: number }>`select recipe_type_id as id, count(*) as n from recipe
    where recipe_type_id = any(${[...recipeTypeIds]}::bigint[]) group by recipe_type_id`.execute(db)
  return rows
}
