import { type Kysely, sql } from 'kysely'
import type { JobError } from '#model/job-type.ts'
import type { Batch, Recipe, RecipeType } from '#model/reference.ts'
import type { ChildSlice, Slice } from '#model/slice.ts'
import type { ComputeNode } from '#model/worker.ts'
import { childPage, inPlaces } from './child-slice.ts'
import { errorColumns } from './job-error.ts'
import { inListOrder, keyset } from './keyset.ts'
import { batchColumns, recipeColumns, recipeTypeColumns } from './reference.ts'
import type { Database } from './tables.ts'
import { nodeColumns } from './worker.ts'

/** Machines by the names of their hosts, which are the keys. */
export async function findComputeNodeSlice(db: Kysely<Database>, slice: Slice<string>): Promise<ComputeNode[]> {
  const { within, order } = keyset(byText('node.hostname'), slice)
  const query = db.selectFrom('node').select(nodeColumns).where(within).orderBy(order).limit(slice.limit)
  return inListOrder(await query.execute(), slice)
}

/** Recipe types by name, which is the key. */
export async function findRecipeTypeSlice(db: Kysely<Database>, slice: Slice<string>): Promise<RecipeType[]> {
  const { within, order } = keyset(byText('recipe_type.name'), slice)
  const query = db.selectFrom('recipe_type').select(recipeTypeColumns).where(within).orderBy(order).limit(slice.limit)
  return inListOrder(await query.execute(), slice)
}

/** Errors in the order in which they were first defined. Keys are ids. */
export async function findJobErrorSlice(db: Kysely<Database>, slice: Slice<number>): Promise<JobError[]> {
  const { within, order } = keyset(byNumber('job_error.id', false), slice)
  const query = db.selectFrom('job_error').select(errorColumns).where(within).orderBy(order).limit(slice.limit)
  return inListOrder(await query.execute(), slice)
}

/** Batches, the newest first. Keys are ids. */
export async function findBatchSlice(db: Kysely<Database>, slice: Slice<number>): Promise<Batch[]> {
  const { within, order } = keyset(byNumber('batch.id', true), slice)
  const query = db.selectFrom('batch').select(batchColumns).where(within).orderBy(order).limit(slice.limit)
  return inListOrder(await query.execute(), slice)
}

/** Slices of the recipes of many types, newest first, in one statement; keys are their ids. One list for each slice. */
export async function findRecipeSlices(
  db: Kysely<Database>,
  slices: readonly ChildSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Recipe[][]> {
  const rows = await db
    .selectFrom(childPage('recipe', slices, limit, fromEnd))
    .innerJoin('recipe', 'recipe.id', 'page.row_id')
    .select(recipeColumns)
    .select('page.place')
    .orderBy('page.place')
    .orderBy('page.key', 'desc')
    .execute()
  return inPlaces(slices, rows)
}

/** How many rows the list has. */
export async function countReferences(
  db: Kysely<Database>,
  list: 'node' | 'recipe_type' | 'job_error' | 'batch',
): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(list)}`.execute(db)
  return rows[0]?.n ?? 0
}

function byText(column: string) {
  return { columns: [sql.ref(column)], values: (key: string) => [sql`${key}::text`], descending: false }
}

function byNumber(column: string, descending: boolean) {
  return { columns: [sql.ref(column)], values: (key: number) => [sql`${key}::bigint`], descending }
}
