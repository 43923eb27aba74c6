import { notFound } from '#model/error.ts'
import type { Execution } from '#model/execution.ts'
import type { Counted, Window } from '#model/window.ts'
import { findExecution } from '#store/execution.ts'
import { countExecutions, type ExecutionFilter, findExecutionWindow } from '#store/execution-list.ts'
import type { Context } from './context.ts'
import { counted } from './window.ts'

/** The executions of a job in a window of its list, newest first; none for an unknown job (Scale v6 "Job Executions List"). */
export async function listExecutions(
  ctx: Context,
  filter: ExecutionFilter,
  window: Window,
): Promise<Counted<Execution>> {
  const { db } = ctx.store
  const executions = await findExecutionWindow(db, filter, window)
  for (const execution of executions) ctx.loaders.execution.prime(execution.id, execution)
  return counted(window, executions, () => countExecutions(db, filter))
}

/**
 * One execution of a job by its number within the job.
 * @throws DomainError NOT_FOUND where there is no such job or number
 */
export async function getExecution(ctx: Context, jobId: number, number: number): Promise<Execution> {
  const execution = await findExecution(ctx.store.db, jobId, number)
  if (execution === null) throw notFound(`Job ${jobId} has no execution ${number}.`)
  ctx.loaders.execution.prime(execution.id, execution)
  return execution
}
