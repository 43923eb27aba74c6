import { isEnded, taskStatesOf } from '#model/allocation.ts'
import { badInput, notFound } from '#model/error.ts'
import {
  completeLogSource,
  type LogInstance,
  type LogOrigin,
  type LogSource,
  type LogSourceInput,
  taskNames,
} from '#model/logger.ts'
import { findBytes } from '#store/log-byte.ts'
import {
  findLogAllocation,
  findLogSource,
  findLogSources,
  findLogSourcesOf,
  type LogAllocation,
  replaceLogSources,
} from '#store/log-source.ts'
import type { Context } from './context.ts'
import { loadRequired } from './loaders.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const mostInstances = 10_000

/** The list of logs, in the order in which it was set. */
export async function listLogSources(ctx: Context): Promise<readonly LogSource[]> {
  return findLogSources(ctx.store.db)
}

/**
 * Replaces the list of logs as a whole and returns it in full. The jobs that it names need not exist. What was set for
 * the loggers of ids that vanish is forgotten.
 * @throws DomainError BAD_USER_INPUT for an empty or repeated id or an empty job; then nothing has changed
 */
export async function setLogSources(ctx: Context, inputs: readonly LogSourceInput[]): Promise<readonly LogSource[]> {
  const ids = new Set<string>()
  for (const [place, { id, job }] of inputs.entries()) {
    const path = ['logs', place]
    if (id === '') throw badInput(`Log ${place} has no id.`, { path: [...path, 'id'] })
    if (job === '') throw badInput(`Log ${id} has no job.`, { path: [...path, 'job'] })
    if (ids.has(id)) throw badInput(`The log id ${id} is given twice.`, { path: [...path, 'id'] })
    ids.add(id)
  }
  const sources = inputs.map(completeLogSource)
  await replaceLogSources(ctx.store, sources)
  return sources
}

/** A log of the list. @throws DomainError NOT_FOUND for an id that is not in it */
export async function getLogSource(ctx: Context, id: string): Promise<LogSource> {
  const source = await findLogSource(ctx.store.db, id)
  if (source === null) throw notFound(`There is no log ${id}.`)
  return source
}

/**
 * The instances of a log, one for each allocation of its task, newest first: of the newest `limit` allocations of its
 * group, at most 10,000.
 */
export async function listLogInstances(
  ctx: Context,
  source: LogSource,
  limit = mostInstances,
): Promise<readonly LogInstance[]> {
  const { job, taskGroup } = source
  const allocations = await ctx.loaders.logAllocations.load({ job, taskGroup, limit })
  const instances = allocations.map(async (allocation): Promise<LogInstance[]> => {
    const tasks = await tasksOf(ctx, allocation)
    if (!tasks.includes(source.task)) return []
    const { executionId, uuid: allocationUuid, createdAt } = allocation
    return [{ executionId, allocationUuid, status: taskStatus(allocation, source.task), source, createdAt }]
  })
  return (await Promise.all(instances)).flat()
}

function taskStatus({ clientStatus, taskStates }: LogAllocation, task: string): LogInstance['status'] {
  if (isEnded(clientStatus)) return 'dead'
  const states = taskStatesOf(taskStates) ?? {}
  const reported = Object.hasOwn(states, task) ? states[task] : undefined
  return reported?.state ?? (clientStatus === 'running' ? 'running' : 'pending')
}

/** The tasks that an allocation runs, by its specification and by what its worker reports. */
export async function tasksOf(ctx: Context, allocation: LogAllocation): Promise<readonly string[]> {
  const revision = await loadRequired(ctx.loaders.revision, allocation.jobTypeRevisionId)
  const reported = Object.keys(taskStatesOf(allocation.taskStates) ?? {})
  return [...new Set([...taskNames(revision.manifest, allocation.taskGroup), ...reported])]
}

/** The allocation of a uuid. @throws DomainError NOT_FOUND for an unknown one, also where it is no uuid */
export async function getLogAllocation(ctx: Context, id: string): Promise<LogAllocation> {
  const allocation = uuid.test(id) ? await findLogAllocation(ctx.store.db, id) : null
  if (allocation === null) throw notFound(`There is no allocation ${id}.`)
  return allocation
}

/** Which part of which file of an allocation is wanted. */
export type LogFileQuery = {
  readonly allocationUuid: string
  /** The name of a task, or of the allocation's group where that has one task alone. */
  readonly task: string
  /** `stdout`, `stderr`, or a file that the list of logs names for the task. */
  readonly fileName: string
  readonly origin: LogOrigin
  /** Bytes to skip from the start, or to take from the end. */
  readonly offset: number
  /** At most so many bytes; absent means all. */
  readonly limit?: number
}

/** A part of a log file, and how large the whole file was when it was read. */
export type LogFilePart = {
  readonly bytes: Uint8Array
  /** Where the first of the bytes lies in the file. */
  readonly from: number
  readonly size: number
}

/**
 * The bytes of a log file as they are now: those after an offset, or the last ones. Whatever lies beyond the file is
 * empty; characters are not looked at.
 * @throws DomainError NOT_FOUND for an unknown allocation or task, BAD_USER_INPUT for a file that is no log of the task
 */
export async function readLogFile(ctx: Context, query: LogFileQuery): Promise<LogFilePart> {
  const { fileName, origin, offset, limit } = query
  const allocation = await getLogAllocation(ctx, query.allocationUuid)
  const tasks = await tasksOf(ctx, allocation)
  const isGroup = query.task === allocation.taskGroup && tasks.length === 1
  const task = tasks.includes(query.task) ? query.task : isGroup ? tasks[0] : undefined
  if (task === undefined) throw notFound(`Allocation ${allocation.uuid} has no task ${query.task}.`)
  if (!(await isLog(ctx, allocation, task, fileName)))
    throw badInput(`${fileName} is no log of task ${task}: it must be stdout, stderr or a file in the list of logs.`)
  const streams = await ctx.loaders.logStreams.load(allocation.executionId)
  const stream = streams.find((one) => one.task === task && one.name === fileName)
  const size = stream?.byteCount ?? 0
  const from = origin === 'start' ? Math.min(offset, size) : Math.max(0, size - offset)
  const end = limit === undefined ? size : Math.min(size, from + limit)
  const bytes = stream === undefined ? new Uint8Array() : await findBytes(ctx.store.db, stream.id, from, end)
  return { bytes, from, size }
}

async function isLog(ctx: Context, allocation: LogAllocation, task: string, fileName: string): Promise<boolean> {
  if (fileName === 'stdout' || fileName === 'stderr') return true
  const sources = await findLogSourcesOf(ctx.store.db, allocation.jobName, allocation.taskGroup)
  return sources.some((source) => source.task === task && source.fileName === fileName)
}
