import type { Allocation, ClientStatus, DesiredStatus, TaskEvent, TaskState } from '#model/allocation.ts'
import { timeOfNanoseconds } from '#model/time.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { builder, type Holder } from './builder.ts'
import { isNode } from './global-id.ts'
import { AllocationRef, EvaluationRef, ExecutionRef, ServiceJobRef } from './refs.ts'

const DesiredStatusEnum = builder.enumType('AllocationDesiredStatus', {
  description: 'What the scheduler wants of an allocation: the `DesiredStatus` of the Nomad document.',
  values: {
    RUN: { value: 'run', description: 'That it runs.' },
    STOP: { value: 'stop', description: 'That it ends.' },
    EVICT: { value: 'evict', description: 'That it makes room for another.' },
    FAILED: { value: 'failed', description: 'Nothing: no node was found for it.' },
  } satisfies Record<string, { value: DesiredStatus; description: string }>,
})

const ClientStatusEnum = builder.enumType('AllocationClientStatus', {
  description: 'How far the node that runs an allocation has come: the `ClientStatus` of the Nomad document.',
  values: {
    PENDING: { value: 'pending', description: 'Not yet running.' },
    RUNNING: { value: 'running', description: 'At least one task runs.' },
    COMPLETE: { value: 'complete', description: 'All tasks ended well, or were stopped.' },
    FAILED: { value: 'failed', description: 'A task ended badly, or no node was found.' },
    LOST: { value: 'lost', description: 'The node fell silent.' },
  } satisfies Record<string, { value: ClientStatus; description: string }>,
})

/** Where a task stands; a log's instance stands where its task does. */
export const TaskStateNameEnum = builder.enumType('TaskStateName', {
  description: 'Where a task of an allocation stands: the `State` of the Nomad document.',
  values: {
    PENDING: { value: 'pending', description: 'Not yet started, or between two starts.' },
    RUNNING: { value: 'running', description: 'Its process runs.' },
    DEAD: { value: 'dead', description: 'Ended, and not started again.' },
  } satisfies Record<string, { value: TaskState['state']; description: string }>,
})

const TaskEventRef = builder.objectRef<TaskEvent>('TaskEvent').implement({
  description: 'One thing that happened to a task. Mirrors an entry of `Events` in the Nomad document.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What it was, such as `Started`, `Terminated` or `Restarting`.' }),
    at: t.field({
      type: 'DateTime',
      description: 'When it happened, to the microsecond.',
      resolve: ({ timeNs }) => timeOfNanoseconds(timeNs),
    }),
    timeNs: t.expose('timeNs', {
      type: 'BigInt',
      description: 'The same in nanoseconds since 1970, as the Nomad document has it.',
    }),
    exitCode: t.exposeInt('exitCode', { nullable: true, description: 'The exit code; null where it tells of none.' }),
    signal: t.exposeInt('signal', {
      nullable: true,
      description: 'The signal that ended it; null where it tells of none.',
    }),
    message: t.exposeString('message', { nullable: true, description: 'What went wrong; null where nothing did.' }),
    restartReason: t.exposeString('restartReason', {
      nullable: true,
      description: 'Why it is started again, or not; null for other events.',
    }),
    startDelayNs: t.expose('startDelayNs', {
      type: 'SafeInt',
      nullable: true,
      description: 'Nanoseconds until it is started again; null for other events.',
    }),
    driverError: t.exposeString('driverError', {
      nullable: true,
      description: 'Why its driver did not start it; null for other events.',
    }),
    killError: t.exposeString('killError', {
      nullable: true,
      description: 'Why it could not be ended; null for other events.',
    }),
    downloadError: t.exposeString('downloadError', {
      nullable: true,
      description: 'Why an artifact could not be fetched; null for other events.',
    }),
    validationError: t.exposeString('validationError', {
      nullable: true,
      description: 'What of it is not as it must be; null for other events.',
    }),
  }),
})

