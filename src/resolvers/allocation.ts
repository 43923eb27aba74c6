import type { Allocation } from '#model/allocation.ts'
import type { JsonObject } from '#model/json.ts'
import { homeRegion } from '#model/service-job.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'

/** The allocations of a job name, of all its incarnations, by id bytes; the index is the allocations table's. */
export async function listJobAllocations(
  _ctx: Context,
  _name: string,
  _region = homeRegion,
): Promise<Indexed<readonly Allocation[]>> {
  throw new Error('unfinished')
}

/** The allocations that an evaluation placed or last updated, by id bytes. */
export async function listEvaluationAllocations(
  _ctx: Context,
  _evaluationUuid: string,
): Promise<Indexed<readonly Allocation[]>> {
  throw new Error('unfinished')
}

/** All allocations whose uuid begins so, by id bytes. */
export async function listAllocations(_ctx: Context, _prefix = ''): Promise<Indexed<readonly Allocation[]>> {
  throw new Error('unfinished')
}

/** One allocation with its modify index; null, with the index of the table, where there is none. */
export async function findAllocation(_ctx: Context, _uuid: string): Promise<Indexed<Allocation | null>> {
  throw new Error('unfinished')
}

/** The specification that an allocation runs. */
export async function findAllocationSpec(_ctx: Context, _allocation: Allocation): Promise<JsonObject> {
  throw new Error('unfinished')
}
