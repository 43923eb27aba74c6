import type { Job } from '#model/job.ts'
import { supersedeJob } from '#resolvers/supersede.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { readId } from './global-id.ts'
import { QueuedJobRef } from './refs.ts'

const PayloadRef = builder.objectRef<{ readonly job: Job }>('SupersedeJobPayload')
PayloadRef.implement({
  description: 'The job that is superseded.',
  fields: (t) => ({ job: t.expose('job', { type: QueuedJobRef, description: 'The job.' }) }),
})

const result = resultOf('SupersedeJob', PayloadRef, ['InvalidInputError', 'NotFoundError', 'ConflictError'])

builder.mutationField('supersedeJob', (t) =>
  t.field({
    type: result.type,
    description:
      'Marks a job as replaced, after which it is never queued again. No REST document has a door for it; `GET /v6/jobs/{job_id}/` shows it as `is_superseded`.',
    args: {
      job: t.arg.id({ required: true, description: 'The job that is replaced.' }),
      successor: t.arg.id({ description: 'The later job that replaces it; absent means none.' }),
    },
    resolve: (_root, { job, successor }, { ctx }) =>
      result.run(
        async () => {
          const successorId = typeof successor === 'string' ? readId(successor, 'QueuedJob', ['successor']) : null
          return { job: await supersedeJob(ctx, readId(job, 'QueuedJob', ['job']), successorId) }
        },
        { jobId: 'job', successorId: 'successor' },
      ),
  }),
)
