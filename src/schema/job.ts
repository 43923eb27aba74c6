import { cancelableJobStatuses, requeueableJobStatuses } from '#model/status.ts'
import { getJobConfiguration } from '#resolvers/job-configuration.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { builder } from './builder.ts'
import { loadJobType, loadRevision } from './document.ts'
import { executionsOf } from './execution-connection.ts'
import { isNode } from './global-id.ts'
import {
  BatchRef,
  ComputeNodeRef,
  ExecutionRef,
  JobErrorRef,
  JobEventRef,
  JobRef,
  JobTypeRef,
  JobTypeRevisionRef,
  QueuedJobRef,
  RecipeRef,
  WorkspaceFileRef,
} from './refs.ts'
import { JobStatusEnum } from './status.ts'

JobRef.implement({
  description:
    'A job of either family: a `QueuedJob`, which runs to its end, or a `ServiceJob`, whose instances are kept running. Mirrors `GET /v6/jobs/{job_id}/` for queued jobs and `GET /v1/job/{job}` for service jobs.',
  interfaces: [builder.nodeInterfaceRef()],
  resolveType: ({ family }) => (family === 'queued' ? 'QueuedJob' : 'ServiceJob'),
  fields: (t) => ({
    type: t.field({
      type: JobTypeRef,
      description: 'What kind of job it is.',
      resolve: ({ jobTypeId }, _args, { ctx }, info) => loadJobType(ctx, jobTypeId, info),
    }),
    revision: t.field({
      type: JobTypeRevisionRef,
      description: 'The manifest that it was made from.',
      resolve: ({ jobTypeRevisionId }, _args, { ctx }, info) => loadRevision(ctx, jobTypeRevisionId, info),
    }),
    status: t.expose('status', { type: JobStatusEnum, description: 'Where it stands.' }),
    rawStatus: t.exposeString('status', { description: 'Where it stands, in the word of its own REST document.' }),
    priority: t.exposeInt('priority', {
      description: 'For queued jobs the lower number runs first, for service jobs the higher.',
    }),
    computeNode: t.field({
      type: ComputeNodeRef,
      nullable: true,
      description: 'Where its newest execution runs or ran; null before, and for a queued job after a cancel.',
      resolve: async ({ id, family, nodeId }, _args, { ctx }) => {
        const latest = family === 'service' ? await ctx.loaders.latestExecution.load(id) : null
        return loadNullable(ctx.loaders.node, latest === null ? nodeId : latest.nodeId)
      },
    }),
    error: t.field({
      type: JobErrorRef,
      nullable: true,
      description: 'Why it failed; null unless it did.',
      resolve: ({ errorId }, _args, { ctx }) => loadNullable(ctx.loaders.error, errorId),
    }),
    executions: executionsOf(t),
    latestExecution: t.field({
      type: ExecutionRef,
      nullable: true,
      description: 'Its newest execution; null before the first.',
      resolve: ({ id }, _args, { ctx }) => ctx.loaders.latestExecution.load(id),
    }),
    canCancel: t.boolean({
      description: 'Whether `cancelJobs` would change it as it stands.',
      resolve: ({ status }) => cancelableJobStatuses.includes(status),
    }),
    canRequeue: t.boolean({
      description: 'Whether `requeueJobs` would change it as it stands.',
      resolve: ({ status, isSuperseded }) => requeueableJobStatuses.includes(status) && !isSuperseded,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    queuedAt: t.expose('queuedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last queued; null before.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its newest execution started; null before.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it ended; null before, and for a queued job that was canceled, as the Scale document has it: `statusChangedAt` tells when.',
    }),
    statusChangedAt: t.expose('lastStatusChange', { type: 'DateTime', description: 'When its status last changed.' }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When anything of it last changed.' }),
    createIndex: t.expose('createIndex', { type: 'BigInt', description: 'The change index that made it.' }),
    modifyIndex: t.expose('modifyIndex', { type: 'BigInt', description: 'The change index that last changed it.' }),
  }),
})

builder.node(QueuedJobRef, {
  name: isNode('QueuedJob'),
  description:
    'A job of the queue: made from a revision of a job type with input data, tried up to a number of times. Mirrors `GET /v6/jobs/{job_id}/`.',
  id: { resolve: ({ id }) => id, parse: Number },
  interfaces: [JobRef],
  loadWithoutCache: async (id, { ctx }) => {
    const job = await ctx.loaders.job.load(id)
    return job?.family === 'queued' ? job : null
  },
  fields: (t) => ({
    number: t.expose('id', { type: 'SafeInt', description: 'Its number, which the REST routes call `id`.' }),
    input: t.expose('input', {
      type: 'JSON',
      nullable: true,
      description: 'Its input as Scale data v6: `files` and `json` by name of the input.',
    }),
    inputFiles: t.field({
      type: [JobInputFileRef],
      description: 'Its input files, by name of the input and place. Mirrors `GET /v6/jobs/{job_id}/input_files/`.',
      resolve: ({ id }, _args, { ctx }) => ctx.loaders.inputFiles.load(id).then((files) => [...files]),
    }),
    inputFileSize: t.exposeFloat('inputFileSize', {
      nullable: true,
      description: 'Size of all input files in MiB, rounded up; null where unknown.',
    }),
    output: t.expose('output', {
      type: 'JSON',
      nullable: true,
      description: 'Its output as Scale data v6; null until it completed.',
    }),
    configuration: t.field({
      type: 'JSON',
      nullable: true,
      description: "Its own configuration without secret settings; null where its type's holds.",
      resolve: (job, _args, { ctx }) => (job.configuration === null ? null : getJobConfiguration(ctx, job)),
    }),
    maxTries: t.exposeInt('maxTries', { description: 'How often it is tried while its error should be retried.' }),
    timesQueued: t.exposeInt('numExes', {
      description: 'How often it was queued, which is the number of its newest execution.',
    }),
    event: t.field({
      type: JobEventRef,
      nullable: true,
      description: 'What made it come into being.',
      resolve: ({ eventId }, _args, { ctx }) => loadNullable(ctx.loaders.event, eventId),
    }),
    recipe: t.field({
      type: RecipeRef,
      nullable: true,
      description: 'The recipe that it belongs to; null outside recipes.',
      resolve: ({ recipeId }, _args, { ctx }) => loadNullable(ctx.loaders.recipe, recipeId),
    }),
    batch: t.field({
      type: BatchRef,
      nullable: true,
      description: 'The batch that it belongs to; null outside batches.',
      resolve: ({ batchId }, _args, { ctx }) => loadNullable(ctx.loaders.batch, batchId),
    }),
    isSuperseded: t.exposeBoolean('isSuperseded', { description: 'Whether another job took its place.' }),
    supersededAt: t.expose('supersededAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When another job took its place; null where none did.',
    }),
    supersededJob: t.field({
      type: QueuedJobRef,
      nullable: true,
      description: 'The job whose place it took; null where it took none.',
      resolve: ({ supersededJobId }, _args, { ctx }) => loadNullable(ctx.loaders.job, supersededJobId),
    }),
    supersededByJob: t.field({
      type: QueuedJobRef,
      nullable: true,
      description: 'The job that took its place; null where none did.',
      resolve: async ({ id, isSuperseded }, _args, { ctx }) => {
        const successor = isSuperseded ? await ctx.loaders.successor.load(id) : null
        return loadNullable(ctx.loaders.job, successor?.id ?? null)
      },
    }),
    source: t.field({
      type: JobSourceRef,
      description: 'What is known of the source data of its input.',
      resolve: (job) => job,
    }),
  }),
})

const JobInputFileRef = builder.objectRef<{
  readonly inputName: string
  readonly position: number
  readonly fileId: number
}>('JobInputFile')
JobInputFileRef.implement({
  description: 'A file that fills an input of a job.',
  fields: (t) => ({
    inputName: t.exposeString('inputName', { description: 'The input, as the manifest names it.' }),
    position: t.exposeInt('position', { description: 'Its place among the files of that input, from 0.' }),
    file: t.field({
      type: WorkspaceFileRef,
      description: 'The file itself.',
      resolve: ({ fileId }, _args, { ctx }) => loadRequired(ctx.loaders.file, fileId),
    }),
  }),
})

const JobSourceRef = builder.objectRef<{
  readonly sourceStarted: string | null
  readonly sourceEnded: string | null
  readonly sourceSensorClass: string | null
  readonly sourceSensor: string | null
  readonly sourceCollection: string | null
  readonly sourceTask: string | null
}>('JobSource')
JobSourceRef.implement({
  description: 'What is known of source data. A value is null where it is unknown, or where input files disagree.',
  fields: (t) => ({
    startedAt: t.expose('sourceStarted', {
      type: 'DateTime',
      nullable: true,
      description: 'When the earliest of the data begins.',
    }),
    endedAt: t.expose('sourceEnded', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest of the data ends.',
    }),
    sensorClass: t.exposeString('sourceSensorClass', { nullable: true, description: 'The class of sensor.' }),
    sensor: t.exposeString('sourceSensor', { nullable: true, description: 'The sensor.' }),
    collection: t.exposeString('sourceCollection', { nullable: true, description: 'The collection of the data.' }),
    task: t.exposeString('sourceTask', { nullable: true, description: 'The task that collected the data.' }),
  }),
})
