import type { WorkspaceFile } from '#model/workspace.ts'
import type { Context } from '#resolvers/context.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { toJobTypeBase } from './job-type-wire.ts'
import { toBatch, toRecipeType } from './reference-wire.ts'

/** A file with where it lies and what made it, as Scale's file services show one. */
export async function toScaleFile(ctx: Context, file: WorkspaceFile) {
  const { loaders } = ctx
  const [workspace, jobType, recipeType, batch] = await Promise.all([
    loadRequired(loaders.workspace, file.workspaceId),
    loadNullable(loaders.job, file.jobId).then((job) => loadNullable(loaders.jobType, job?.jobTypeId ?? null)),
    loadNullable(loaders.recipe, file.recipeId).then((recipe) => toRecipeType(ctx, recipe)),
    loadNullable(loaders.batch, file.batchId),
  ])
  return {
    id: file.id,
    file_name: file.fileName,
    workspace: { id: workspace.id, name: workspace.name },
    data_type_tags: file.dataTypeTags,
    media_type: file.mediaType,
    file_type: file.fileType,
    file_size: file.fileSize,
    file_path: file.filePath,
    is_deleted: file.isDeleted,
    // Workspaces are directories here, and nothing serves them.
    url: null,
    created: file.createdAt,
    deleted: file.deletedAt,
    data_started: file.dataStarted,
    data_ended: file.dataEnded,
    source_started: file.sourceStarted,
    source_ended: file.sourceEnded,
    source_sensor_class: file.sourceSensorClass,
    source_sensor: file.sourceSensor,
    source_collection: file.sourceCollection,
    source_task: file.sourceTask,
    last_modified: file.lastModified,
    geometry: file.geometry,
    center_point: file.centerPoint,
    countries: file.countries,
    job_type: jobType && toJobTypeBase(jobType),
    job: idOf(file.jobId),
    job_exe: idOf(file.executionId),
    job_output: file.jobOutput,
    recipe_type: recipeType,
    recipe: idOf(file.recipeId),
    recipe_node: file.recipeNode,
    batch: toBatch(batch),
    is_superseded: file.isSuperseded,
    superseded: file.supersededAt,
  }
}

function idOf(id: number | null) {
  return id === null ? null : { id }
}
