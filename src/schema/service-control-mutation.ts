import type { Job } from '#model/job.ts'
import type { ServiceJob } from '#model/service-job.ts'
import { refreshed } from '#resolvers/context.ts'
import {
  type CountChange,
  startAllServiceJobs,
  startServiceJob,
  stopAllServiceJobs,
  stopServiceJob,
  updateServiceCount,
} from '#resolvers/service-job.ts'
import { builder, type Holder } from './builder.ts'
import { resultOf } from './error.ts'
import { ServiceJobRef } from './refs.ts'
import { jobOf } from './service-job-query.ts'

/** The jobs of an answer. What was read before the request is forgotten. */
async function readJobs(holder: Holder, services: readonly ServiceJob[]): Promise<{ readonly jobs: Job[] }> {
  holder.ctx = refreshed(holder.ctx)
  return { jobs: await Promise.all(services.map((service) => jobOf(holder.ctx, service))) }
}

async function readJob(holder: Holder, service: ServiceJob): Promise<{ readonly job: Job }> {
  holder.ctx = refreshed(holder.ctx)
  return { job: await jobOf(holder.ctx, service) }
}

function jobPayload(name: string, description: string) {
  return builder.objectRef<{ readonly job: Job }>(name).implement({
    description,
    fields: (t) => ({ job: t.expose('job', { type: ServiceJobRef, description: 'The job, with its counts.' }) }),
  })
}

function jobsPayload(name: string, description: string) {
  return builder.objectRef<{ readonly jobs: Job[] }>(name).implement({
    description,
    fields: (t) => ({
      jobs: t.expose('jobs', { type: [ServiceJobRef], description: 'The jobs by the bytes of their names.' }),
    }),
  })
}

const startResult = resultOf(
  'StartServiceJob',
  jobPayload('StartServiceJobPayload', 'The job that was started, or ran already.'),
  ['InvalidInputError', 'NotFoundError'],
)

builder.mutationField('startServiceJob', (t) =>
  t.field({
    type: startResult.type,
    description:
      'Starts a service job with its initial counts; one that runs is left alone. Mirrors `POST /jobs/start/{jobName}`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the job.' }) },
    resolve: (_root, { name }, holder) =>
      startResult.run(async () => readJob(holder, await startServiceJob(holder.ctx, name))),
  }),
)

const stopResult = resultOf(
  'StopServiceJob',
  jobPayload('StopServiceJobPayload', 'The job that was stopped, or was dead already.'),
  ['InvalidInputError', 'NotFoundError'],
)

builder.mutationField('stopServiceJob', (t) =>
  t.field({
    type: stopResult.type,
    description: 'Stops a service job, which stays registered with its counts. Mirrors `POST /jobs/stop/{jobName}`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the job.' }) },
    resolve: (_root, { name }, holder) =>
      stopResult.run(async () => readJob(holder, await stopServiceJob(holder.ctx, name))),
  }),
)

const startAllResult = resultOf(
  'StartAllServiceJobs',
  jobsPayload('StartAllServiceJobsPayload', 'The jobs that were started, or ran already.'),
  ['InvalidInputError'],
)

builder.mutationField('startAllServiceJobs', (t) =>
  t.field({
    type: startAllResult.type,
    description:
      'Starts every service job whose `isAutostarted` is true, one after another. Mirrors `POST /jobs/startall`.',
    resolve: (_root, _args, holder) =>
      startAllResult.run(async () => readJobs(holder, await startAllServiceJobs(holder.ctx))),
  }),
)

const stopAllResult = resultOf(
  'StopAllServiceJobs',
  jobsPayload('StopAllServiceJobsPayload', 'The jobs that were stopped, or were dead already.'),
  ['InvalidInputError'],
)

builder.mutationField('stopAllServiceJobs', (t) =>
  t.field({
    type: stopAllResult.type,
    description: 'Stops every service job, one after another. Mirrors `POST /jobs/stopall`.',
    resolve: (_root, _args, holder) =>
      stopAllResult.run(async () => readJobs(holder, await stopAllServiceJobs(holder.ctx))),
  }),
)

const ZeroStopsEnum = builder.enumType('ServiceJobZeroStops', {
  description: 'What a change by 0 stops.',
  values: {
    JOB: { value: 'job', description: 'The whole job, as the Bastion document has it.' },
    TASK_GROUP: { value: 'group', description: 'The task group alone, as the Cluster document has it.' },
  } satisfies Record<string, { value: CountChange['zeroStops']; description: string }>,
})

const CountsInput = builder.inputType('UpdateServiceJobCountsInput', {
  description: 'Which count to change, and by how much.',
  fields: (t) => ({
    jobName: t.string({ required: true, description: 'The name of the job.' }),
    taskGroup: t.string({ required: true, description: 'The name of the task group.' }),
    delta: t.int({
      required: true,
      description: 'Added to the count, which must stay between 0 and `maxCount`; 0 stops what `zeroStops` says.',
    }),
    zeroStops: t.field({ type: ZeroStopsEnum, defaultValue: 'job', description: 'What a change by 0 stops.' }),
  }),
})

const countsResult = resultOf(
  'UpdateServiceJobCounts',
  jobPayload('UpdateServiceJobCountsPayload', 'The job whose count was changed.'),
  ['InvalidInputError', 'NotFoundError'],
)

builder.mutationField('updateServiceJobCounts', (t) =>
  t.field({
    type: countsResult.type,
    description:
      'Adds to the count of a task group; concurrent changes add up, and an added instance revives a stopped job. Mirrors `POST /jobs/updatecounts`.',
    args: { input: t.arg({ type: CountsInput, required: true, description: 'Which count, and by how much.' }) },
    resolve: (_root, { input }, holder) =>
      countsResult.run(
        async () => {
          const { jobName, taskGroup, delta, zeroStops } = input
          const change = { jobName, taskGroup, delta, zeroStops: zeroStops ?? 'job' }
          return readJob(holder, await updateServiceCount(holder.ctx, change))
        },
        { count: 'input.delta' },
      ),
  }),
)
