/** How Nomad writes evaluations; keys in the order of v0.3.2. */
import type { Evaluation } from '#model/evaluation.ts'
import type { Context } from '#resolvers/context.ts'
import { findNodeUuids } from '#resolvers/node-lookup.ts'

/** Evaluations in the order given. One statement more than was needed to read them, and only where nodes were lost. */
export async function toNomadEvaluations(ctx: Context, evaluations: readonly Evaluation[]): Promise<object[]> {
  const nodes = await findNodeUuids(
    ctx,
    evaluations.map(({ nodeId }) => nodeId),
  )
  return evaluations.map((evaluation) => ({
    ID: evaluation.uuid,
    Priority: evaluation.priority,
    Type: evaluation.type,
    TriggeredBy: evaluation.triggeredBy,
    JobID: evaluation.jobName,
    JobModifyIndex: evaluation.jobModifyIndex,
    NodeID: nodes.get(evaluation.nodeId ?? 0) ?? '',
    NodeModifyIndex: evaluation.nodeModifyIndex,
    Status: evaluation.status.toLowerCase(),
    StatusDescription: evaluation.statusDescription,
    Wait: evaluation.waitNs,
    NextEval: evaluation.nextUuid ?? '',
    PreviousEval: evaluation.previousUuid ?? '',
    ClassEligibility: null,
    EscapedComputedClass: false,
    CreateIndex: evaluation.createIndex,
    ModifyIndex: evaluation.modifyIndex,
  }))
}