const TaskStateRef = builder.objectRef<TaskState & { readonly name: string }>('TaskState').implement({
  description: 'Where one task of an allocation stands. Mirrors an entry of `TaskStates` in the Nomad document.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The task.' }),
    state: t.expose('state', { type: TaskStateNameEnum, description: 'Where it stands.' }),
    isFailed: t.exposeBoolean('failed', { description: 'Whether it ended for good and badly.' }),
    events: t.field({
      type: [TaskEventRef],
      description: 'Its newest events, at most ten, oldest first.',
      resolve: ({ events }) => [...events],
    }),
  }),
})

/** Resolves a field of an execution by what it is as an allocation; the rows of a page are read together. */
function ofAllocation<T>(pick: (allocation: Allocation) => T) {
  return async ({ id }: { readonly id: number }, _args: object, { ctx }: Holder): Promise<T> =>
    pick(await loadRequired(ctx.loaders.allocation, id))
}

function statesOf({ taskStates }: Allocation) {
  const states = Object.entries(taskStates ?? {}).map(([name, state]) => ({ ...state, name }))
  return states.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
}

builder.node(AllocationRef, {
  name: isNode('Allocation'),
  description: 'One instance of a task group of a service job. Mirrors `GET /v1/allocation/{alloc_id}`.',
  id: { resolve: ({ id }) => id, parse: Number },
  interfaces: [ExecutionRef],
  loadWithoutCache: async (id, { ctx }) => {
    const execution = await ctx.loaders.execution.load(id)
    return execution?.family === 'service' ? execution : null
  },
  fields: (t) => ({
    job: t.field({
      type: ServiceJobRef,
      description: 'The job that it is an instance of.',
      resolve: ({ jobId }, _args, { ctx }) => loadRequired(ctx.loaders.job, jobId),
    }),
    rawStatus: t.string({
      description: "Where it stands, in the word of its REST document: the `ClientStatus` of Nomad's.",
      resolve: ofAllocation(({ clientStatus }) => clientStatus),
    }),
    uuid: t.string({ description: 'The id that the REST routes take.', resolve: ofAllocation(({ uuid }) => uuid) }),
    name: t.string({
      description: '`<job>.<group>[<slot>]`, the same for those that follow each other in a slot.',
      resolve: ofAllocation(({ name }) => name),
    }),
    taskGroup: t.string({
      description: 'The name of its task group.',
      resolve: ofAllocation(({ taskGroup }) => taskGroup),
    }),
    slot: t.int({ description: 'Its place in the group, from 0.', resolve: ofAllocation(({ slot }) => slot) }),
    evaluation: t.field({
      type: EvaluationRef,
      description: 'The evaluation that placed it or was the last to update it.',
      resolve: async ({ id }, _args, { ctx }) => {
        const { evaluationId } = await loadRequired(ctx.loaders.allocation, id)
        return loadRequired(ctx.loaders.evaluation, evaluationId)
      },
    }),
    desiredStatus: t.field({
      type: DesiredStatusEnum,
      description: 'What the scheduler wants of it.',
      resolve: ofAllocation(({ desiredStatus }) => desiredStatus),
    }),
    desiredDescription: t.string({
      description: 'Why the scheduler wants that; empty where nothing is to be said.',
      resolve: ofAllocation(({ desiredDescription }) => desiredDescription),
    }),
    clientStatus: t.field({
      type: ClientStatusEnum,
      description: 'How far its node has come.',
      resolve: ofAllocation(({ clientStatus }) => clientStatus),
    }),
    clientDescription: t.string({
      description: 'What its node says of it; empty where it says nothing.',
      resolve: ofAllocation(({ clientDescription }) => clientDescription),
    }),
    taskStates: t.field({
      type: [TaskStateRef],
      description: 'Its tasks by the bytes of their names; empty until its node reports.',
      resolve: ofAllocation(statesOf),
    }),
    metrics: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Why no node was found for it; null where one was.',
      resolve: ofAllocation(({ metrics }) => metrics),
    }),
  }),
})
