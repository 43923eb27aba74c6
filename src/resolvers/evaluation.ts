import type { Evaluation } from '#model/evaluation.ts'
import { homeRegion } from '#model/service-job.ts'
import { evaluationsTopic } from '#model/topic.ts'
import { findTopicIndex } from '#store/change.ts'
import { findEvaluationsByPrefix, findJobEvaluations } from '#store/evaluation.ts'
import { reading } from '#store/store.ts'
import { isUuid } from '#store/uuid.ts'
import type { Indexed } from './blocking.ts'
import type { Context } from './context.ts'

/** The evaluations of a job name, of all its incarnations, by id bytes; the index is the evaluations table's. */
export async function listJobEvaluations(
  ctx: Context,
  name: string,
  region = homeRegion,
): Promise<Indexed<readonly Evaluation[]>> {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, evaluationsTopic),
    value: await findJobEvaluations(tx, { region, name }),
  }))
}

/** All evaluations whose uuid begins so, by id bytes. */
export async function listEvaluations(ctx: Context, prefix = ''): Promise<Indexed<readonly Evaluation[]>> {
  return reading(ctx.store, async (tx) => ({
    index: await findTopicIndex(tx, evaluationsTopic),
    value: await findEvaluationsByPrefix(tx, prefix),
  }))
}

/** One evaluation with its modify index; null, with the index of the table, where there is none. */
export async function findEvaluation(ctx: Context, uuid: string): Promise<Indexed<Evaluation | null>> {
  return reading(ctx.store, async (tx) => {
    const [value = null] = isUuid(uuid) ? await findEvaluationsByPrefix(tx, uuid) : []
    return { value, index: value?.modifyIndex ?? (await findTopicIndex(tx, evaluationsTopic)) }
  })
}
