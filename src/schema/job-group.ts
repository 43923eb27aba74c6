/** From what jobs have in common to the jobs themselves. */
import type { ObjectFieldBuilder } from '@pothos/core'
import type { Job } from '#model/job.ts'
import type { JobGroup } from '#model/slice.ts'
import { countJobGroup, sliceJobGroup, sliceLaunches } from '#resolvers/job-group.ts'
import { builder, type SchemaTypes } from './builder.ts'
import { byId, readSlice, toConnection } from './connection.ts'
import { byTime } from './job-place.ts'
import {
  BatchRef,
  JobConnectionRef,
  JobRef,
  JobTypeRef,
  RecipeRef,
  ServiceJobConnectionRef,
  ServiceJobRef,
} from './refs.ts'

const form = byTime('jobsOf', ({ lastModified }) => lastModified)

type Parent = { readonly id: number }

/** The field that lists the jobs of a parent. */
function jobsOf<T extends Parent>(
  t: Pick<ObjectFieldBuilder<SchemaTypes, T>, 'connection'>,
  description: string,
  groupOf: (parent: T) => JobGroup,
) {
  return t.connection(
    {
      type: JobRef,
      description: `${description} \`Query.jobs\` filters them and gives other orders.`,
      resolve: async (parent, args, { ctx }) => {
        const slice = readSlice(args, form)
        const group = groupOf(parent)
        const sliced = await sliceJobGroup(ctx, group, parent.id, slice)
        return toConnection(sliced, slice, form, () => countJobGroup(ctx, group, parent.id))
      },
    },
    JobConnectionRef,
  )
}

builder.objectField(JobTypeRef, 'jobs', (t) =>
  jobsOf(t, 'Jobs of this type, the last changed first.', ({ family }) =>
    family === 'queued' ? 'queuedType' : 'serviceType',
  ),
)
builder.objectField(BatchRef, 'jobs', (t) => jobsOf(t, 'Its jobs, the last changed first.', () => 'batch'))
builder.objectField(RecipeRef, 'jobs', (t) => jobsOf(t, 'Its jobs, the last changed first.', () => 'recipe'))

const byJob = byId<Job>('launchedJobs')

builder.objectField(ServiceJobRef, 'launchedJobs', (t) =>
  t.connection(
    {
      type: ServiceJobRef,
      description:
        'The jobs that this periodic job launched, also those that were deregistered, newest first; empty for others.',
      resolve: async ({ id }, args, { ctx }) => {
        const slice = readSlice(args, byJob)
        const count = () => ctx.loaders.launchesOf.count.load(id)
        return toConnection(await sliceLaunches(ctx, id, slice), slice, byJob, count)
      },
    },
    ServiceJobConnectionRef,
  ),
)
