import { parseData } from '#model/documents/data.ts'
import { badInput } from '#model/error.ts'
import { type Lease, leaseSeconds, type Outcome } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import type { Worker } from '#model/worker.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { appendLog, claimJobs, heartbeat, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { readId, readIds } from './global-id.ts'
import { ComputeNodeRef, JobExecutionRef, QueuedJobRef } from './refs.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function readUuid(text: string, path: readonly string[]): string {
  if (!uuid.test(text)) throw badInput(`'${text.slice(0, 60)}' is not one that this API gave.`, { path })
  return text
}

const WorkerRef = builder.objectRef<Worker>('Worker')
WorkerRef.implement({
  description: 'A process that claims and runs queued jobs.',
  fields: (t) => ({
    key: t.exposeID('id', { description: 'What it names itself by in `claimJobs` and `heartbeat`.' }),
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
      worker: t.arg.id({ required: true, description: 'The `key` of the worker.' }),
      limit: t.arg.int({ required: true, description: 'At most so many jobs, 1 to 500.' }),
    },
    resolve: (_root, { worker, limit }, { ctx }) =>
      claimResult.run(async () => ({ claims: await claimJobs(ctx, readUuid(worker, ['worker']), limit) })),
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
      description: 'Those that it no longer holds: it must stop their commands.',
      resolve: async ({ lost }, _args, { ctx }) => {
        const rows = await Promise.all(lost.map((id) => ctx.loaders.execution.load(id)))
        return rows.filter((row) => row !== null)
      },
    }),
  }),
})
const heartbeatResult = resultOf('Heartbeat', HeartbeatPayloadRef, ['InvalidInputError'])

builder.mutationField('heartbeat', (t) =>
  t.field({
    type: heartbeatResult.type,
    description: 'Renews the leases of a worker.',
    args: {
      worker: t.arg.id({ required: true, description: 'The `key` of the worker.' }),
      executions: t.arg.idList({ required: true, description: 'The executions that it runs; at most 1,000.' }),
    },
    resolve: (_root, { worker, executions }, { ctx }) =>
      heartbeatResult.run(async () => {
        const ids = readIds(executions, 'JobExecution', ['executions']) ?? []
        const held = await heartbeat(ctx, readUuid(worker, ['worker']), ids)
        return { held, lost: ids.filter((id) => !held.includes(id)) }
      }),
  }),
)

const LeaseInput = builder.inputType('LeaseInput', {
  description: 'What a worker holds.',
  fields: (t) => ({
    execution: t.id({ required: true, description: 'The execution.' }),
    token: t.string({ required: true, description: 'The token that `claimJobs` gave with it.' }),
  }),
})

function readLease({ execution, token }: typeof LeaseInput.$inferInput): Lease {
  return {
    executionId: readId(execution, 'JobExecution', ['lease', 'execution']),
    token: readUuid(token, ['lease', 'token']),
  }
}

const LogLineInput = builder.inputType('LogLineInput', {
  description: 'A line that a command wrote.',
  fields: (t) => ({
    stream: t.string({ required: true, description: '`stdout`, `stderr`, or the name of a file.' }),
    text: t.string({ required: true, description: 'What it says, without its final newline.' }),
    at: t.field({ type: 'DateTime', required: true, description: 'When it was read from the command.' }),
    isWhole: t.boolean({
      defaultValue: true,
      required: true,
      description: 'Whether a newline ended it; false for the rest of a stream that did not end with one.',
    }),
  }),
})

const AppendPayloadRef = builder.objectRef<{ readonly lastOrder: number }>('AppendLogPayload')
AppendPayloadRef.implement({
  description: 'Where the log stands now.',
  fields: (t) => ({
    lastOrder: t.expose('lastOrder', { type: 'SafeInt', description: 'The order number of the last line appended.' }),
  }),
})
const appendResult = resultOf('AppendLog', AppendPayloadRef, ['InvalidInputError', 'StaleLeaseError'])

