/** An allocation in full, with the job that it runs; keys in the order of v0.3.2. */
import type { Allocation } from '#model/allocation.ts'
import type { JobSpec, ResourcesSpec, TaskGroupSpec } from '#model/documents/job-spec-type.ts'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { findSpecsOfAllocations } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'
import { findNodeUuids } from '#resolvers/node-lookup.ts'
import { partsOf } from '../allocation-wire.ts'
import { toSpecWithState } from '../job-wire.ts'

/** Allocations in the order given. */
export async function toNomadAllocations(ctx: Context, allocations: readonly Allocation[]): Promise<object[]> {
  const nodes = await findNodeUuids(
    ctx,
    allocations.map(({ nodeId }) => nodeId),
  )
  const specs = await findSpecsOfAllocations(ctx, allocations)
  return allocations.map((allocation) => toNomadAllocation(allocation, specs.get(allocation.executionId), nodes))
}

function toNomadAllocation(
  allocation: Allocation,
  spec: JobSpec | undefined,
  nodes: ReadonlyMap<number, string>,
): object {
  if (spec === undefined) throw new Error(`allocation ${allocation.uuid} has no specification`)
  const { head, middle, tail } = partsOf(allocation, nodes)
  const group = spec.TaskGroups?.find(({ Name }) => Name === allocation.taskGroup)
  // The job is shown as it was when the allocation was made, which is before anything of it ran.
  const indexes = { createIndex: allocation.createIndex, modifyIndex: allocation.createIndex }
  return {
    ...head,
    Job: toSpecWithState(spec, { status: 'pending', ...indexes, jobModifyIndex: allocation.createIndex }),
    TaskGroup: allocation.taskGroup,
    Resources: sumOf(group),
    TaskResources: Object.fromEntries((group?.Tasks ?? []).map(({ Name, Resources }) => [Name, Resources])),
    Services: {},
    Metrics: toMetrics(allocation.metrics),
    ...middle,
    ...tail,
  }
}

function sumOf(group: TaskGroupSpec | undefined): ResourcesSpec {
  const all = (group?.Tasks ?? []).flatMap(({ Resources }) => Resources ?? [])
  const sum = (pick: (one: ResourcesSpec) => number | bigint) =>
    all.reduce((total, one) => total + Number(pick(one)), 0)
  return {
    CPU: sum(({ CPU }) => CPU),
    MemoryMB: sum(({ MemoryMB }) => MemoryMB),
    DiskMB: sum(({ DiskMB }) => DiskMB),
    IOPS: sum(({ IOPS }) => IOPS),
    Networks: null,
  }
}

/** How the placement went; where a node was found, nobody kept the counts. Clients do not expect it to be missing. */
function toMetrics(metrics: JsonObject | null): object {
  const counts = metrics ?? {}
  return {
    NodesEvaluated: counts.nodesEvaluated ?? 1,
    NodesFiltered: counts.nodesFiltered ?? 0,
    NodesAvailable: orNull(counts.nodesAvailable),
    ClassFiltered: null,
    ConstraintFiltered: orNull(counts.constraintFiltered),
    NodesExhausted: counts.nodesExhausted ?? 0,
    ClassExhausted: null,
    DimensionExhausted: orNull(counts.dimensionExhausted),
    Scores: null,
    AllocationTime: 0,
    CoalescedFailures: 0,
  }
}

function orNull(counts: Json | undefined): JsonObject | null {
  return isObject(counts) && Object.keys(counts).length > 0 ? counts : null
}
