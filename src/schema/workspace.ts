import type { Workspace } from '#model/workspace.ts'
import { loadNullable, loadRequired } from '#resolvers/loaders.ts'
import { countFiles, countWorkspaces, sliceFiles, sliceWorkspaces } from '#resolvers/slice.ts'
import { builder } from './builder.ts'
import { byId, byText, named, readSlice, toConnection } from './connection.ts'
import { checkCount, isNode, readIds } from './global-id.ts'
import { defined } from './input.ts'
import { JobExecutionRef, QueuedJobRef, WorkspaceFileRef, WorkspaceRef } from './refs.ts'

const key = { resolve: ({ id }: { readonly id: number }) => id, parse: Number }

builder.node(WorkspaceRef, {
  name: isNode('Workspace'),
  description: 'A place where files lie: a directory of the machine that the gateway runs on.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.workspace.load(id),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique among workspaces.' }),
    title: t.exposeString('title', { nullable: true, description: 'A short heading; null where none is given.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What lies there; null where nothing is said.',
    }),
    isActive: t.exposeBoolean('isActive', { description: 'Whether jobs may use it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When anything of it last changed.' }),
  }),
})

const FileTypeEnum = builder.enumType('FileType', {
  description: 'Where a file comes from.',
  values: {
    SOURCE: { description: 'Registered from outside.' },
    PRODUCT: { description: 'Made by a job.' },
  },
})

builder.node(WorkspaceFileRef, {
  name: isNode('WorkspaceFile'),
  description: 'A file in a workspace.',
  id: key,
  loadWithoutCache: (id, { ctx }) => ctx.loaders.file.load(id),
  fields: (t) => ({
    number: t.expose('id', {
      type: 'SafeInt',
      description: 'Its number, which job data and the REST routes call it by.',
    }),
    workspace: t.field({
      type: WorkspaceRef,
      description: 'Where it lies.',
      resolve: ({ workspaceId }, _args, { ctx }) => loadRequired(ctx.loaders.workspace, workspaceId),
    }),
    fileName: t.exposeString('fileName', { description: 'Its name without directories.' }),
    filePath: t.exposeString('filePath', { description: 'Its path within the workspace.' }),
    fileType: t.expose('fileType', { type: FileTypeEnum, description: 'Where it comes from.' }),
    mediaType: t.exposeString('mediaType', { description: 'What it holds, such as `text/csv`.' }),
    size: t.expose('fileSize', { type: 'SafeInt', description: 'Its size in bytes when it was registered.' }),
    dataTypeTags: t.stringList({
      description: 'Labels for its kind of data.',
      resolve: (file) => [...file.dataTypeTags],
    }),
    countries: t.stringList({
      description: 'Codes of the countries that it concerns.',
      resolve: (file) => [...file.countries],
    }),
    dataStartedAt: t.expose('dataStarted', {
      type: 'DateTime',
      nullable: true,
      description: 'When its data begins; null where unknown.',
    }),
    dataEndedAt: t.expose('dataEnded', {
      type: 'DateTime',
      nullable: true,
      description: 'When its data ends; null where unknown.',
    }),
    sourceStartedAt: t.expose('sourceStarted', {
      type: 'DateTime',
      nullable: true,
      description: 'When its source data begins; null where unknown.',
    }),
    sourceEndedAt: t.expose('sourceEnded', {
      type: 'DateTime',
      nullable: true,
      description: 'When its source data ends; null where unknown.',
    }),
    sourceSensorClass: t.exposeString('sourceSensorClass', {
      nullable: true,
      description: 'The class of sensor; null where unknown.',
    }),
    sourceSensor: t.exposeString('sourceSensor', { nullable: true, description: 'The sensor; null where unknown.' }),
    sourceCollection: t.exposeString('sourceCollection', {
      nullable: true,
      description: 'The collection; null where unknown.',
    }),
    sourceTask: t.exposeString('sourceTask', {
      nullable: true,
      description: 'The task that collected it; null where unknown.',
    }),
    isDeleted: t.exposeBoolean('isDeleted', { description: 'Whether it was deleted.' }),
    isSuperseded: t.exposeBoolean('isSuperseded', { description: 'Whether another file took its place.' }),
    job: t.field({
      type: QueuedJobRef,
      nullable: true,
      description: 'The job that made it; null for a source file.',
      resolve: ({ jobId }, _args, { ctx }) => loadNullable(ctx.loaders.job, jobId),
    }),
    execution: t.field({
      type: JobExecutionRef,
      nullable: true,
      description: 'The execution that made it; null for a source file.',
      resolve: ({ executionId }, _args, { ctx }) => loadNullable(ctx.loaders.execution, executionId),
    }),
    jobOutput: t.exposeString('jobOutput', {
      nullable: true,
      description: 'The output of the job that it fills; null for a source file.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; null while it is not.',
    }),
    modifiedAt: t.expose('lastModified', { type: 'DateTime', description: 'When anything of it last changed.' }),
  }),
})

const byName = byText<Workspace>('workspaces', ({ name }) => name)

builder.queryField('workspaces', (t) =>
  t.connection(
    {
      type: WorkspaceRef,
      description: 'Workspaces, by name.',
      resolve: async (_root, args, { ctx }) => {
        const slice = readSlice(args, byName)
        return toConnection(await sliceWorkspaces(ctx, slice), slice, byName, () => countWorkspaces(ctx))
      },
    },
    ...named('Workspace', 'workspaces'),
  ),
)

const FileFilterInput = builder.inputType('FileFilter', {
  description: 'Which files are meant; every kind that is given must fit, and of its values any one.',
  fields: (t) => ({
    workspaces: t.idList({ description: 'In any of these workspaces.' }),
    fileNames: t.stringList({ description: 'With any of these names.' }),
    jobs: t.idList({ description: 'Made by any of these jobs.' }),
    isDeleted: t.boolean({ description: 'Only deleted ones, or only those that are not.' }),
  }),
})

const files = byId<{ readonly id: number }>('files')

builder.queryField('files', (t) =>
  t.connection(
    {
      type: WorkspaceFileRef,
      description: 'Files of all workspaces, the newest registered first.',
      args: { filter: t.arg({ type: FileFilterInput, description: 'Which are meant; absent means all.' }) },
      resolve: async (_root, { filter: given, ...args }, { ctx }) => {
        const { workspaces, jobs, fileNames, isDeleted } = given ?? {}
        checkCount(fileNames?.length ?? 0, ['filter', 'fileNames'])
        const filter = defined({
          fileNames,
          isDeleted,
          workspaceIds: readIds(workspaces, 'Workspace', ['filter', 'workspaces']),
          jobIds: readIds(jobs, 'QueuedJob', ['filter', 'jobs']),
        })
        const slice = readSlice(args, files)
        return toConnection(await sliceFiles(ctx, filter, slice), slice, files, () => countFiles(ctx, filter))
      },
    },
    ...named('WorkspaceFile', 'files'),
  ),
)
