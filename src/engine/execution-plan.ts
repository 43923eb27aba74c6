import { DomainError } from '#model/error.ts'
import type { Claim } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import { planExecution } from '#store/execution-plan.ts'
import { faultCode } from '#store/fault.ts'
import type { Store } from '#store/store.ts'
import { isAway, persistently } from './persist.ts'
import { readTask, type Task, TaskRefusal } from './task.ts'

/** What preparing needs of its surroundings. */
export type Desk = {
  readonly store: Store
  readonly workspacesDirectory: string
  readonly log: { error(message: string, error: unknown): void }
}

/**
 * Reads what a claimed job is made of and writes down what it is about to run with; null where the execution is no
 * longer held or `isOver` says so. A database that is away is asked again.
 * @throws TaskRefusal where the job cannot run, DomainError UNAVAILABLE where it lacks what may be there later
 */
export async function prepare(desk: Desk, claim: Claim, isOver: () => boolean): Promise<Task | null> {
  const lease = { executionId: claim.executionId, token: claim.token }
  try {
    const task = await persistently(() => readTask(desk.store, claim, desk.workspacesDirectory), isOver)
    const plan = { configuration: executionConfiguration(task, claim), resources: { resources: task.resources } }
    const isHeld = await persistently(() => planExecution(desk.store.db, lease, plan), isOver)
    return isHeld && !isOver() ? task : null
  } catch (error) {
    if (isOver()) return null
    throw refusalOf(desk, claim, error)
  }
}

/** A fault of our own must not look as if the worker had died: the job fails by it, and the log says where to look. */
function refusalOf(desk: Desk, claim: Claim, error: unknown): unknown {
  if (error instanceof TaskRefusal) return error
  if (error instanceof DomainError && (error.code === 'UNAVAILABLE' || error.code === 'BAD_USER_INPUT')) return error
  if (isAway(error)) return new DomainError('UNAVAILABLE', 'The database cannot answer now.')
  desk.log.error(`Job ${claim.jobId} could not be prepared`, error)
  const code = faultCode(error)
  const cause = code === null ? '' : ` (${code})`
  return new TaskRefusal('preparation', `The job could not be prepared${cause}; the log of its gateway tells why.`)
}

/** What Scale calls the one task of a local execution. */
export function taskId(claim: Claim): string {
  return `scale_job_jobgraph_${claim.jobId}x${claim.number}_main`
}

/** Scale execution configuration 2.0; secret settings show as stars. */
function executionConfiguration(task: Task, claim: Claim): Json {
  const secret = new Set(task.contract.settings.filter((setting) => setting.secret).map(({ name }) => name))
  const settings = Object.fromEntries(
    [...task.settings].map(([name, value]) => [name, secret.has(name) ? '*****' : value]),
  )
  const inputFiles = task.inputs.map(({ name, files }) => [
    name,
    files.map(({ file, workspace }) => ({
      id: file.id,
      type: file.fileType,
      workspace_name: workspace.name,
      workspace_path: file.filePath,
      is_deleted: file.isDeleted,
    })),
  ])
  const main = {
    task_id: taskId(claim),
    type: 'main',
    args: task.contract.command ?? '',
    resources: task.resources,
    env_vars: {},
    workspaces: {},
    mounts: {},
    settings,
    volumes: {},
    docker_params: [],
  }
  const outputs = { ...task.configuration.output_workspaces.outputs }
  return { version: '2.0', input_files: Object.fromEntries(inputFiles), output_workspaces: outputs, tasks: [main] }
}
