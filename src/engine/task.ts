import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import type { JobData } from '#model/documents/data.ts'
import { type CompleteInterface, manifestInterface } from '#model/documents/seed-manifest.ts'
import type { SeedManifest } from '#model/documents/seed-manifest-schema.ts'
import type { Claim } from '#model/execution.ts'
import type { Job } from '#model/job.ts'
import { configurationOf, type JobType, manifestOf } from '#model/job-type.ts'
import type { Json } from '#model/json.ts'
import { resourcesOf } from '#model/resource.ts'
import type { Workspace, WorkspaceFile } from '#model/workspace.ts'
import { findJobs } from '#store/job.ts'
import { findJobTypes, findRevisions } from '#store/job-type.ts'
import { findJobTypeSecrets } from '#store/job-type-secret.ts'
import type { Store } from '#store/store.ts'
import { findFiles, findWorkspaces } from '#store/workspace.ts'

/** Everything that one execution needs to know before it starts. */
export type Task = {
  readonly job: Job
  readonly type: JobType
  readonly manifest: SeedManifest
  readonly contract: CompleteInterface
  readonly configuration: JobConfiguration
  /** Settings with their secrets, by name. */
  readonly settings: ReadonlyMap<string, string>
  readonly resources: Readonly<Record<string, number>>
  readonly inputs: readonly TaskInput[]
  readonly json: readonly { readonly name: string; readonly value: Json }[]
}

/** One file input and where its files lie. */
export type TaskInput = {
  readonly name: string
  readonly multiple: boolean
  readonly files: readonly { readonly file: WorkspaceFile; readonly workspace: Workspace; readonly path: string }[]
}

/** A task that cannot run: `errorName` is a built-in error. */
export class TaskRefusal extends Error {
  readonly errorName: string

  constructor(errorName: string, message: string) {
    super(message)
    this.errorName = errorName
  }
}

/**
 * Reads what a claimed job is made of.
 * @throws TaskRefusal where a mount, a setting or a file that it needs is missing
 */
export async function readTask(store: Store, claim: Claim, workspacesDirectory: string): Promise<Task> {
  const [job] = await findJobs(store.db, [claim.jobId])
  const [type] = await findJobTypes(store.db, [claim.jobTypeId])
  const [revision] = job === undefined ? [] : await findRevisions(store.db, [job.jobTypeRevisionId])
  if (job === undefined || type === undefined || revision === undefined)
    throw new Error(`job ${claim.jobId} is incomplete`)
  const manifest = manifestOf(revision)
  const contract = manifestInterface(manifest)
  // The column holds what checkData returned, or null for a job without input.
  const data = (job.input ?? { files: {}, json: {} }) as unknown as JobData
  const configuration = (job.configuration ?? configurationOf(type)) as unknown as JobConfiguration
  for (const { name } of contract.mounts)
    if (!Object.hasOwn(configuration.mounts, name))
      throw new TaskRefusal('missing-mount', `Mount ${name} is not configured.`)
  return {
    job,
    type,
    manifest,
    contract,
    configuration,
    settings: await readSettings(store, type, configuration, contract),
    resources: resourcesOf(manifest, job.inputFileSize ?? 0),
    inputs: await readInputs(store, data, contract, workspacesDirectory),
    json: contract.inputs.json.flatMap(({ name }) => {
      const value = Object.hasOwn(data.json, name) ? data.json[name] : undefined
      return value === undefined ? [] : [{ name, value }]
    }),
  }
}

async function readSettings(
  store: Store,
  type: JobType,
  configuration: JobConfiguration,
  contract: CompleteInterface,
): Promise<ReadonlyMap<string, string>> {
  const secrets = await findJobTypeSecrets(store.db, store.keys, type.id)
  const settings = new Map<string, string>()
  for (const { name, secret } of contract.settings) {
    const plain = Object.hasOwn(configuration.settings, name) ? configuration.settings[name] : undefined
    const value = secret ? secrets.get(name) : plain
    if (value === undefined) throw new TaskRefusal('missing-setting', `Setting ${name} has no value.`)
    settings.set(name, value)
  }
  return settings
}

async function readInputs(
  store: Store,
  data: JobData,
  contract: CompleteInterface,
  workspacesDirectory: string,
): Promise<TaskInput[]> {
  const given = contract.inputs.files.flatMap(({ name, multiple }) => {
    const ids = Object.hasOwn(data.files, name) ? data.files[name] : undefined
    return ids === undefined ? [] : [{ name, multiple, ids: ids.map(Number) }]
  })
  const files = new Map(
    (
      await findFiles(
        store.db,
        given.flatMap(({ ids }) => ids),
      )
    ).map((file) => [file.id, file]),
  )
  const workspaceIds = [...new Set([...files.values()].map((file) => file.workspaceId))]
  const workspaces = new Map((await findWorkspaces(store.db, workspaceIds)).map((one) => [one.id, one]))
  const inputs: TaskInput[] = []
  for (const { name, multiple, ids } of given) {
    const found = []
    for (const id of ids) found.push(await locate(id, files.get(id), workspaces, workspacesDirectory))
    inputs.push({ name, multiple, files: found })
  }
  return inputs
}

async function locate(
  id: number,
  file: WorkspaceFile | undefined,
  workspaces: ReadonlyMap<number, Workspace>,
  workspacesDirectory: string,
) {
  const workspace = file === undefined ? undefined : workspaces.get(file.workspaceId)
  if (file === undefined || workspace === undefined) throw new TaskRefusal('missing-file', `There is no file ${id}.`)
  if (file.isDeleted) throw new TaskRefusal('deleted-file', `File ${file.fileName} was deleted.`)
  const path = join(directoryOf(workspace, workspacesDirectory), file.filePath)
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (!isThere) throw new TaskRefusal('missing-file', `File ${file.filePath} is not in workspace ${workspace.name}.`)
  return { file, workspace, path }
}

/** Where a workspace's files lie: its own directory, or one under the data directory. */
export function directoryOf(workspace: Workspace, workspacesDirectory: string): string {
  return workspace.directory ?? resolve(workspacesDirectory, workspace.name)
}
