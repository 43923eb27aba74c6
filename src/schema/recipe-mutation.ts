import type { Recipe, RecipeType } from '#model/reference.ts'
import { registerRecipe, registerRecipeType } from '#resolvers/reference.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { defined } from './input.ts'
import { RecipeRef, RecipeTypeRef } from './refs.ts'

const IdentityInput = builder.inputType('JobTypeIdentityInput', {
  description: 'One version of a job type.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    version: t.string({ required: true, description: 'Its version, such as `1.0.0`.' }),
  }),
})

const TypeInput = builder.inputType('RegisterRecipeTypeInput', {
  description: 'A kind of recipe.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 50 letters, digits, dashes or underscores.' }),
    title: t.string({ description: 'A short heading, at most 250 characters.' }),
    description: t.string({ description: 'What recipes of this type do, at most 2,000 characters.' }),
    jobTypes: t.field({
      type: [IdentityInput],
      required: true,
      description: 'The job types that it uses, each once; at most 1,000.',
    }),
  }),
})

const TypePayloadRef = builder.objectRef<{ readonly recipeType: RecipeType }>('RegisterRecipeTypePayload')
TypePayloadRef.implement({
  description: 'The recipe type as it now stands.',
  fields: (t) => ({ recipeType: t.expose('recipeType', { type: RecipeTypeRef, description: 'The recipe type.' }) }),
})
const typeResult = resultOf('RegisterRecipeType', TypePayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('registerRecipeType', (t) =>
  t.field({
    type: typeResult.type,
    description:
      'Registers a recipe type, or gives the one of that name its next revision and these job types. No REST document has a door for it; `GET /v6/job-types/{name}/{version}/` shows it in `recipe_types`.',
    args: { input: t.arg({ type: TypeInput, required: true, description: 'The recipe type.' }) },
    resolve: (_root, { input: { name, jobTypes, ...rest } }, { ctx }) =>
      typeResult.run(
        async () => ({ recipeType: await registerRecipeType(ctx, { name, jobTypes, ...defined(rest) }) }),
        {
          name: 'input.name',
          title: 'input.title',
          description: 'input.description',
          jobTypes: 'input.jobTypes',
        },
      ),
  }),
)

const RecipePayloadRef = builder.objectRef<{ readonly recipe: Recipe }>('RegisterRecipePayload')
RecipePayloadRef.implement({
  description: 'The recipe that was made.',
  fields: (t) => ({ recipe: t.expose('recipe', { type: RecipeRef, description: 'The recipe.' }) }),
})
const recipeResult = resultOf('RegisterRecipe', RecipePayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('registerRecipe', (t) =>
  t.field({
    type: recipeResult.type,
    description:
      'Makes a recipe of the current revision of a recipe type, to which `queueJob` can bind jobs. No REST document has a door for it; `GET /v6/jobs/{job_id}/` shows it as `recipe`.',
    args: { recipeType: t.arg.string({ required: true, description: 'The name of the recipe type.' }) },
    resolve: (_root, { recipeType }, { ctx }) =>
      recipeResult.run(async () => ({ recipe: await registerRecipe(ctx, recipeType) })),
  }),
)
