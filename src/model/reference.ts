/** The trigger of a job, such as USER. */
export type JobEvent = { readonly id: number; readonly type: string; readonly occurredAt: string }

/** A batch that jobs belong to, as a reference. */
export type Batch = {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly createdAt: string
}

/** A recipe that jobs belong to, as a reference. */
export type Recipe = {
  readonly id: number
  readonly recipeTypeId: number
  readonly recipeTypeRevisionId: number
  readonly eventId: number
}

/** A type of recipe, as a reference. */
export type RecipeType = {
  readonly id: number
  readonly name: string
  readonly title: string
  readonly description: string
  readonly revisionNum: number
  readonly isActive: boolean
  readonly isSystem: boolean
  readonly createdAt: string
  readonly deprecatedAt: string | null
  readonly lastModified: string
}
