import { parseRegister } from '#model/documents/job-spec.ts'
import { badInput, faultWithin, notFound } from '#model/error.ts'
import type { Evaluation } from '#model/evaluation.ts'
import type { Job } from '#model/job.ts'
import { toJson } from '#model/json.ts'
import { type Context, refreshed } from '#resolvers/context.ts'
import { findEvaluation } from '#resolvers/evaluation.ts'
import { loadNullable } from '#resolvers/loaders.ts'
import {
  completeSpec,
  deregisterServiceJob,
  evaluateServiceJob,
  findServiceJob,
  forceServiceJob,
  jobSpecModeOf,
  registerServiceJob,
} from '#resolvers/service-job.ts'
import { builder, type Holder } from './builder.ts'
import { resultOf } from './error.ts'
import { EvaluationRef, ServiceJobRef } from './refs.ts'

/** What a request came to: the job and the evaluation that it made, as they stand right after it. */
type Evaluated = { readonly job: Job; readonly evaluation: Evaluation | null; readonly index: number }

/** The rows of an answer. What was read before the request is forgotten; `jobId` counts where no evaluation was made. */
async function readEvaluated(
  holder: Holder,
  { evaluationId, index }: { readonly evaluationId: string | null; readonly index: number },
  jobId: number | null,
) {
  holder.ctx = refreshed(holder.ctx)
  const { ctx } = holder
  const evaluation = evaluationId === null ? null : (await findEvaluation(ctx, evaluationId)).value
  const job = await loadNullable(ctx.loaders.job, evaluation?.jobId ?? jobId)
  return { job, evaluation, index }
}

/** The same for requests after which there is a job. @throws DomainError NOT_FOUND where it went away at once */
async function readWithJob(...args: Parameters<typeof readEvaluated>): Promise<Evaluated> {
  const { job, ...rest } = await readEvaluated(...args)
  if (job === null) throw notFound('job not found')
  return { ...rest, job }
}

async function idOf({ ctx }: Holder, name: string): Promise<number | null> {
  return (await findServiceJob(ctx, name)).value?.id ?? null
}

function evaluatedPayload(name: string, description: string) {
  return builder.objectRef<Evaluated>(name).implement({
    description,
    fields: (t) => ({
      job: t.expose('job', { type: ServiceJobRef, description: 'The job.' }),
      evaluation: t.expose('evaluation', {
        type: EvaluationRef,
        nullable: true,
        description: 'The evaluation that was made; null for a periodic job, which is not evaluated.',
      }),
      index: t.expose('index', {
        type: 'BigInt',
        description: 'The change index that the REST answer tells as `X-Nomad-Index`; 0 where no evaluation was made.',
      }),
    }),
  })
}

const RegisterInput = builder.inputType('RegisterServiceJobInput', {
  description: 'Which service job to register.',
  fields: (t) => ({
    specification: t.field({
      type: 'JSON',
      required: true,
      description: 'The `Job` object of the Nomad document; members match in any case and unknown ones are ignored.',
    }),
  }),
})

const registerResult = resultOf(
  'RegisterServiceJob',
  evaluatedPayload('RegisterServiceJobPayload', 'The job that was registered, and the evaluation right after it.'),
  ['InvalidInputError', 'NotFoundError'],
)

builder.mutationField('registerServiceJob', (t) =>
  t.field({
    type: registerResult.type,
    description: 'Registers a service job, or registers it anew. Mirrors `PUT /v1/jobs` and `PUT /v1/job/{job}`.',
    args: { input: t.arg({ type: RegisterInput, required: true, description: 'Which job.' }) },
    resolve: (_root, { input }, holder) =>
      registerResult.run(
        async () => {
          const { spec, done } = await registerSent(holder.ctx, input.specification).catch((error: unknown) => {
            throw faultWithin('specification', error)
          })
          return readWithJob(holder, done, await idOf(holder, spec.ID))
        },
        { specification: 'input.specification' },
      ),
  }),
)

async function registerSent(ctx: Context, specification: unknown) {
  const sent = parseRegister(toJson({ Job: specification }), null, jobSpecModeOf(ctx))
  const spec = completeSpec(ctx, sent.job)
  return { spec, done: await registerServiceJob(ctx, spec) }
}

const DeregisterPayloadRef = builder
  .objectRef<Omit<Evaluated, 'job'> & { readonly job: Job | null }>('DeregisterServiceJobPayload')
  .implement({
    description: 'The job that was deregistered, and the evaluation that stops it.',
    fields: (t) => ({
      job: t.expose('job', {
        type: ServiceJobRef,
        nullable: true,
        description:
          'The job, which keeps its allocations and evaluations; null where none of that name was registered.',
      }),
      evaluation: t.expose('evaluation', {
        type: EvaluationRef,
        nullable: true,
        description: 'The evaluation that stops what runs of it; null for a periodic job.',
      }),
      index: t.expose('index', {
        type: 'BigInt',
        description: 'The change index that the REST answer tells as `X-Nomad-Index`; 0 where no evaluation was made.',
      }),
    }),
  })
const deregisterResult = resultOf('DeregisterServiceJob', DeregisterPayloadRef, ['InvalidInputError'])

builder.mutationField('deregisterServiceJob', (t) =>
  t.field({
    type: deregisterResult.type,
    description:
      'Deregisters a service job and stops what runs of it; an unknown name is no mistake. Mirrors `DELETE /v1/job/{job}`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the job.' }) },
    resolve: (_root, { name }, holder) =>
      deregisterResult.run(async () => {
        if (name === '') throw badInput('missing job ID for evaluation', { path: ['name'] })
        const known = await idOf(holder, name)
        return readEvaluated(holder, await deregisterServiceJob(holder.ctx, name), known)
      }),
  }),
)

const evaluateResult = resultOf(
  'EvaluateServiceJob',
  evaluatedPayload('EvaluateServiceJobPayload', 'The job, and the evaluation that was made.'),
  ['InvalidInputError', 'NotFoundError', 'ConflictError'],
)

builder.mutationField('evaluateServiceJob', (t) =>
  t.field({
    type: evaluateResult.type,
    description:
      'Has the scheduler look at a service job again; a periodic one cannot be. Mirrors `PUT /v1/job/{job}/evaluate`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the job.' }) },
    resolve: (_root, { name }, holder) =>
      evaluateResult.run(async () => readWithJob(holder, await evaluateServiceJob(holder.ctx, name), null)),
  }),
)

const launchResult = resultOf(
  'LaunchPeriodicJob',
  evaluatedPayload('LaunchPeriodicJobPayload', 'The job that was launched, and its evaluation.'),
  ['InvalidInputError', 'NotFoundError', 'ConflictError'],
)

builder.mutationField('launchPeriodicJob', (t) =>
  t.field({
    type: launchResult.type,
    description:
      'Launches a periodic job now, whatever its schedule and its other launches. Mirrors `PUT /v1/job/{job}/periodic/force`.',
    args: { name: t.arg.string({ required: true, description: 'The name of the periodic job.' }) },
    resolve: (_root, { name }, holder) =>
      launchResult.run(async () => {
        const { evaluationId, evaluationCreateIndex } = await forceServiceJob(holder.ctx, name)
        return readWithJob(holder, { evaluationId, index: evaluationCreateIndex }, null)
      }),
  }),
)
