import type { Execution } from '#model/execution.ts'
import { manifestOf } from '#model/job-type.ts'
import type { Json } from '#model/json.ts'
import { resourcesOf } from '#model/resource.ts'
import type { Context } from '#resolvers/context.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { toExecutionOutput } from './data-wire.ts'
import { toJobTypeBase } from './job-type-wire.ts'
import { toError, toNode } from './reference-wire.ts'
import { toExecutionStatus } from './status-wire.ts'

/** The name of an execution in the cluster, unique over all jobs. */
export function clusterId(execution: Execution): string {
  return `scale_job_jobgraph_${execution.jobId}x${execution.number}`
}

/** An execution as the list of a job's executions shows it. */
export async function toScaleExecution(ctx: Context, execution: Execution) {
  const [node, error, type] = await Promise.all([
    loadNullable(ctx.loaders.node, execution.nodeId),
    loadNullable(ctx.loaders.error, execution.errorId),
    loadRequired(ctx.loaders.jobType, execution.jobTypeId),
  ])
  return {
    id: execution.id,
    status: toExecutionStatus(execution.status),
    exe_num: execution.number,
    cluster_id: clusterId(execution),
    created: execution.createdAt,
    queued: execution.queuedAt,
    started: execution.startedAt,
    ended: execution.endedAt,
    job: { id: execution.jobId },
    node: toNode(node),
    error: toError(error),
    job_type: toJobTypeBase(type),
    timeout: execution.timeoutSeconds,
    input_file_size: execution.inputFileSize,
  }
}

/** What an execution shows that was given no configuration of its own, such as one that was canceled in the queue. */
const noConfiguration: Json = { version: '2.0', input_files: {}, output_workspaces: {}, tasks: [] }

/** An execution with all that belongs to it. */
export async function toScaleExecutionDetails(ctx: Context, execution: Execution) {
  return {
    ...(await toScaleExecution(ctx, execution)),
    task_results: execution.taskResults,
    resources: execution.resources ?? (await neededResources(ctx, execution)),
    configuration: execution.configuration ?? noConfiguration,
    output: toExecutionOutput(execution.output),
  }
}

/** Where a worker recorded no resources, those that the manifest asks for. */
async function neededResources(ctx: Context, execution: Execution) {
  const revision = await loadRequired(ctx.loaders.revision, execution.jobTypeRevisionId)
  return { resources: resourcesOf(manifestOf(revision), execution.inputFileSize) }
}
