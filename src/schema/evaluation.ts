import type { evaluationStatuses } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { PlacementFailure } from '#model/schedule.ts'
import { loadNullable } from '#resolvers/loaders.ts'
import { slicePlacements } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { byId, readSlice, toConnection } from './connection.ts'
import { isNode } from './global-id.ts'
import { AllocationConnectionRef, AllocationRef, ComputeNodeRef, EvaluationRef, ServiceJobRef } from './refs.ts'

const byExecution = byId<Execution>('placedAllocations')

const statusDescriptions: Record<(typeof evaluationStatuses)[number], { description: string }> = {
  PENDING: { description: 'Waits for the scheduler.' },
  BLOCKED: { description: 'Waits for room on nodes.' },
  COMPLETE: { description: 'Carried out.' },
  FAILED: { description: 'Could not be carried out.' },
  CANCELED: { description: 'A newer one took its place.' },
}
/** Where an evaluation stands. */
export const EvaluationStatusEnum = builder.enumType('EvaluationStatus', {
  description: 'Where an evaluation stands: the `Status` of the Nomad document.',
  values: statusDescriptions,
})

const PlacementFailureRef = builder.objectRef<PlacementFailure>('PlacementFailure').implement({
  description: 'What of a task group could not be placed, and why.',
  fields: (t) => ({
    taskGroup: t.exposeString('group', { description: 'The name of the task group.' }),
    name: t.exposeString('name', { description: 'The name of the first instance without a node.' }),
    slot: t.exposeInt('slot', { description: 'The place of that instance in the group, from 0.' }),
    count: t.exposeInt('count', { description: 'How many instances of the group are without a node.' }),
    reasons: t.expose('reasons', {
      type: 'JSON',
      description: 'How many nodes were looked at, filtered by which constraint, and short of which resource.',
    }),
  }),
})

builder.node(EvaluationRef, {
  name: isNode('Evaluation'),
  description: 'One look of the scheduler at a service job. Mirrors `GET /v1/evaluation/{eval_id}`.',
  id: { resolve: ({ id }) => id, parse: Number },
  loadWithoutCache: (id, { ctx }) => ctx.loaders.evaluation.load(id),
  fields: (t) => ({
    uuid: t.exposeString('uuid', { description: 'The id that the REST routes take.' }),
    job: t.field({
      type: ServiceJobRef,
      nullable: true,
      description: 'The job that is looked at; null for the deregistration of a job that did not exist.',
      resolve: ({ jobId }, _args, { ctx }) => loadNullable(ctx.loaders.job, jobId),
    }),
    jobName: t.exposeString('jobName', { description: 'The name of that job, also where there is none.' }),
    priority: t.exposeInt('priority', { description: 'The higher number is scheduled first.' }),
    jobKind: t.exposeString('type', { description: 'The `kind` of the job, such as `service`; `Type` in REST.' }),
    triggeredBy: t.exposeString('triggeredBy', {
      description: 'Why it was made, such as `job-register`, `job-deregister` or `node-update`.',
    }),
    status: t.expose('status', { type: EvaluationStatusEnum, description: 'Where it stands.' }),
    statusDescription: t.exposeString('statusDescription', {
      description: 'Why it stands there; empty where nothing is to be said.',
    }),
    placementFailures: t.field({
      type: [PlacementFailureRef],
      description: 'What a blocked evaluation could not place, by task group; empty for others.',
      resolve: ({ failures }) => [...(failures ?? [])],
    }),
    allocations: t.connection(
      {
        type: AllocationRef,
        description:
          'What it placed, or was the last to update, newest first. Mirrors `GET /v1/evaluation/{eval_id}/allocations`.',
        resolve: async ({ id }, args, { ctx }) => {
          const slice = readSlice(args, byExecution)
          const count = () => ctx.loaders.placementsOf.count.load(id)
          return toConnection(await slicePlacements(ctx, id, slice), slice, byExecution, count)
        },
      },
      AllocationConnectionRef,
    ),
    waitNs: t.expose('waitNs', {
      type: 'SafeInt',
      description: 'Nanoseconds after its making before it is looked at.',
    }),
    next: t.field({
      type: EvaluationRef,
      nullable: true,
      description: 'The evaluation that follows it in a chain, `NextEval` in REST; null where none does.',
      resolve: ({ nextId }, _args, { ctx }) => loadNullable(ctx.loaders.evaluation, nextId),
    }),
    previous: t.field({
      type: EvaluationRef,
      nullable: true,
      description: 'The evaluation that it follows in a chain, `PreviousEval` in REST; null where it follows none.',
      resolve: ({ previousId }, _args, { ctx }) => loadNullable(ctx.loaders.evaluation, previousId),
    }),
    computeNode: t.field({
      type: ComputeNodeRef,
      nullable: true,
      description: 'The machine whose loss was the trigger; null for any other.',
      resolve: ({ nodeId }, _args, { ctx }) => loadNullable(ctx.loaders.node, nodeId),
    }),
    jobModifyIndex: t.expose('jobModifyIndex', {
      type: 'BigInt',
      description: 'The index of the job when it was made.',
    }),
    nodeModifyIndex: t.expose('nodeModifyIndex', {
      type: 'BigInt',
      description: 'The change index of the loss that was the trigger; 0 for any other.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When it last changed.' }),
    createIndex: t.expose('createIndex', { type: 'BigInt', description: 'The change index that made it.' }),
    modifyIndex: t.expose('modifyIndex', { type: 'BigInt', description: 'The change index that last changed it.' }),
  }),
})
