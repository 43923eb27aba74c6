import { parseData } from '#model/documents/data.ts'
import { badInput, readWithin } from '#model/error.ts'
import type { Outcome } from '#model/execution.ts'
import type { Json } from '#model/json.ts'
import { loadRequired } from '#resolvers/loaders.ts'
import { appendLog, reportOutcome } from '#resolvers/work.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { LeaseInput, readLease } from './lease.ts'
import { JobExecutionRef } from './refs.ts'

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
    const { files, json } = readWithin('outcome', () =>
      readWithin('completed', () => readWithin('output', () => parseData(completed.output))),
    )
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
