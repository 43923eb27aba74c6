import { join } from 'node:path'
import { allocationMark } from '#engine/allocation.ts'
import { findRuns } from '#engine/drivers/tree.ts'
import type { Engine } from '#engine/engine.ts'
import { startServiceEngine } from '#engine/service-engine.ts'
import type { Allocation, TaskState } from '#model/allocation.ts'
import { toJson } from '#model/json.ts'
import { listAllocations, listJobAllocations } from '#resolvers/allocation.ts'
import { registerServiceJob } from '#resolvers/service-job.ts'
import { findLogStreams } from '#store/log.ts'
import { findBytes } from '#store/log-byte.ts'
import type { TestGateway } from './gateway.ts'
import { sentGroup, sentTask } from './job-spec.ts'
import { jobSpec } from './service.ts'
import { until } from './wait.ts'

/** Starts a real engine for service jobs on the test's store; it has room for whatever a test asks for. */
export function serviceEngineOf(test: TestGateway): Promise<Engine> {
  return startServiceEngine({
    store: test.store,
    hostname: 'engine.test',
    allocationsDirectory: allocationsDirectoryOf(test),
    now: test.gateway.now,
    newId: test.gateway.newId,
    node: { cpu: 100_000, memoryMb: 100_000, diskMb: 1_000_000 },
    log: test.gateway.log,
  })
}

/** Where the allocations of a test have their directories. */
export function allocationsDirectoryOf(test: TestGateway): string {
  return join(test.directory, 'alloc')
}

/** A task that is a line of shell. */
export function shell(script: string, members: Readonly<Record<string, unknown>> = {}) {
  return sentTask({ Config: { command: '/bin/sh', args: ['-c', script] }, ...members })
}

/** A policy of Nomad's, its times in seconds. */
export function restarts(attempts: number, interval: number, delay: number, mode: string) {
  return { Attempts: attempts, Interval: interval * 1e9, Delay: delay * 1e9, Mode: mode }
}

/** Registers a job with one group of tasks. */
export function run(
  test: TestGateway,
  id: string,
  tasks: readonly object[],
  members: { readonly job?: object; readonly group?: object } = {},
) {
  return registerServiceJob(
    test.context(),
    jobSpec(id, { TaskGroups: [sentGroup({ Tasks: tasks, ...members.group })], ...members.job }),
  )
}

/** The allocations of a job, oldest first. */
export async function allocationsOf(test: TestGateway, id: string): Promise<Allocation[]> {
  const { value } = await listJobAllocations(test.context(), id)
  return value.toSorted((a, b) => a.executionId - b.executionId)
}

/** Waits until the allocations of a job, oldest first, are `<desired>/<client>` as told, and returns them. */
export function untilAllocations(test: TestGateway, id: string, ...wanted: readonly string[]): Promise<Allocation[]> {
  const told = (all: readonly Allocation[]) => all.map((one) => `${one.desiredStatus}/${one.clientStatus}`).join(' ')
  let last: readonly Allocation[] = []
  return until(`the allocations of ${id} to be ${wanted}`, async () => {
    const all = await allocationsOf(test, id)
    last = all
    return told(all) === wanted.join(' ') ? all : null
  }).catch((error: unknown) => {
    throw new Error(`${error}; they are ${told(last)} with ${toJson(last.map(({ taskStates }) => taskStates))}`)
  })
}

/** Waits until the one allocation of a job is as told, and returns it with its task t1. */
export async function untilOne(test: TestGateway, id: string, wanted: string) {
  const [allocation] = await untilAllocations(test, id, wanted)
  if (allocation === undefined) throw new Error('no allocation')
  return { allocation, task: taskOf(allocation) }
}

/** Where a task of an allocation stands. */
export function taskOf(allocation: Allocation | undefined, name = 't1'): TaskState {
  const task = allocation?.taskStates?.[name]
  if (task === undefined) throw new Error(`nothing was told of task ${name}`)
  return task
}

/** The types of a task's events, oldest first. */
export function eventsOf(task: TaskState): string[] {
  return task.events.map(({ type }) => type)
}

/** Everything that a task wrote to a stream so far. */
export async function output(test: TestGateway, executionId: number, task = 't1', stream = 'stdout'): Promise<string> {
  const streams = await findLogStreams(test.store.db, [executionId])
  const found = streams.find((one) => one.task === task && one.name === stream)
  if (found === undefined) return ''
  return Buffer.from(await findBytes(test.store.db, found.id, 0, found.byteCount)).toString('latin1')
}

/** Waits until a task has written something of that kind. */
export function untilOutput(test: TestGateway, executionId: number, pattern: RegExp, stream = 'stdout') {
  return until(`output like ${pattern}`, async () => {
    const text = await output(test, executionId, 't1', stream)
    return pattern.test(text) && text
  })
}

/** The marks of processes of this store's allocations that are alive. */
export async function livingMarks(test: TestGateway): Promise<string[]> {
  const { value } = await listAllocations(test.context())
  const marks = value.map(({ uuid }) => allocationMark(uuid))
  return [...(await findRuns()).keys()].filter((token) => marks.some((mark) => token.startsWith(mark)))
}
