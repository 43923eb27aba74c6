import { leaseSeconds } from '#model/execution.ts'
import type { Worker } from '#model/worker.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { claimJobs, heartbeat, registerWorker } from '#resolvers/work.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { readIds } from './global-id.ts'
import { readUuid } from './lease.ts'
import { ComputeNodeRef, JobExecutionRef, QueuedJobRef } from './refs.ts'

const WorkerRef = builder.objectRef<Worker>('Worker')
WorkerRef.implement({
  description: 'A process that claims and runs queued jobs.',
  fields: (t) => ({
    uuid: t.exposeString('id', {
      description: 'What it names itself by in `claimJobs` and `heartbeat`; no global id, since a worker is no node.',
    }),
    name: t.exposeString('name', { description: 'What it calls itself.' }),
    computeNode: t.field({
      type: ComputeNodeRef,
      description: 'The machine that it runs on.',
      resolve: ({ nodeId }, _args, { ctx }) => loadRequired(ctx.loaders.node, nodeId),
    }),
  }),
})

const RegisterWorkerPayloadRef = builder.objectRef<{ readonly worker: Worker }>('RegisterWorkerPayload')
RegisterWorkerPayloadRef.implement({
  description: 'The worker that was made known.',
  fields: (t) => ({ worker: t.expose('worker', { type: WorkerRef, description: 'The worker.' }) }),
})
const registerResult = resultOf('RegisterWorker', RegisterWorkerPayloadRef, ['InvalidInputError'])

builder.mutationField('registerWorker', (t) =>
  t.field({
    type: registerResult.type,
    description:
      'Makes a worker known. It then claims jobs, renews its leases while it runs them, appends what they write, and reports what they came to.',
    args: {
      name: t.arg.string({ required: true, description: 'What the worker calls itself.' }),
      hostname: t.arg.string({ required: true, description: 'The machine that it runs on, 1 to 250 characters.' }),
    },
    resolve: (_root, input, { ctx }) => registerResult.run(async () => ({ worker: await registerWorker(ctx, input) })),
  }),
)

type Claim = Awaited<ReturnType<typeof claimJobs>>[number]

const ClaimRef = builder.objectRef<Claim>('Claim')
ClaimRef.implement({
  description: 'A job that a worker holds, and the execution of it that was started.',
  fields: (t) => ({
    job: t.field({
      type: QueuedJobRef,
      description: 'The job.',
      resolve: ({ jobId }, _args, { ctx }) => loadRequired(ctx.loaders.job, jobId),
    }),
    execution: t.field({
      type: JobExecutionRef,
      description: 'The execution.',
      resolve: ({ executionId }, _args, { ctx }) => loadRequired(ctx.loaders.execution, executionId),
    }),
    token: t.exposeString('token', { description: 'Proof of the lease; every later write carries it.' }),
  }),
})

const ClaimPayloadRef = builder.objectRef<{ readonly claims: readonly Claim[] }>('ClaimJobsPayload')
ClaimPayloadRef.implement({
  description: 'What the worker holds now.',
  fields: (t) => ({
    claims: t.field({ type: [ClaimRef], description: 'In queue order.', resolve: ({ claims }) => [...claims] }),
    leaseSeconds: t.int({
      description: 'Seconds until a lease that is not renewed is given away.',
      resolve: () => leaseSeconds,
    }),
  }),
})
const claimResult = resultOf('ClaimJobs', ClaimPayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('claimJobs', (t) =>
  t.field({
    type: claimResult.type,
    description: 'Takes queued jobs for a worker, by priority and then age, and starts an execution of each.',
    args: {
      worker: t.arg.string({ required: true, description: 'The `uuid` of the worker.' }),
      limit: t.arg.int({ required: true, description: 'At most this many jobs, 1 to 500.' }),
    },
    resolve: (_root, { worker, limit }, { ctx }) =>
      claimResult.run(async () => ({
        claims: await claimJobs(ctx, readUuid(worker, 'the uuid of a worker', ['worker']), limit),
      })),
  }),
)

const HeartbeatPayloadRef = builder.objectRef<{ readonly held: readonly number[]; readonly lost: readonly number[] }>(
  'HeartbeatPayload',
)
HeartbeatPayloadRef.implement({
  description: 'Which executions the worker still holds.',
  fields: (t) => ({
    held: t.field({
      type: [JobExecutionRef],
      description: 'Those whose leases were renewed.',
      resolve: ({ held }, _args, { ctx }) => held.map((id) => loadRequired(ctx.loaders.execution, id)),
    }),
    lost: t.field({
      type: [JobExecutionRef],
      description:
        'Those that it no longer holds: it must stop their commands. Ids of executions that never were are left out.',
      resolve: async ({ lost }, _args, { ctx }) => {
        const rows = await Promise.all(lost.map((id) => ctx.loaders.execution.load(id)))
        return rows.filter((row) => row !== null)
      },
    }),
  }),
})
const heartbeatResult = resultOf('Heartbeat', HeartbeatPayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('heartbeat', (t) =>
  t.field({
    type: heartbeatResult.type,
    description: 'Renews the leases of a worker.',
    args: {
      worker: t.arg.string({ required: true, description: 'The `uuid` of the worker.' }),
      executions: t.arg.idList({ required: true, description: 'The executions that it runs; at most 1,000.' }),
    },
    resolve: (_root, { worker, executions }, { ctx }) =>
      heartbeatResult.run(async () => {
        const ids = [...new Set(readIds(executions, 'JobExecution', ['executions']))]
        const held = await heartbeat(ctx, readUuid(worker, 'the uuid of a worker', ['worker']), ids)
        return { held, lost: ids.filter((id) => !held.includes(id)) }
      }),
  }),
)