builder.mutationField('appendLog', (t) =>
  t.field({
    type: appendResult.type,
    description: 'Appends lines that a command wrote, in the order given, and renews the lease.',
    args: {
      lease: t.arg({ type: LeaseInput, required: true, description: 'What the worker holds.' }),
      lines: t.arg({ type: [LogLineInput], required: true, description: '1 to 5,000 lines.' }),
    },
    resolve: (_root, { lease, lines }, { ctx }) =>
      appendResult.run(async () => {
        const read = lines.map(({ stream, text, at, isWhole }) => ({
          stream,
          at,
          bytes: Buffer.from(isWhole ? `${text}\n` : text),
        }))
        return { lastOrder: await appendLog(ctx, readLease(lease), read) }
      }),
  }),
)

const CompletedInput = builder.inputType('CompletedOutcome', {
  description: 'A command that ended well.',
  fields: (t) => ({
    exitCode: t.int({ required: true, defaultValue: 0, description: 'The exit code of the command.' }),
    output: t.field({ type: 'JSON', description: 'What it made, as Scale data v6; absent means nothing.' }),
    taskResults: t.field({ type: 'JSON', description: 'Scale task results 1.0; absent means none were kept.' }),
  }),
})

const FailedInput = builder.inputType('FailedOutcome', {
  description: 'A command that failed.',
  fields: (t) => ({
    exitCode: t.int({ description: 'The exit code of the command; absent where a signal or a timeout ended it.' }),
    errorName: t.string({
      required: true,
      description: 'The name of a `JobError`; an unknown one counts as `algorithm-unknown`.',
    }),
    errorJobTypeName: t.string({
      description: 'The name of the job type whose manifest defines the error; absent for a built-in one.',
    }),
    taskResults: t.field({ type: 'JSON', description: 'Scale task results 1.0; absent means none were kept.' }),
  }),
})

const OutcomeInput = builder.inputType('OutcomeInput', {
  description: 'What a command came to: one of the two.',
  isOneOf: true,
  fields: (t) => ({
    completed: t.field({ type: CompletedInput, description: 'It ended well.' }),
    failed: t.field({ type: FailedInput, description: 'It failed.' }),
  }),
})

function readOutcome({ completed, failed }: typeof OutcomeInput.$inferInput): Outcome {
  if (completed) {
    const { files, json } = parseData(completed.output)
    const taskResults = asJson(completed.taskResults)
    return { kind: 'COMPLETED', exitCode: completed.exitCode, output: { files, json }, taskResults }
  }
  if (failed) {
    const { exitCode, errorName, errorJobTypeName, taskResults } = failed
    return {
      kind: 'FAILED',
      exitCode: exitCode ?? null,
      errorName,
      errorJobTypeName: errorJobTypeName ?? null,
      taskResults: asJson(taskResults),
    }
  }
  throw badInput('Give either completed or failed.', { path: ['outcome'] })
}

/** What the scalar JSON has read is JSON. */
function asJson(value: unknown): Json {
  return (value ?? null) as Json
}

const ReportPayloadRef = builder.objectRef<{ readonly executionId: number }>('ReportOutcomePayload')
ReportPayloadRef.implement({
  description: 'The execution as it ended.',
  fields: (t) => ({
    execution: t.field({
      type: JobExecutionRef,
      description: 'The execution; its job was completed, failed, or queued for another try.',
      resolve: ({ executionId }, _args, { ctx }) => loadRequired(ctx.loaders.execution, executionId),
    }),
  }),
})
const reportResult = resultOf('ReportOutcome', ReportPayloadRef, ['InvalidInputError', 'StaleLeaseError'])

builder.mutationField('reportOutcome', (t) =>
  t.field({
    type: reportResult.type,
    description: 'Ends an execution with what its command came to.',
    args: {
      lease: t.arg({ type: LeaseInput, required: true, description: 'What the worker holds.' }),
      outcome: t.arg({ type: OutcomeInput, required: true, description: 'What the command came to.' }),
    },
    resolve: (_root, { lease, outcome }, { ctx }) =>
      reportResult.run(async () => {
        const held = readLease(lease)
        await reportOutcome(ctx, held, readOutcome(outcome))
        return { executionId: held.executionId }
      }),
  }),
)
