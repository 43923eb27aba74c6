import type { JobError } from '#model/job-type.ts'
import type { Batch, Recipe, RecipeType } from '#model/reference.ts'
import type { Slice, Sliced } from '#model/slice.ts'
import type { ComputeNode } from '#model/worker.ts'
import {
  countReferences,
  findBatchSlice,
  findComputeNodeSlice,
  findJobErrorSlice,
  findRecipeTypeSlice,
} from '#store/reference-slice.ts'
import type { Context } from './context.ts'
import { cut, sliceChildren } from './slice.ts'

/** A slice of the machines, by the names of their hosts. */
export async function sliceComputeNodes(ctx: Context, slice: Slice<string>): Promise<Sliced<ComputeNode>> {
  return cut(slice, (wider) => findComputeNodeSlice(ctx.store.db, wider))
}

/** How many machines there are. */
export async function countComputeNodes(ctx: Context): Promise<number> {
  return countReferences(ctx.store.db, 'node')
}

/** A slice of the errors that jobs may fail with, in the order in which they were first defined. */
export async function sliceJobErrors(ctx: Context, slice: Slice<number>): Promise<Sliced<JobError>> {
  return cut(slice, (wider) => findJobErrorSlice(ctx.store.db, wider))
}

/** How many errors there are. */
export async function countJobErrors(ctx: Context): Promise<number> {
  return countReferences(ctx.store.db, 'job_error')
}

/** A slice of the batches, the newest first. */
export async function sliceBatches(ctx: Context, slice: Slice<number>): Promise<Sliced<Batch>> {
  return cut(slice, (wider) => findBatchSlice(ctx.store.db, wider))
}

/** How many batches there are. */
export async function countBatches(ctx: Context): Promise<number> {
  return countReferences(ctx.store.db, 'batch')
}

/** A slice of the recipe types, by name. */
export async function sliceRecipeTypes(ctx: Context, slice: Slice<string>): Promise<Sliced<RecipeType>> {
  return cut(slice, (wider) => findRecipeTypeSlice(ctx.store.db, wider))
}

/** How many recipe types there are. */
export async function countRecipeTypes(ctx: Context): Promise<number> {
  return countReferences(ctx.store.db, 'recipe_type')
}

/** A slice of the recipes of a type, newest first; the slices of many types are read together. */
export async function sliceRecipes(ctx: Context, recipeTypeId: number, slice: Slice<number>): Promise<Sliced<Recipe>> {
  return sliceChildren(ctx.loaders.recipesOf, recipeTypeId, slice)
}
