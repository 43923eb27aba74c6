import type { Evaluation } from '#model/evaluation.ts'
import { homeRegion } from '#model/service-job.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'

/** The evaluations of a job name, of all its incarnations, by id bytes; the index is the evaluations table's. */
export async function listJobEvaluations(
  _ctx: Context,
  _name: string,
  _region = homeRegion,
): Promise<Indexed<readonly Evaluation[]>> {
  throw new Error('unfinished')
}

/** All evaluations whose uuid begins so, by id bytes. */
export async function listEvaluations(_ctx: Context, _prefix = ''): Promise<Indexed<readonly Evaluation[]>> {
  throw new Error('unfinished')
}

/** One evaluation with its modify index; null, with the index of the table, where there is none. */
export async function findEvaluation(_ctx: Context, _uuid: string): Promise<Indexed<Evaluation | null>> {
  throw new Error('unfinished')
}
