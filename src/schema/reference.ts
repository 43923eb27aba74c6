import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { builder } from './builder.ts'
import { isNode } from './global-id.ts'
import { BatchRef, ComputeNodeRef, JobErrorRef, JobEventRef, RecipeRef, RecipeTypeRef } from './refs.ts'
import { ErrorCategoryEnum } from './status.ts'

const key = { resolve: ({ id }: { readonly id: number }) => id, parse: Number }

builder.node(ComputeNodeRef, {
  name: isNode('ComputeNode'),
  description: 'A machine that runs work.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.node.load(id),
  fields: (t) => ({
    hostname: t.exposeString('hostname', { description: 'Its name in the network; unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first seen.' }),
  }),
})

builder.node(JobErrorRef, {
  name: isNode('JobError'),
  description:
    'Why a job or an execution failed, as data: a built-in error, or one that a manifest maps an exit code to.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.error.load(id),
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Unique among the errors of its job type, or among the built-in ones.',
    }),
    jobTypeName: t.exposeString('jobTypeName', {
      nullable: true,
      description: 'The job type whose manifest defines it; null for a built-in error.',
    }),
    title: t.exposeString('title', { description: 'A short heading.' }),
    description: t.exposeString('description', { description: 'What went wrong, in a sentence.' }),
    category: t.expose('category', { type: ErrorCategoryEnum, description: 'Whose fault it is.' }),
    isBuiltin: t.exposeBoolean('isBuiltin', { description: 'Whether the product itself defines it.' }),
    shouldBeRetried: t.exposeBoolean('shouldBeRetried', {
      description: 'Whether a job that failed so is tried again while it has tries left.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first defined.' }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When its definition last changed.' }),
  }),
})

builder.node(JobEventRef, {
  name: isNode('JobEvent'),
  description: 'What made a job come into being: the `event` of the Scale v6 jobs document.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.event.load(id),
  fields: (t) => ({
    type: t.exposeString('type', { description: 'The kind of trigger, such as `USER`.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
  }),
})

builder.node(BatchRef, {
  name: isNode('Batch'),
  description: 'Jobs that were made together.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.batch.load(id),
  fields: (t) => ({
    title: t.exposeString('title', { description: 'A short heading.' }),
    description: t.exposeString('description', { description: 'What the batch is for.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
})

builder.node(RecipeRef, {
  name: isNode('Recipe'),
  description: 'One run of a graph of jobs.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.recipe.load(id),
  fields: (t) => ({
    type: t.field({
      type: RecipeTypeRef,
      description: 'What kind of recipe it is.',
      resolve: ({ recipeTypeId }, _args, { ctx }) => loadRequired(ctx.loaders.recipeType, recipeTypeId),
    }),
    event: t.field({
      type: JobEventRef,
      nullable: true,
      description: 'What made it come into being.',
      resolve: ({ eventId }, _args, { ctx }) => loadNullable(ctx.loaders.event, eventId),
    }),
  }),
})

builder.node(RecipeTypeRef, {
  name: isNode('RecipeType'),
  description: 'A kind of recipe.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.recipeType.load(id),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique among recipe types.' }),
    title: t.exposeString('title', { description: 'A short heading.' }),
    description: t.exposeString('description', { description: 'What recipes of this type do.' }),
    revisionNumber: t.exposeInt('revisionNum', { description: 'Its current revision, from 1.' }),
    isActive: t.exposeBoolean('isActive', { description: 'Whether it may be used for new recipes.' }),
    isSystem: t.exposeBoolean('isSystem', { description: 'Whether the product itself defines it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    deprecatedAt: t.expose('deprecatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it became inactive; null while active.',
    }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})
