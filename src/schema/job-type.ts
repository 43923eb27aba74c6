import type { JobType } from '#model/job-type.ts'
import type { JobTypePlace } from '#model/slice.ts'
import { getJobType } from '#resolvers/job-type.ts'
import { countJobTypes, sliceJobTypes } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { type CursorForm, isId, isText, named, readSlice, toConnection } from './connection.ts'
import { jobTypeInFull, loadJobType, revisionInFull } from './document.ts'
import { checkCount, isNode, readId } from './global-id.ts'
import { defined, orNull } from './input.ts'
import { checkOneWay } from './one-way.ts'
import { JobTypeRef, JobTypeRevisionRef, RecipeTypeRef } from './refs.ts'

const key = { resolve: ({ id }: { readonly id: number }) => id, parse: Number }

builder.node(JobTypeRef, {
  name: isNode('JobType'),
  description:
    'A kind of job: of queued jobs by name and version, of service jobs one for each name of a job. Mirrors `GET /v6/job-types/{name}/{version}/`.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.jobType.load(id),
  fields: (t) => ({
    number: t.expose('id', { type: 'SafeInt', description: 'Its number, which the REST routes call `id`.' }),
    name: t.exposeString('name', { description: 'Its name, which all its versions share.' }),
    version: t.exposeString('version', {
      description: 'Its version, as semantic versioning has it; empty for the type of a service job.',
    }),
    title: t.exposeString('title', { nullable: true, description: 'A short heading; null where none is given.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What jobs of this type do; null where nothing is said.',
    }),
    iconCode: t.exposeString('iconCode', { nullable: true, description: 'An icon to show; null where none is given.' }),
    isActive: t.exposeBoolean('isActive', { description: 'Whether jobs of it may be queued.' }),
    isPaused: t.exposeBoolean('isPaused', { description: 'Whether its queued jobs are held back.' }),
    isPublished: t.exposeBoolean('isPublished', { description: 'Whether it is offered to all users.' }),
    isSystem: t.exposeBoolean('isSystem', { description: 'Whether the product itself defines it.' }),
    maxScheduled: t.exposeInt('maxScheduled', {
      nullable: true,
      description: 'How many jobs of it may run at once; null means no limit.',
    }),
    maxTries: t.exposeInt('maxTries', {
      description: 'How often a job of it is tried while its error should be retried.',
    }),
    revisionNumber: t.exposeInt('revisionNum', {
      description: 'Its current revision, counted from 1 with every submitted manifest.',
    }),
    dockerImage: t.exposeString('dockerImage', {
      description: 'The Seed image that it was registered from; empty for the type of a service job.',
    }),
    manifest: t.field({
      type: 'JSON',
      description:
        'Its Seed manifest 1.0.0, with defaults filled in; for the type of a service job the specification as it was registered last.',
      resolve: async (type, _args, { ctx }) => (await jobTypeInFull(ctx, type)).manifest,
    }),
    configuration: t.field({
      type: 'JSON',
      description: 'Its job type configuration v6. Secret settings are left out.',
      resolve: async (type, _args, { ctx }) => (await jobTypeInFull(ctx, type)).configuration,
    }),
    unmetResources: t.exposeString('unmetResources', {
      nullable: true,
      description: 'Comma list of resources that no node offers; null while all are met.',
    }),
    recipeTypes: t.field({
      type: [RecipeTypeRef],
      description: 'The recipe types that use it.',
      resolve: ({ id }, _args, { ctx }) => ctx.loaders.recipeTypesOfJobType.load(id).then((types) => [...types]),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    deprecatedAt: t.expose('deprecatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it became inactive; null while active.',
    }),
    pausedAt: t.expose('pausedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was paused; null while not paused.',
    }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When anything of it last changed.' }),
  }),
})

builder.node(JobTypeRevisionRef, {
  name: isNode('JobTypeRevision'),
  description:
    'One submitted manifest of a job type, frozen. Mirrors `GET /v6/job-types/{name}/{version}/revisions/{revision_num}/`.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.revision.load(id),
  fields: (t) => ({
    number: t.exposeInt('revisionNum', { description: 'Its number within the job type, from 1.' }),
    jobType: t.field({
      type: JobTypeRef,
      description: 'The job type that it is a revision of.',
      resolve: ({ jobTypeId }, _args, { ctx }, info) => loadJobType(ctx, jobTypeId, info),
    }),
    dockerImage: t.exposeString('dockerImage', {
      description: 'The Seed image that was submitted; empty for a service job.',
    }),
    manifest: t.field({
      type: 'JSON',
      description: 'The Seed manifest 1.0.0 that was submitted; for a service job its specification.',
      resolve: async (revision, _args, { ctx }) => (await revisionInFull(ctx, revision)).manifest,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was submitted.' }),
  }),
})

builder.queryField('jobType', (t) =>
  t.field({
    type: JobTypeRef,
    nullable: true,
    description:
      'One job type, by its id, or one of queued jobs by its name and version; null where there is none. Mirrors `GET /v6/job-types/{name}/{version}/`.',
    args: {
      id: t.arg.id({ description: 'Its id. Give this, or `name` and `version`.' }),
      name: t.arg.string({ description: 'Its name, together with `version`.' }),
      version: t.arg.string({ description: 'Its version, such as `1.0.0`, together with `name`.' }),
    },
    resolve: async (_root, args, { ctx }) => {
      checkOneWay(args, 'id, or name together with version', ['id'], ['name', 'version'])
      const { id, name, version } = args
      if (typeof id === 'string') return ctx.loaders.jobType.load(readId(id, 'JobType', ['id']))
      return orNull(getJobType(ctx, name ?? '', version ?? ''))
    },
  }),
)

const JobTypeFilterInput = builder.inputType('JobTypeFilter', {
  description: 'Which job types are meant; every kind that is given must fit.',
  fields: (t) => ({
    names: t.stringList({ description: 'Any of these names.' }),
    isActive: t.boolean({ description: 'Only active ones, or only inactive ones.' }),
    isPaused: t.boolean({ description: 'Only paused ones, or only those that are not.' }),
    isSystem: t.boolean({ description: "Only the product's own, or only the others." }),
  }),
})

const form: CursorForm<JobType, JobTypePlace> = {
  list: 'jobTypes',
  key: ({ name, version, id }) => [name, version, id],
  read: ([name, version, id]) => (isText(name) && isText(version) && isId(id) ? { name, version, id } : null),
}

builder.queryField('jobTypes', (t) =>
  t.connection(
    {
      type: JobTypeRef,
      description:
        'The job types of queued jobs, by name and version; a service job leads to its own. Mirrors `GET /v6/job-types/`.',
      args: { filter: t.arg({ type: JobTypeFilterInput, description: 'Which are meant; absent means all.' }) },
      resolve: async (_root, { filter: given, ...args }, { ctx }) => {
        const filter = defined(given ?? {})
        checkCount(filter.names?.length ?? 0, ['filter', 'names'])
        const slice = readSlice(args, form)
        return toConnection(await sliceJobTypes(ctx, filter, slice), slice, form, () => countJobTypes(ctx, filter))
      },
    },
    ...named('JobType', 'job types'),
  ),
)
