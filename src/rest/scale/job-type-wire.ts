import type { JobType, JobTypeName, JobTypeRevision } from '#model/job-type.ts'
import type { Context } from '#resolvers/context.ts'

/** The part of a job type that every Scale answer about it shares, in the documented order. */
export function toJobTypeBase(type: JobType) {
  return {
    id: type.id,
    name: type.name,
    version: type.version,
    title: type.title,
    description: type.description,
    is_active: type.isActive,
    is_paused: type.isPaused,
    is_system: type.isSystem,
    is_published: type.isPublished,
    icon_code: type.iconCode,
    unmet_resources: type.unmetResources,
  }
}

/** A job type as the lists of types and of versions show it. */
export function toScaleJobType(type: JobType) {
  return { ...head(type), ...times(type) }
}

/** A job type with its documents and the recipe types that use it. */
export async function toScaleJobTypeDetails(ctx: Context, type: JobType) {
  const recipeTypes = await ctx.loaders.recipeTypesOfJobType.load(type.id)
  return {
    ...head(type),
    manifest: type.manifest,
    configuration: type.configuration,
    recipe_types: recipeTypes.map((recipeType) => ({
      id: recipeType.id,
      name: recipeType.name,
      title: recipeType.title,
      description: recipeType.description,
      revision_num: recipeType.revisionNum,
      is_active: recipeType.isActive,
      is_system: recipeType.isSystem,
      created: recipeType.createdAt,
      deprecated: recipeType.deprecatedAt,
      last_modified: recipeType.lastModified,
    })),
    ...times(type),
  }
}

/** A name with all its versions; everything else is what its latest version says. */
export function toScaleJobTypeName({ latest, versions }: JobTypeName) {
  return {
    name: latest.name,
    title: latest.title,
    description: latest.description,
    icon_code: latest.iconCode,
    is_published: latest.isPublished,
    is_active: latest.isActive,
    is_paused: latest.isPaused,
    is_system: latest.isSystem,
    unmet_resources: latest.unmetResources,
    versions,
    latest_version: latest.version,
  }
}

/** A revision beside its type as that now stands. */
export function toScaleRevision(type: JobType, revision: JobTypeRevision) {
  return {
    id: revision.id,
    job_type: toJobTypeBase(type),
    revision_num: revision.revisionNum,
    docker_image: revision.dockerImage,
    created: revision.createdAt,
  }
}

/** A revision with its manifest. */
export function toScaleRevisionDetails(type: JobType, revision: JobTypeRevision) {
  const { created, ...rest } = toScaleRevision(type, revision)
  return { ...rest, manifest: revision.manifest, created }
}

function head(type: JobType) {
  return {
    id: type.id,
    name: type.name,
    version: type.version,
    title: type.title,
    description: type.description,
    icon_code: type.iconCode,
    is_published: type.isPublished,
    is_active: type.isActive,
    is_paused: type.isPaused,
    is_system: type.isSystem,
    max_scheduled: type.maxScheduled,
    max_tries: type.maxTries,
    revision_num: type.revisionNum,
    docker_image: type.dockerImage,
    unmet_resources: type.unmetResources,
  }
}

function times(type: JobType) {
  return {
    created: type.createdAt,
    deprecated: type.deprecatedAt,
    paused: type.pausedAt,
    last_modified: type.lastModified,
  }
}
