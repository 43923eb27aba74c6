import type { JobError } from '#model/job-type.ts'
import type { Batch, JobEvent, Recipe } from '#model/reference.ts'
import type { ComputeNode } from '#model/worker.ts'
import type { Context } from '#resolvers/context.ts'
import { loadRequired } from '#resolvers/loaders.ts'

/** What triggered a job. */
export function toEvent(event: JobEvent | null) {
  return event && { id: event.id, type: event.type, occurred: event.occurredAt }
}

/** The batch that a job belongs to. */
export function toBatch(batch: Batch | null) {
  return batch && { id: batch.id, title: batch.title, description: batch.description, created: batch.createdAt }
}

/** The machine that a job or execution ran on. */
export function toNode(node: ComputeNode | null) {
  return node && { id: node.id, hostname: node.hostname }
}

/** Why a job or execution failed. */
export function toError(error: JobError | null) {
  return (
    error && {
      id: error.id,
      name: error.name,
      title: error.title,
      description: error.description,
      job_type_name: error.jobTypeName,
      category: error.category,
      is_builtin: error.isBuiltin,
      should_be_retried: error.shouldBeRetried,
    }
  )
}

/** The type of a recipe, as a reference. */
export async function toRecipeType(ctx: Context, recipe: Recipe | null) {
  if (recipe === null) return null
  const type = await loadRequired(ctx.loaders.recipeType, recipe.recipeTypeId)
  return {
    id: type.id,
    name: type.name,
    title: type.title,
    description: type.description,
    revision_num: type.revisionNum,
  }
}

/** The recipe that a job belongs to. */
export async function toRecipe(ctx: Context, recipe: Recipe | null) {
  if (recipe === null) return null
  return {
    id: recipe.id,
    recipe_type: await toRecipeType(ctx, recipe),
    recipe_type_rev: { id: recipe.recipeTypeRevisionId },
    event: { id: recipe.eventId },
  }
}
