import { realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { badInput, notFound } from '#model/error.ts'
import { mediaTypeOf } from '#model/media-type.ts'
import { isWorkspaceName, type Workspace, type WorkspaceFile } from '#model/workspace.ts'
import { writingOne } from '#store/store.ts'
import { findWorkspacesByName, type NewWorkspaceFile, upsertFile, upsertWorkspace } from '#store/workspace.ts'
import type { Context } from './context.ts'

/** What a registration says of a workspace; the directory is absolute and exists, or null for one of our own. */
export type WorkspaceInput = {
  readonly name: string
  readonly title?: string | null
  readonly description?: string | null
  readonly directory?: string | null
  readonly isActive?: boolean
}

/**
 * Registers a workspace, or brings the one of that name up to date.
 * @throws DomainError BAD_USER_INPUT where the name is no name or the directory is not there
 */
export async function registerWorkspace(ctx: Context, input: WorkspaceInput): Promise<Workspace> {
  if (!isWorkspaceName(input.name))
    throw badInput('A workspace name has 1 to 50 letters, digits, dots, dashes or underscores.', { path: ['name'] })
  const directory = input.directory ?? null
  const kept = {
    name: input.name,
    title: input.title ?? null,
    description: input.description ?? null,
    directory: directory === null ? null : await existingDirectory(directory),
    isActive: input.isActive ?? true,
  }
  return writingOne(ctx.store, (db) => upsertWorkspace(db, kept))
}

async function existingDirectory(directory: string): Promise<string> {
  const path = ['directory']
  if (!isAbsolute(directory)) throw badInput('A workspace directory must be an absolute path.', { path })
  const found = await realpath(directory).catch(() => null)
  if (found === null || !(await stat(found)).isDirectory())
    throw badInput(`There is no directory ${directory}.`, { path })
  return found
}

/** What a registration says of a file beyond what the disk tells. */
export type FileInput = {
  readonly workspace: string
  /** Relative to the workspace's directory. */
  readonly path: string
  readonly mediaType?: string | null
} & Partial<
  Pick<
    NewWorkspaceFile,
    | 'dataTypeTags'
    | 'countries'
    | 'dataStarted'
    | 'dataEnded'
    | 'sourceStarted'
    | 'sourceEnded'
    | 'sourceSensorClass'
    | 'sourceSensor'
    | 'sourceCollection'
    | 'sourceTask'
  >
>

/**
 * Registers a file that lies in a workspace, or brings it up to date; its size is read from the disk, and its media
 * type from its name unless given.
 * @throws DomainError NOT_FOUND for an unknown workspace, BAD_USER_INPUT where no such file lies inside it
 */
export async function registerFile(ctx: Context, input: FileInput): Promise<WorkspaceFile> {
  const [workspace] = await findWorkspacesByName(ctx.store.db, [input.workspace])
  if (workspace === undefined) throw notFound(`There is no workspace ${input.workspace}.`, { path: ['workspace'] })
  const directory = workspaceDirectory(ctx.workspacesDirectory, workspace)
  const found = await realpath(resolve(directory, input.path)).catch(() => null)
  const root = await realpath(directory).catch(() => directory)
  const path = { path: ['path'] }
  if (found === null) throw badInput(`Workspace ${workspace.name} holds no file ${input.path}.`, path)
  if (!found.startsWith(root + sep)) throw badInput(`${input.path} lies outside workspace ${workspace.name}.`, path)
  const { size, isFile } = await fileFacts(found)
  if (!isFile) throw badInput(`${input.path} is not a file.`, path)
  const { workspace: _workspace, path: _path, mediaType, ...known } = input
  const kept = {
    ...known,
    workspaceId: workspace.id,
    fileName: basename(found),
    filePath: relative(root, found),
    fileType: 'SOURCE' as const,
    mediaType: mediaType ?? mediaTypeOf(found),
    fileSize: size,
  }
  return writingOne(ctx.store, (db) => upsertFile(db, kept))
}

async function fileFacts(path: string): Promise<{ size: number; isFile: boolean }> {
  const facts = await stat(path)
  return { size: facts.size, isFile: facts.isFile() }
}

/** Where a workspace's files lie: its own directory, or one under the data directory. */
export function workspaceDirectory(root: string, workspace: Workspace): string {
  return workspace.directory ?? resolve(root, workspace.name)
}
