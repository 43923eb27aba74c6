/** How Nomad writes allocations; keys in the order of v0.3.2, times in exact nanoseconds. */
import type { Allocation, TaskEvent, TaskStates } from '#model/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import { findNodeUuids } from '#resolvers/node-lookup.ts'

/** Allocations of a list, in the order given; one statement more than was needed to read them. */
export async function toNomadAllocationStubs(ctx: Context, allocations: readonly Allocation[]): Promise<object[]> {
  const nodes = await findNodeUuids(
    ctx,
    allocations.map(({ nodeId }) => nodeId),
  )
  return allocations.map((allocation) => {
    const { head, middle, tail } = partsOf(allocation, nodes)
    const { CreateIndex, ModifyIndex, CreateTime } = tail
    return { ...head, TaskGroup: allocation.taskGroup, ...middle, CreateIndex, ModifyIndex, CreateTime }
  })
}

/** The parts of an allocation that its short and its long form share, in their order. */
export function partsOf(allocation: Allocation, nodes: ReadonlyMap<number, string>) {
  return {
    head: {
      ID: allocation.uuid,
      EvalID: allocation.evaluationUuid,
      Name: allocation.name,
      NodeID: nodes.get(allocation.nodeId ?? 0) ?? '',
      JobID: allocation.jobName,
    },
    middle: {
      DesiredStatus: allocation.desiredStatus,
      DesiredDescription: allocation.desiredDescription,
      ClientStatus: allocation.clientStatus,
      ClientDescription: allocation.clientDescription,
      TaskStates: allocation.taskStates === null ? null : toTaskStates(allocation.taskStates),
    },
    tail: {
      CreateIndex: allocation.createIndex,
      ModifyIndex: allocation.modifyIndex,
      AllocModifyIndex: allocation.modifyIndex,
      CreateTime: allocation.createTimeNs,
    },
  }
}

/** Go writes its maps in the order of the bytes of their keys. */
function toTaskStates(states: TaskStates): object {
  const tasks = Object.entries(states).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return Object.fromEntries(
    tasks.map(([task, { state, events }]) => [task, { State: state, Events: events.map(toEvent) }]),
  )
}

function toEvent(event: TaskEvent): object {
  return {
    Type: event.type,
    Time: event.timeNs,
    RestartReason: event.restartReason ?? '',
    DriverError: event.driverError ?? '',
    ExitCode: event.exitCode ?? 0,
    Signal: event.signal ?? 0,
    Message: event.message ?? '',
    KillError: event.killError ?? '',
    StartDelay: event.startDelayNs ?? 0,
    DownloadError: event.downloadError ?? '',
    ValidationError: event.validationError ?? '',
  }
}
