import type { ClientStatus, DesiredStatus } from './allocation.ts'
import { distinctHosts } from './constraint.ts'
import {
  type Amounts,
  chooseNode,
  exhausted,
  type GroupNeeds,
  minus,
  type Occupancy,
  type PlacementReasons,
  plus,
  type ScheduledNode,
  unsuitable,
  usedOf,
} from './node-fit.ts'

/** A job as the scheduler sees it. */
export type ScheduledJob = {
  /** Nomad's `Name`, with which the names of allocations begin. */
  readonly title: string
  readonly kind: string
  /** Stopped or deregistered: nothing of it is wanted. */
  readonly isStopped: boolean
  /** Whether its instances must all run on different nodes. */
  readonly isDistinct: boolean
  /** How many instances are replaced at a time; null replaces all at once. */
  readonly maxParallel: number | null
  readonly groups: readonly ScheduledGroup[]
}

/** A task group as the scheduler sees it. */
export type ScheduledGroup = { readonly name: string; readonly count: number; readonly needs: GroupNeeds }

/** An allocation that the job has; those that ended for good and do not count any more are left out. */
export type ScheduledAllocation = {
  readonly executionId: number
  readonly name: string
  readonly group: string
  readonly nodeId: number | null
  readonly desiredStatus: DesiredStatus
  readonly clientStatus: ClientStatus
  readonly amounts: Amounts
  /** What the registered specification asks of it: nothing new, new data for the same tasks, or other tasks. */
  readonly change: 'none' | 'in-place' | 'destructive'
}

/** An instance to be made. */
export type Placement = {
  readonly group: string
  readonly slot: number
  readonly name: string
  readonly nodeId: number
}

/** What of a group could not be placed, and why. */
export type PlacementFailure = {
  readonly group: string
  /** The name of the first instance without a node. */
  readonly name: string
  readonly slot: number
  /** How many instances of the group are without a node. */
  readonly count: number
  readonly reasons: PlacementReasons
}

/** What the scheduler wants done about a job. */
export type Plan = {
  readonly stops: readonly { readonly executionId: number; readonly description: string }[]
  /** Allocations that live on under the present evaluation and specification. */
  readonly updates: readonly { readonly executionId: number; readonly group: string }[]
  readonly placements: readonly Placement[]
  readonly failures: readonly PlacementFailure[]
  /** Whether more instances are to be replaced after a pause. */
  readonly isRolling: boolean
}

/** Why an allocation is stopped, as Nomad words it. */
export const descriptions = {
  unneeded: 'alloc not needed due to job update',
  replaced: 'alloc is being updated due to job update',
  migrated: 'alloc is being migrated',
  unplaced: 'failed to find a node for placement',
} as const

/** The types of job that are scheduled; the evaluations of any other stay pending, as with Nomad. */
export const scheduledKinds = ['service', 'batch', 'system'] as const

/**
 * What has to be done so that a job stands as it is registered: pure, and empty where nothing has to. Instances are
 * known by their names, so a group is scaled down from its highest place, and the lowest free place is filled first.
 */
export function scheduleJob(
  job: ScheduledJob,
  allocations: readonly ScheduledAllocation[],
  nodes: readonly ScheduledNode[],
): Plan {
  const state = openState(job, nodes, allocations.filter(isWanted))
  const wanted = job.isStopped ? [] : wantedInstances(job, state)
  stopOthers(state, wanted)
  updateInPlace(state, wanted)
  replaceOthers(state, wanted, job.maxParallel)
  const occupied = new Set(state.standing.map(({ key }) => key))
  for (const instance of wanted) if (!occupied.has(instance.key)) place(state, instance)
  return {
    stops: state.stops,
    updates: state.updates,
    placements: state.placements,
    failures: [...state.failures.values()],
    isRolling: state.isRolling,
  }
}

