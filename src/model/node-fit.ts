import { type Constraint, describeConstraint, distinctHosts, isMet, type NodeFacts } from './constraint.ts'

/** What a node has: MHz, MiB, MiB and operations a second. */
export type Measures = {
  readonly cpu: number
  readonly memoryMb: number
  readonly diskMb: number
  readonly iops: number
}

/** What an instance needs, or several hold: measures, and ports by their numbers, each as often as it is asked for. */
export type Amounts = Measures & { readonly ports: readonly number[] }

/** Nothing at all. */
export const noAmounts: Amounts = { cpu: 0, memoryMb: 0, diskMb: 0, iops: 0, ports: [] }

/** The sum of two amounts. */
export function plus(left: Amounts, right: Amounts): Amounts {
  return { ...combine(left, right, 1), ports: [...left.ports, ...right.ports] }
}

/** What is left of an amount; its measures may go below zero. */
export function minus(left: Amounts, right: Amounts): Amounts {
  const ports = [...left.ports]
  for (const port of right.ports) if (ports.includes(port)) ports.splice(ports.indexOf(port), 1)
  return { ...combine(left, right, -1), ports }
}

function combine(left: Measures, right: Measures, sign: 1 | -1): Measures {
  return {
    cpu: left.cpu + sign * right.cpu,
    memoryMb: left.memoryMb + sign * right.memoryMb,
    diskMb: left.diskMb + sign * right.diskMb,
    iops: left.iops + sign * right.iops,
  }
}

/** A node as the scheduler sees it. */
export type ScheduledNode = NodeFacts & {
  readonly id: number
  /** Null in a dimension that nobody measured: it is not limited. */
  readonly capacity: { readonly [dimension in keyof Measures]: number | null }
  /** What the wanted allocations of all jobs hold. */
  readonly used: Amounts
}

/** What a task group asks of its node: its own constraints, its job's and its tasks'. */
export type GroupNeeds = {
  readonly datacenters: readonly string[]
  readonly drivers: readonly string[]
  readonly constraints: readonly Constraint[]
  readonly amounts: Amounts
}

/** Why a group found no node, in the counts and words of Nomad's allocation metrics. */
export type PlacementReasons = {
  readonly nodesEvaluated: number
  /** Evaluated and unsuitable, whatever is free. */
  readonly nodesFiltered: number
  /** Suitable and full. */
  readonly nodesExhausted: number
  /** Nodes of each datacenter that the job names. */
  readonly nodesAvailable: Readonly<Record<string, number>>
  /** How many nodes each constraint or missing driver ruled out. */
  readonly constraintFiltered: Readonly<Record<string, number>>
  /** How many nodes lacked each kind of resource. */
  readonly dimensionExhausted: Readonly<Record<string, number>>
}

/** Why a node cannot take a group whatever is free on it; null where it can. */
export function unsuitable(needs: GroupNeeds, node: NodeFacts): string | null {
  const missing = needs.drivers.find((driver) => !isEnabled(node.attributes[`driver.${driver}`]))
  if (missing !== undefined) return `missing drivers: ${missing}`
  const unmet = needs.constraints.find((constraint) => !isMet(constraint, node))
  return unmet === undefined ? null : describeConstraint(unmet)
}

function isEnabled(attribute: string | undefined): boolean {
  return attribute === '1' || attribute === 'true'
}

const dimensions = [
  ['cpu', 'cpu exhausted'],
  ['memoryMb', 'memory exhausted'],
  ['diskMb', 'disk exhausted'],
  ['iops', 'iops exhausted'],
] as const

/** Which resource a node lacks for these amounts beside what it holds, in Nomad's words; null where they fit. */
export function exhausted(amounts: Amounts, node: ScheduledNode, used: Amounts): string | null {
  const ports = new Set(amounts.ports)
  if (ports.size < amounts.ports.length || used.ports.some((port) => ports.has(port)))
    return 'network: reserved port collision'
  const lacking = dimensions.find(([dimension]) => {
    const capacity = node.capacity[dimension]
    return capacity !== null && amounts[dimension] > 0 && used[dimension] + amounts[dimension] > capacity
  })
  return lacking === undefined ? null : lacking[1]
}

/** What stands where while a plan is made; placing and stopping write here, never to the nodes themselves. */
export type Occupancy = {
  readonly used: Map<number, Amounts>
  /** Nodes of the job's wanted instances, by group. */
  readonly groupNodes: Map<string, number[]>
}

/** Chooses a node for one instance: the fewest instances of this job first, then the fullest, then the oldest. */
export function chooseNode(
  group: string,
  needs: GroupNeeds,
  nodes: readonly ScheduledNode[],
  occupancy: Occupancy,
  distinct: 'none' | 'group' | 'job',
): { readonly node: ScheduledNode } | { readonly node: null; readonly reasons: PlacementReasons } {
  const inReach = nodes.filter((node) => needs.datacenters.includes(node.datacenter))
  const filtered: Record<string, number> = {}
  const full: Record<string, number> = {}
  const fitting: ScheduledNode[] = []
  const taken = new Set(occupied(occupancy, distinct === 'group' ? group : null))
  for (const node of inReach) {
    const reason = unsuitable(needs, node) ?? (distinct !== 'none' && taken.has(node.id) ? distinctHosts : null)
    const lack = reason === null ? exhausted(needs.amounts, node, usedOf(occupancy, node)) : null
    if (reason !== null) filtered[reason] = (filtered[reason] ?? 0) + 1
    else if (lack !== null) full[lack] = (full[lack] ?? 0) + 1
    else fitting.push(node)
  }
  const [best] = fitting.sort((a, b) => rank(a, b, occupancy))
  if (best !== undefined) return { node: best }
  const available = needs.datacenters.map((name) => [name, nodes.filter((node) => node.datacenter === name).length])
  return {
    node: null,
    reasons: {
      nodesEvaluated: inReach.length,
      nodesFiltered: total(filtered),
      nodesExhausted: total(full),
      nodesAvailable: Object.fromEntries(available),
      constraintFiltered: filtered,
      dimensionExhausted: full,
    },
  }
}

/** What is held on a node as the plan stands. */
export function usedOf(occupancy: Occupancy, node: ScheduledNode): Amounts {
  return occupancy.used.get(node.id) ?? node.used
}

function occupied({ groupNodes }: Occupancy, group: string | null): readonly number[] {
  return group === null ? [...groupNodes.values()].flat() : (groupNodes.get(group) ?? [])
}

function rank(left: ScheduledNode, right: ScheduledNode, occupancy: Occupancy): number {
  const all = occupied(occupancy, null)
  const instances = (node: ScheduledNode) => all.filter((id) => id === node.id).length
  return (
    instances(left) - instances(right) ||
    usedOf(occupancy, right).cpu - usedOf(occupancy, left).cpu ||
    left.id - right.id
  )
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
