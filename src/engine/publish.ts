import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Claim } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import type { Store } from '#store/store.ts'
import { findWorkspacesByName, upsertFile } from '#store/workspace.ts'
import type { CapturedFile } from './drivers/output.ts'
import { directoryOf, type Task, TaskRefusal } from './task.ts'

/**
 * Copies captured files into the workspaces that the configuration names, registers them, and returns the job's output
 * as Scale data v6: file ids by output name, and JSON values.
 * @throws TaskRefusal where an output has no workspace
 */
export async function publishOutputs(
  store: Store,
  task: Task,
  claim: Claim,
  captured: {
    readonly files: Readonly<Record<string, readonly CapturedFile[]>>
    readonly json: Readonly<Record<string, Json>>
  },
  workspacesDirectory: string,
): Promise<Json> {
  const files: Record<string, number[]> = {}
  for (const [output, produced] of Object.entries(captured.files)) {
    const workspace = await outputWorkspace(store, task, output)
    const directory = directoryOf(workspace, workspacesDirectory)
    const ids: number[] = []
    const taken = new Set<string>()
    for (const [position, file] of produced.entries()) {
      const name = taken.has(file.fileName) ? `${position + 1}-${file.fileName}` : file.fileName
      taken.add(name)
      const filePath = join(task.type.name, String(claim.jobId), String(claim.number), output, name)
      await mkdir(dirname(join(directory, filePath)), { recursive: true })
      await copyFile(file.path, join(directory, filePath))
      const row = await upsertFile(
        store.db,
        productOf(task, claim, output, file, { workspaceId: workspace.id, name, filePath }),
      )
      ids.push(row.id)
    }
    files[output] = ids
  }
  return { files, json: captured.json }
}

function productOf(
  task: Task,
  claim: Claim,
  output: string,
  file: CapturedFile,
  place: { readonly workspaceId: number; readonly name: string; readonly filePath: string },
) {
  const { job } = task
  return {
    workspaceId: place.workspaceId,
    fileName: place.name,
    filePath: place.filePath,
    fileType: 'PRODUCT' as const,
    mediaType: file.mediaType,
    fileSize: file.size,
    sourceStarted: job.sourceStarted,
    sourceEnded: job.sourceEnded,
    sourceSensorClass: job.sourceSensorClass,
    sourceSensor: job.sourceSensor,
    sourceCollection: job.sourceCollection,
    sourceTask: job.sourceTask,
    jobId: claim.jobId,
    executionId: claim.executionId,
    jobOutput: output,
    recipeId: job.recipeId,
    batchId: job.batchId,
  }
}

async function outputWorkspace(store: Store, task: Task, output: string) {
  const { default: usual, outputs } = task.configuration.output_workspaces
  const name = (Object.hasOwn(outputs, output) ? outputs[output] : undefined) ?? usual
  const [workspace] = name === '' ? [] : await findWorkspacesByName(store.db, [name])
  if (workspace === undefined) throw new TaskRefusal('invalid-output', `Output ${output} has no workspace to go to.`)
  return workspace
}
