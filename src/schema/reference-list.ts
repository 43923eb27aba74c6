/** Lists of what jobs refer to, and what leads on from a kind of recipe. */
import type { JobError } from '#model/job-type.ts'
import type { Batch, Recipe, RecipeType } from '#model/reference.ts'
import type { ComputeNode } from '#model/worker.ts'
import {
  countBatches,
  countComputeNodes,
  countJobErrors,
  countRecipeTypes,
  sliceBatches,
  sliceComputeNodes,
  sliceJobErrors,
  sliceRecipes,
  sliceRecipeTypes,
} from '#resolvers/reference-list.ts'
import { builder } from './builder.ts'
import { byId, byText, named, readSlice, toConnection } from './connection.ts'
import { BatchRef, ComputeNodeRef, JobErrorRef, JobTypeRef, RecipeRef, RecipeTypeRef } from './refs.ts'

const computeNodes = byText<ComputeNode>('computeNodes', ({ hostname }) => hostname)

builder.queryField('computeNodes', (t) =>
  t.connection(
    {
      type: ComputeNodeRef,
      description: 'The machines that run or ran work, by the names of their hosts.',
      resolve: async (_root, args, { ctx }) => {
        const slice = readSlice(args, computeNodes)
        return toConnection(await sliceComputeNodes(ctx, slice), slice, computeNodes, () => countComputeNodes(ctx))
      },
    },
    ...named('ComputeNode', 'machines'),
  ),
)

const jobErrors = byId<JobError>('jobErrors')

builder.queryField('jobErrors', (t) =>
  t.connection(
    {
      type: JobErrorRef,
      description: 'The errors that jobs may fail with, in the order in which they were first defined.',
      resolve: async (_root, args, { ctx }) => {
        const slice = readSlice(args, jobErrors)
        return toConnection(await sliceJobErrors(ctx, slice), slice, jobErrors, () => countJobErrors(ctx))
      },
    },
    ...named('JobError', 'errors'),
  ),
)

const batches = byId<Batch>('batches')

builder.queryField('batches', (t) =>
  t.connection(
    {
      type: BatchRef,
      description: 'The batches, the newest first.',
      resolve: async (_root, args, { ctx }) => {
        const slice = readSlice(args, batches)
        return toConnection(await sliceBatches(ctx, slice), slice, batches, () => countBatches(ctx))
      },
    },
    ...named('Batch', 'batches'),
  ),
)

const recipeTypes = byText<RecipeType>('recipeTypes', ({ name }) => name)

builder.queryField('recipeTypes', (t) =>
  t.connection(
    {
      type: RecipeTypeRef,
      description: 'The kinds of recipes, by name.',
      resolve: async (_root, args, { ctx }) => {
        const slice = readSlice(args, recipeTypes)
        return toConnection(await sliceRecipeTypes(ctx, slice), slice, recipeTypes, () => countRecipeTypes(ctx))
      },
    },
    ...named('RecipeType', 'kinds of recipes'),
  ),
)

const recipes = byId<Recipe>('recipes')

builder.objectFields(RecipeTypeRef, (t) => ({
  jobTypes: t.field({
    type: [JobTypeRef],
    description: 'The job types that its current revision uses, by name and version.',
    resolve: ({ id }, _args, { ctx }) => ctx.loaders.jobTypesOfRecipeType.load(id).then((types) => [...types]),
  }),
  recipes: t.connection(
    {
      type: RecipeRef,
      description: 'The recipes of this kind, the newest first.',
      resolve: async ({ id }, args, { ctx }) => {
        const slice = readSlice(args, recipes)
        const count = () => ctx.loaders.recipesOf.count.load(id)
        return toConnection(await sliceRecipes(ctx, id, slice), slice, recipes, count)
      },
    },
    ...named('Recipe', 'recipes'),
  ),
}))
