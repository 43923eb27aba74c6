import type { Allocation } from '#model/allocation.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { homeRegion } from '#model/service-job.ts'
import { allocationsTopic } from '#model/topic.ts'
import { findAllocationsByPrefix, findEvaluationAllocations, findJobAllocations } from '#store/allocation.ts'
import { findAllocationSpecs } from '#store/allocation-spec.ts'
import { findTopicIndex } from '#store/change.ts'
import { reading } from '#store/store.ts'
import { isUuid } from '#store/uuid.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'

/** The allocations of a job name, of all its incarnations, by id bytes; the index is the allocations table's. */
export async function listJobAllocations(
  ctx: Context,
  name: string,
  region = homeRegion,
): Promise<Indexed<readonly Allocation[]>> {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, allocationsTopic),
    value: await findJobAllocations(tx, { region, name }),
  }))
}

/** The allocations that an evaluation placed or was the last to update, by id bytes. */
export async function listEvaluationAllocations(
  ctx: Context,
  evaluationUuid: string,
): Promise<Indexed<readonly Allocation[]>> {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, allocationsTopic),
    value: isUuid(evaluationUuid) ? await findEvaluationAllocations(tx, evaluationUuid) : [],
  }))
}

/** All allocations whose uuid begins so, by id bytes. */
export async function listAllocations(ctx: Context, prefix = ''): Promise<Indexed<readonly Allocation[]>> {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, allocationsTopic),
    value: await findAllocationsByPrefix(tx, prefix),
  }))
}

/** One allocation with its modify index; null, with the index of the table, where there is none. */
export async function findAllocation(ctx: Context, uuid: string): Promise<Indexed<Allocation | null>> {
  return reading(ctx.store, async (tx) => {
    const [value = null] = isUuid(uuid) ? await findAllocationsByPrefix(tx, uuid) : []
    return { value, index: value?.modifyIndex ?? (await findTopicIndex(tx, allocationsTopic)) }
  })
}

/** The specifications that allocations run, by execution id, however many in two statements. */
export async function findSpecsOfAllocations(
  ctx: Context,
  allocations: readonly Allocation[],
): Promise<ReadonlyMap<number, JobSpec>> {
  return findAllocationSpecs(ctx.store.db, allocations)
}
