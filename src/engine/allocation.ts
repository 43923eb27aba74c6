import type { AllocationUpdate, TaskEvent, TaskState } from '#model/allocation.ts'
import type { NodeFacts } from '#model/constraint.ts'
import type { JobSpec, TaskGroupSpec } from '#model/documents/job-spec-type.ts'
import { loggersFile } from '#model/logger.ts'
import type { AllocationClaim } from '#store/allocation-work.ts'
import { findLoggerLevels } from '#store/logger.ts'
import { findSecretValues } from '#store/secret.ts'
import type { Store } from '#store/store.ts'
import { allocationDirectory, makeAllocationDirectory, writeLoggersFile } from './allocation-directory.ts'
import type { TaskPort, TaskSurroundings } from './allocation-environment.ts'
import { type AllocationReport, openReport } from './allocation-report.ts'
import { killed, nanoseconds, restarting, runTask, type TaskEnding, type TaskRun } from './allocation-task.ts'
import type { Containment } from './drivers/containment.ts'
import { dynamicPorts, releasePorts, reservedPorts } from './port.ts'
import { createTaskBoard, type TaskBoard } from './task-board.ts'

/** What running allocations needs of its surroundings. */
export type AllocationBench = {
  readonly store: Store
  readonly containment: Containment
  /** Where allocations get their directories; absolute. */
  readonly allocationsDirectory: string
  readonly node: NodeFacts
  /** Ports that tasks of this process were given. */
  readonly takenPorts: Set<number>
  readonly now: () => Date
  readonly random: () => number
  readonly log: {
    debug(message: string, fields?: Readonly<Record<string, unknown>>): void
    error(message: string, error: unknown): void
  }
}

/** An allocation under way. */
export type AllocationRun = {
  readonly claim: AllocationClaim
  readonly jobType: string
  /** Resolves when nothing of it runs any more and the store knows, or has refused to. */
  readonly done: Promise<void>
  /** Takes over another specification without disturbing what runs. */
  readonly update: (spec: JobSpec, jobTypeRevisionId: number) => void
  /** The revision of which its specification is. */
  readonly revisionId: () => number
  /** Ends its tasks as their KillTimeout has it, and reports it complete: nobody wants it any more. */
  readonly stop: () => Promise<void>
  /** Ends its tasks and leaves the allocation as one that is to be started again. */
  readonly handOver: (graceMs: number) => Promise<void>
  /** Kills its tasks and reports nothing. */
  readonly abandon: (reason: string, graceMs?: number) => Promise<void>
  /** Writes the levels of its loggers anew where they have changed. */
  readonly refreshLoggers: () => Promise<void>
}

/** What begins the marks of all processes of an allocation; the place of the task in its group follows. */
export function allocationMark(uuid: string): string {
  return `alloc:${uuid}:`
}

/** The working parts of a run. */
type Parts = {
  readonly bench: AllocationBench
  readonly claim: AllocationClaim
  readonly board: TaskBoard
  readonly directory: TaskSurroundings['directory']
  readonly tasks: Map<string, TaskRun>
  readonly ports: Map<string, readonly TaskPort[]>
  readonly report: AllocationReport
  spec: JobSpec
  ending: TaskEnding | null
  /** What the file of loggers holds; null before there is one. */
  loggers: string | null
  /** The writing of that file, one after another. */
  telling: Promise<void>
}

/** Runs one allocation to its end: directory, ports, tasks, reports. */
export function runAllocation(bench: AllocationBench, claim: AllocationClaim): AllocationRun {
  const { allocation, token } = claim
  const board = createTaskBoard(allocation.taskStates)
  const end = (how: TaskEnding, graceMs?: number) => endTasks(parts, how, graceMs)
  const report = openReport(
    bench.store,
    { executionId: allocation.executionId, token },
    () => runningUpdate(board),
    () => void end('abandon', 0),
    (error) => bench.log.error(`Allocation ${allocation.uuid} could not be reported`, error),
  )
  const parts: Parts = {
    bench,
    claim,
    board,
    directory: allocationDirectory(bench.allocationsDirectory, allocation.uuid),
    tasks: new Map(),
    ports: new Map(),
    report,
    spec: claim.spec,
    ending: null,
    loggers: null,
    telling: Promise.resolve(),
  }
  const done = carryOut(parts)
  let revisionId = allocation.jobTypeRevisionId
  return {
    claim,
    jobType: parts.spec.Type,
    done,
    update(spec, jobTypeRevisionId) {
      parts.spec = spec
      revisionId = jobTypeRevisionId
    },
    revisionId: () => revisionId,
    stop: () => end('stop'),
    handOver: (graceMs) => end('hand-over', graceMs),
    abandon: (_reason, graceMs) => end('abandon', graceMs),
    refreshLoggers: () => refreshLoggers(parts),
  }
}

/** What is told while tasks run; that all are dead is told by the end of the run alone, since one may come back. */
function runningUpdate(board: TaskBoard): AllocationUpdate | null {
  const clientStatus = board.clientStatus()
  return clientStatus === 'pending' || clientStatus === 'running' ? { clientStatus, taskStates: board.states() } : null
}

