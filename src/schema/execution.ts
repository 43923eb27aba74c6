import type { Execution } from '#model/execution.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { builder } from './builder.ts'
import { loadJobType, loadRevision } from './document.ts'
import { isNode, readIdOf } from './global-id.ts'
import { linesOf } from './log.ts'
import {
  ComputeNodeRef,
  ExecutionRef,
  JobErrorRef,
  JobExecutionRef,
  JobRef,
  JobTypeRef,
  JobTypeRevisionRef,
  LogStreamRef,
  QueuedJobRef,
} from './refs.ts'
import { ExecutionStatusEnum, scaleExecutionStatus } from './status.ts'

const executionNodes = ['JobExecution', 'Allocation'] as const

/** Which of them an execution is. */
function executionNodeOf({ family }: Pick<Execution, 'family'>): (typeof executionNodes)[number] {
  return family === 'queued' ? 'JobExecution' : 'Allocation'
}

ExecutionRef.implement({
  description:
    'One run of a job of either family. Mirrors `GET /v6/jobs/{job_id}/executions/{exe_num}/` for queued jobs and `GET /v1/allocation/{alloc_id}` for service jobs.',
  interfaces: [builder.nodeInterfaceRef()],
  resolveType: executionNodeOf,
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Its number within the job, from 1.' }),
    job: t.field({
      type: JobRef,
      description: 'The job that it is a run of.',
      resolve: ({ jobId }, _args, { ctx }) => loadRequired(ctx.loaders.job, jobId),
    }),
    jobType: t.field({
      type: JobTypeRef,
      description: 'What kind of job it is.',
      resolve: ({ jobTypeId }, _args, { ctx }, info) => loadJobType(ctx, jobTypeId, info),
    }),
    revision: t.field({
      type: JobTypeRevisionRef,
      description: 'The manifest that it runs by.',
      resolve: ({ jobTypeRevisionId }, _args, { ctx }, info) => loadRevision(ctx, jobTypeRevisionId, info),
    }),
    status: t.expose('status', { type: ExecutionStatusEnum, description: 'Where it stands.' }),
    rawStatus: t.string({
      description: 'Where it stands, in the word of its own REST document.',
      resolve: ({ status }) => scaleExecutionStatus(status),
    }),
    computeNode: t.field({
      type: ComputeNodeRef,
      nullable: true,
      description: 'Where it runs or ran; null where it was canceled before it ran.',
      resolve: ({ nodeId }, _args, { ctx }) => loadNullable(ctx.loaders.node, nodeId),
    }),
    error: t.field({
      type: JobErrorRef,
      nullable: true,
      description: 'Why it failed; null unless it did.',
      resolve: ({ errorId }, _args, { ctx }) => loadNullable(ctx.loaders.error, errorId),
    }),
    exitCode: t.exposeInt('exitCode', {
      nullable: true,
      description: "The command's own; null while it runs, and where a signal or a timeout ended it.",
    }),
    logStreams: t.field({
      type: [LogStreamRef],
      description: 'The streams that it has written to so far.',
      resolve: ({ id }, _args, { ctx }) => ctx.loaders.logStreams.load(id).then((streams) => [...streams]),
    }),
    logLines: linesOf(t),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    queuedAt: t.expose('queuedAt', { type: 'DateTime', description: 'When its job was queued for it.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it started; null where it did not.',
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null before.' }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When anything of it last changed.' }),
    createIndex: t.expose('createIndex', { type: 'BigInt', description: 'The change index that made it.' }),
    modifyIndex: t.expose('modifyIndex', { type: 'BigInt', description: 'The change index that last changed it.' }),
  }),
})

builder.node(JobExecutionRef, {
  name: isNode('JobExecution'),
  description: 'One run of a queued job. Mirrors `GET /v6/jobs/{job_id}/executions/{exe_num}/`.',
  id: { resolve: ({ id }) => id, parse: Number },
  interfaces: [ExecutionRef],
  loadWithoutCache: async (id, { ctx }) => {
    const execution = await ctx.loaders.execution.load(id)
    return execution?.family === 'queued' ? execution : null
  },
  fields: (t) => ({
    job: t.field({
      type: QueuedJobRef,
      description: 'The job that it is a run of.',
      resolve: ({ jobId }, _args, { ctx }) => loadRequired(ctx.loaders.job, jobId),
    }),
    restId: t.expose('id', {
      type: 'SafeInt',
      description:
        'Its number over all jobs, which the Scale routes call `id` and `/v6/job-executions/{job_exe_id}/` takes.',
    }),
    timeoutSeconds: t.exposeInt('timeoutSeconds', {
      description: 'Seconds after which its command is ended, from the manifest; 0 means never.',
    }),
    inputFileSize: t.exposeFloat('inputFileSize', { description: 'Size of all input files in MiB, rounded up.' }),
    configuration: t.expose('configuration', {
      type: 'JSON',
      nullable: true,
      description: 'What it ran with; null where nothing was recorded.',
    }),
    resources: t.expose('resources', {
      type: 'JSON',
      nullable: true,
      description: 'What was set aside for it; null where nothing was recorded.',
    }),
    taskResults: t.expose('taskResults', {
      type: 'JSON',
      nullable: true,
      description: 'Scale task results 1.0; null until it ended.',
    }),
    output: t.expose('output', {
      type: 'JSON',
      nullable: true,
      description: 'What it made, as Scale data v6; null until it completed.',
    }),
  }),
})

builder.queryField('execution', (t) =>
  t.field({
    type: ExecutionRef,
    nullable: true,
    description:
      'The execution with that id, of a job of either family, or null where there is none. Mirrors `GET /v6/jobs/{job_id}/executions/{exe_num}/` and `GET /v1/allocation/{alloc_id}`.',
    args: { id: t.arg.id({ required: true, description: 'The id of a `JobExecution` or an `Allocation`.' }) },
    resolve: async (_root, { id }, { ctx }) => {
      const read = readIdOf(id, executionNodes, ['id'])
      const execution = await ctx.loaders.execution.load(read.id)
      return execution !== null && executionNodeOf(execution) === read.typename ? execution : null
    },
  }),
)
