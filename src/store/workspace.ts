import { type Kysely, sql, type Transaction } from 'kysely'
import type { JobInputFile, Workspace, WorkspaceFile } from '#model/workspace.ts'
import { now } from './database.ts'
import type { Database } from './tables.ts'

/** The columns of a workspace under their names in the model. */
export const workspaceColumns = [
  'id',
  'name',
  'title',
  'description',
  'directory',
  'is_active as isActive',
  'created_at as createdAt',
  'last_modified as lastModified',
] as const

/** The columns of a file under their names in the model. */
export const fileColumns = [
  'workspace_file.id',
  'workspace_file.workspace_id as workspaceId',
  'workspace_file.file_name as fileName',
  'workspace_file.file_path as filePath',
  'workspace_file.file_type as fileType',
  'workspace_file.media_type as mediaType',
  'workspace_file.file_size as fileSize',
  'workspace_file.data_type_tags as dataTypeTags',
  'workspace_file.countries',
  'workspace_file.geometry',
  'workspace_file.center_point as centerPoint',
  'workspace_file.is_deleted as isDeleted',
  'workspace_file.is_superseded as isSuperseded',
  'workspace_file.superseded_at as supersededAt',
  'workspace_file.created_at as createdAt',
  'workspace_file.deleted_at as deletedAt',
  'workspace_file.data_started as dataStarted',
  'workspace_file.data_ended as dataEnded',
  'workspace_file.source_started as sourceStarted',
  'workspace_file.source_ended as sourceEnded',
  'workspace_file.source_sensor_class as sourceSensorClass',
  'workspace_file.source_sensor as sourceSensor',
  'workspace_file.source_collection as sourceCollection',
  'workspace_file.source_task as sourceTask',
  'workspace_file.job_id as jobId',
  'workspace_file.execution_id as executionId',
  'workspace_file.job_output as jobOutput',
  'workspace_file.recipe_id as recipeId',
  'workspace_file.recipe_node as recipeNode',
  'workspace_file.batch_id as batchId',
  'workspace_file.last_modified as lastModified',
] as const

/** Workspaces by id, in no order; unknown ids are left out. */
export async function findWorkspaces(db: Kysely<Database>, ids: readonly number[]): Promise<Workspace[]> {
  return db
    .selectFrom('workspace')
    .select(workspaceColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** Workspaces by name, in no order; unknown names are left out. */
export async function findWorkspacesByName(db: Kysely<Database>, names: readonly string[]): Promise<Workspace[]> {
  return db
    .selectFrom('workspace')
    .select(workspaceColumns)
    .where('name', '=', sql<string>`any(${[...names]}::text[])`)
    .execute()
}

/** What a registration says of a workspace. */
export type NewWorkspace = {
  readonly name: string
  readonly title: string | null
  readonly description: string | null
  readonly directory: string | null
  readonly isActive: boolean
}

/** Makes a workspace, or brings the one of that name up to date. */
export async function upsertWorkspace(tx: Kysely<Database>, workspace: NewWorkspace): Promise<Workspace> {
  const values = {
    title: workspace.title,
    description: workspace.description,
    directory: workspace.directory,
    is_active: workspace.isActive,
  }
  return tx
    .insertInto('workspace')
    .values({ name: workspace.name, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ ...values, last_modified: now }))
    .returning(workspaceColumns)
    .executeTakeFirstOrThrow()
}

/** Makes the workspaces that are missing, each with a directory under the data directory. */
export async function ensureWorkspaces(tx: Transaction<Database>, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await tx
    .insertInto('workspace')
    .values(names.map((name) => ({ name })))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

/** Files by id, in no order; unknown ids are left out. */
export async function findFiles(db: Kysely<Database>, ids: readonly number[]): Promise<WorkspaceFile[]> {
  return db
    .selectFrom('workspace_file')
    .select(fileColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** A file about to be registered; what is absent is unknown. */
export type NewWorkspaceFile = Pick<
  WorkspaceFile,
  'workspaceId' | 'fileName' | 'filePath' | 'fileType' | 'mediaType' | 'fileSize'
> &
  Partial<Omit<WorkspaceFile, 'id' | 'isDeleted' | 'deletedAt' | 'createdAt' | 'lastModified'>>

/** Registers a file, or brings the one at that path of the workspace up to date. */
export async function upsertFile(tx: Kysely<Database>, file: NewWorkspaceFile): Promise<WorkspaceFile> {
  const values = {
    file_name: file.fileName,
    file_type: file.fileType,
    media_type: file.mediaType,
    file_size: file.fileSize,
    data_type_tags: [...(file.dataTypeTags ?? [])],
    countries: [...(file.countries ?? [])],
    geometry: file.geometry ?? null,
    center_point: file.centerPoint ?? null,
    data_started: file.dataStarted ?? null,
    data_ended: file.dataEnded ?? null,
    source_started: file.sourceStarted ?? null,
    source_ended: file.sourceEnded ?? null,
    source_sensor_class: file.sourceSensorClass ?? null,
    source_sensor: file.sourceSensor ?? null,
    source_collection: file.sourceCollection ?? null,
    source_task: file.sourceTask ?? null,
    job_id: file.jobId ?? null,
    execution_id: file.executionId ?? null,
    job_output: file.jobOutput ?? null,
    recipe_id: file.recipeId ?? null,
    recipe_node: file.recipeNode ?? null,
    batch_id: file.batchId ?? null,
  }
  return tx
    .insertInto('workspace_file')
    .values({ workspace_id: file.workspaceId, file_path: file.filePath, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'file_path'])
        // Not a parameter: a generic plan, which Postgres takes to from the sixth time on, would not match the index.
        .where(sql<boolean>`not is_deleted`)
        .doUpdateSet({ ...values, last_modified: now }),
    )
    .returning(fileColumns)
    .executeTakeFirstOrThrow()
}

/** The input files of jobs by input and place. */
export async function findJobInputFiles(db: Kysely<Database>, jobIds: readonly number[]): Promise<JobInputFile[]> {
  return db
    .selectFrom('job_input_file as i')
    .innerJoin('workspace_file as f', 'f.id', 'i.file_id')
    .select([
      'i.job_id as jobId',
      'i.input_name as inputName',
      'i.position',
      'i.file_id as fileId',
      'f.file_name as fileName',
    ])
    .where('i.job_id', '=', sql<number>`any(${[...jobIds]}::bigint[])`)
    .orderBy('i.job_id')
    .orderBy('i.input_name')
    .orderBy('i.position')
    .execute()
}