async function carryOut(parts: Parts): Promise<void> {
  const { report, bench, board } = parts
  const { uuid, name } = parts.claim.allocation
  const begun = performance.now()
  bench.log.debug('Claimed an allocation', { allocation: uuid, name })
  try {
    const refusal = await prepare(parts)
    if (refusal !== null) return await report.close({ clientStatus: 'failed', clientDescription: refusal })
    startTasks(parts)
    await Promise.all([...parts.tasks.values()].map(({ done }) => done))
    await report.close(lastUpdate(parts))
    const outcome = parts.ending ?? board.clientStatus()
    bench.log.debug('Ended an allocation', { allocation: uuid, outcome, ms: Math.round(performance.now() - begun) })
  } finally {
    for (const ports of parts.ports.values()) releasePorts(ports, parts.bench.takenPorts)
  }
}

function lastUpdate({ board, ending }: Parts): AllocationUpdate | null {
  if (ending === 'abandon') return null
  const update = { clientStatus: board.clientStatus(), taskStates: board.states() }
  return runningUpdate(board) ?? { ...update, exitCode: board.exitCode() }
}

/** Makes ready what all tasks share; gives the reason where that cannot be done. */
async function prepare(parts: Parts): Promise<string | null> {
  const { claim, bench, directory } = parts
  const name = claim.allocation.taskGroup
  const group = groupOf(parts)
  if (group === undefined) return `missing task group '${name}'`
  const tasks = group.Tasks ?? []
  try {
    await makeAllocationDirectory(
      directory,
      tasks.map((task) => task.Name),
    )
    await refreshLoggers(parts)
    for (const task of tasks) parts.ports.set(task.Name, reservedPorts(task, bench.takenPorts))
    for (const task of tasks) {
      const reserved = parts.ports.get(task.Name) ?? []
      parts.ports.set(task.Name, [...reserved, ...(await dynamicPorts(task, bench.takenPorts))])
    }
    return null
  } catch (error) {
    return `failed to build task dirs for '${name}': ${error instanceof Error ? error.message : error}`
  }
}

/** Starts the tasks that are not dead; those of an earlier run are started again. */
function startTasks(parts: Parts): void {
  const { board, claim, bench } = parts
  const tasks = groupOf(parts)?.Tasks ?? []
  const isOver = claim.allocation.desiredStatus !== 'run' || tasks.some(({ Name }) => board.hasFailed(Name))
  if (isOver) parts.ending ??= 'stop'
  // Nothing is told yet: that a task was received goes with its start, in one index, as with Nomad.
  for (const [place, { Name }] of tasks.entries()) {
    const state = board.stateOf(Name)
    if (state === null) board.tell(Name, 'pending', { type: 'Received', timeNs: nanoseconds(bench.now()) })
    if (state === 'dead') continue
    if (state === 'running') board.tell(Name, 'pending', lostGateway(bench.now()))
    if (parts.ending === null) parts.tasks.set(Name, runTask(situationOf(parts, Name, place)))
    else if (parts.ending === 'stop') board.tell(Name, 'dead', killed(bench.now()))
  }
}

async function endTasks(parts: Parts, how: TaskEnding, graceMs?: number): Promise<void> {
  parts.ending ??= how
  await Promise.all([...parts.tasks.values()].map((task) => task.end(how, graceMs)))
}

function lostGateway(at: Date) {
  return restarting(at, { delayNs: 0, reason: 'The gateway that ran it has ended' })
}

function situationOf(parts: Parts, name: string, place: number) {
  const { bench, claim, board } = parts
  const { executionId, uuid } = claim.allocation
  return {
    store: bench.store,
    containment: bench.containment,
    now: bench.now,
    random: bench.random,
    secret: async (id: string, key: string) => {
      const values = await findSecretValues(bench.store.db, bench.store.keys, id)
      return values !== null && Object.hasOwn(values, key) ? (values[key] ?? null) : null
    },
    lease: { executionId, token: claim.token },
    jobType: parts.spec.Type,
    token: `${allocationMark(uuid)}${place}`,
    current: () => surroundingsOf(parts, name),
    tell: (state: TaskState['state'], event: TaskEvent, failed?: boolean) => {
      board.tell(name, state, event, failed)
      parts.report.dirty()
      if (board.hasFailed(name)) endSiblings(parts, name)
    },
    onLost: () => void endTasks(parts, 'abandon', 0),
  }
}

/** The tasks of a group live and die together, as with Nomad: when one has failed, the others are killed. */
function endSiblings({ tasks }: Parts, name: string): void {
  for (const [other, task] of tasks) if (other !== name) void task.end('stop')
}

function surroundingsOf(parts: Parts, name: string): TaskSurroundings {
  const group = groupOf(parts)
  const task = group?.Tasks?.find(({ Name }) => Name === name)
  if (group === undefined || task === undefined) throw new Error(`the specification has no task ${name}`)
  const { spec: job, claim, directory, bench } = parts
  const ports = parts.ports.get(name) ?? []
  return { job, group, task, allocation: claim.allocation, directory, ports, node: bench.node }
}

function groupOf({ spec, claim }: Parts): TaskGroupSpec | undefined {
  return spec.TaskGroups?.find(({ Name }) => Name === claim.allocation.taskGroup)
}

function refreshLoggers(parts: Parts): Promise<void> {
  const told = parts.telling.then(() => tellLoggers(parts))
  parts.telling = told.catch(() => {})
  return told
}

async function tellLoggers(parts: Parts): Promise<void> {
  const { bench, claim, directory } = parts
  const levels = await findLoggerLevels(bench.store.db, claim.allocation.executionId)
  const text = loggersFile(levels ?? [])
  if (text === parts.loggers) return
  await writeLoggersFile(directory, text)
  parts.loggers = text
}