/** An instance that the job should have; a system job has one on each node, so its node is part of what it is. */
type Instance = {
  readonly key: string
  readonly name: string
  readonly slot: number
  readonly group: ScheduledGroup
  readonly node: ScheduledNode | null
}

type Standing = { readonly key: string; readonly allocation: ScheduledAllocation }

type State = {
  readonly job: ScheduledJob
  readonly nodes: readonly ScheduledNode[]
  readonly occupancy: Occupancy
  readonly standing: Standing[]
  readonly stops: { executionId: number; description: string }[]
  readonly updates: { executionId: number; group: string }[]
  readonly placements: Placement[]
  readonly failures: Map<string, PlacementFailure>
  isRolling: boolean
}

/** An ended allocation only counts where its work is done: a batch job's that finished. */
function isWanted({ desiredStatus, clientStatus }: ScheduledAllocation): boolean {
  return desiredStatus === 'run' && clientStatus !== 'lost'
}

function isDone({ clientStatus }: ScheduledAllocation): boolean {
  return clientStatus === 'complete' || clientStatus === 'failed'
}

function openState(
  job: ScheduledJob,
  nodes: readonly ScheduledNode[],
  allocations: readonly ScheduledAllocation[],
): State {
  // Only finished work of a batch job stands for its instance; elsewhere what ended is to be made again.
  const counted = job.kind === 'batch' ? allocations : allocations.filter((allocation) => !isDone(allocation))
  const standing = counted.map((allocation) => ({ key: keyOf(job, allocation.name, allocation.nodeId), allocation }))
  const groupNodes = new Map<string, number[]>()
  for (const { allocation } of standing) {
    if (allocation.nodeId === null || isDone(allocation)) continue
    groupNodes.set(allocation.group, [...(groupNodes.get(allocation.group) ?? []), allocation.nodeId])
  }
  return {
    job,
    nodes,
    occupancy: { used: new Map(nodes.map((node) => [node.id, node.used])), groupNodes },
    standing,
    stops: [],
    updates: [],
    placements: [],
    failures: new Map(),
    isRolling: false,
  }
}

function keyOf(job: ScheduledJob, name: string, nodeId: number | null): string {
  return job.kind === 'system' ? `${name} on ${nodeId}` : name
}

function wantedInstances(job: ScheduledJob, state: State): Instance[] {
  return job.groups.flatMap((group) => {
    const slots = Array.from({ length: group.count }, (_, slot) => ({
      slot,
      name: `${job.title}.${group.name}[${slot}]`,
    }))
    if (job.kind !== 'system') return slots.map((one) => ({ ...one, key: one.name, group, node: null }))
    return slots.flatMap((one) =>
      systemNodes(group, state.nodes).map((node) => ({
        ...one,
        key: keyOf(job, one.name, node?.id ?? null),
        group,
        node,
      })),
    )
  })
}

/** A system job passes over nodes that do not suit it; where none does, that is a failure to be told. */
function systemNodes(group: ScheduledGroup, nodes: readonly ScheduledNode[]): readonly (ScheduledNode | null)[] {
  const suitable = nodes.filter(
    (node) => group.needs.datacenters.includes(node.datacenter) && unsuitable(group.needs, node) === null,
  )
  return suitable.length === 0 ? [null] : suitable
}

function stopOthers(state: State, wanted: readonly Instance[]): void {
  const keys = new Set(wanted.map(({ key }) => key))
  for (const standing of [...state.standing]) {
    const { allocation, key } = standing
    const isAway = allocation.nodeId !== null && !state.nodes.some((node) => node.id === allocation.nodeId)
    if (keys.has(key) && !isAway) {
      keys.delete(key)
      continue
    }
    // What has finished has nothing left to be stopped.
    if (isDone(allocation)) {
      if (!keys.has(key)) remove(state, standing)
    } else stop(state, standing, keys.has(key) ? descriptions.migrated : descriptions.unneeded)
  }
}

function stop(state: State, standing: Standing, description: string): void {
  state.stops.push({ executionId: standing.allocation.executionId, description })
  remove(state, standing)
}

function remove(state: State, standing: Standing): void {
  const { allocation } = standing
  state.standing.splice(state.standing.indexOf(standing), 1)
  if (!isDone(allocation)) release(state, allocation)
}

function release({ occupancy }: State, { group, nodeId, amounts }: ScheduledAllocation): void {
  if (nodeId === null) return
  const used = occupancy.used.get(nodeId)
  if (used !== undefined) occupancy.used.set(nodeId, minus(used, amounts))
  const nodes = occupancy.groupNodes.get(group) ?? []
  const place = nodes.indexOf(nodeId)
  if (place >= 0) occupancy.groupNodes.set(group, nodes.toSpliced(place, 1))
}

function hold({ occupancy }: State, group: ScheduledGroup, node: ScheduledNode): void {
  occupancy.used.set(node.id, plus(usedOf(occupancy, node), group.needs.amounts))
  occupancy.groupNodes.set(group.name, [...(occupancy.groupNodes.get(group.name) ?? []), node.id])
}

function updateInPlace(state: State, wanted: readonly Instance[]): void {
  const instances = new Map(wanted.map((instance) => [instance.key, instance]))
  for (const { key, allocation } of state.standing) {
    const instance = instances.get(key)
    if (instance === undefined || allocation.change !== 'in-place' || !staysOn(state, instance, allocation)) continue
    state.updates.push({ executionId: allocation.executionId, group: instance.group.name })
  }
}

/** Whether the node of an allocation still suits its group; its holdings become what the group now asks for. */
function staysOn(state: State, { group }: Instance, allocation: ScheduledAllocation): boolean {
  if (isDone(allocation)) return true
  const node = state.nodes.find(({ id }) => id === allocation.nodeId)
  if (node === undefined || !group.needs.datacenters.includes(node.datacenter)) return false
  const without = minus(usedOf(state.occupancy, node), allocation.amounts)
  if (unsuitable(group.needs, node) !== null || exhausted(group.needs.amounts, node, without) !== null) return false
  state.occupancy.used.set(node.id, plus(without, group.needs.amounts))
  return true
}

function replaceOthers(state: State, wanted: readonly Instance[], maxParallel: number | null): void {
  const kept = new Set(state.updates.map(({ executionId }) => executionId))
  const instances = new Map(wanted.map((instance) => [instance.key, instance]))
  const outdated = state.standing
    .filter(
      ({ key, allocation }) => instances.has(key) && allocation.change !== 'none' && !kept.has(allocation.executionId),
    )
    .sort((a, b) => a.allocation.executionId - b.allocation.executionId)
  const limit = maxParallel ?? outdated.length
  for (const standing of outdated.slice(0, limit)) stop(state, standing, descriptions.replaced)
  state.isRolling = outdated.length > limit
}

function place(state: State, instance: Instance): void {
  const { group, node } = instance
  const failure = state.failures.get(group.name)
  const choice =
    failure !== undefined && node === null
      ? { node: null, reasons: failure.reasons }
      : chooseNode(
          group.name,
          group.needs,
          node === null ? state.nodes : [node],
          state.occupancy,
          distinctionOf(state, group),
        )
  if (choice.node !== null) {
    hold(state, group, choice.node)
    const { slot, name } = instance
    state.placements.push({ group: group.name, slot, name, nodeId: choice.node.id })
    return
  }
  state.failures.set(group.name, {
    group: group.name,
    name: failure?.name ?? instance.name,
    slot: failure?.slot ?? instance.slot,
    count: (failure?.count ?? 0) + 1,
    reasons: failure?.reasons ?? choice.reasons,
  })
}

function distinctionOf({ job }: State, group: ScheduledGroup): 'none' | 'group' | 'job' {
  if (job.isDistinct) return 'job'
  return group.needs.constraints.some(({ operand }) => operand === distinctHosts) ? 'group' : 'none'
}
