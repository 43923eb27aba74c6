import type { Workspace, WorkspaceFile } from '#model/workspace.ts'
import { registerFile, registerWorkspace } from '#resolvers/workspace.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { defined } from './input.ts'
import { WorkspaceFileRef, WorkspaceRef } from './refs.ts'

const WorkspaceInput = builder.inputType('RegisterWorkspaceInput', {
  description: 'A place where files lie.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'Unique: 1 to 50 letters, digits, dots, dashes or underscores.',
    }),
    title: t.string({ description: 'A short heading.' }),
    description: t.string({ description: 'What lies there.' }),
    directory: t.string({
      description: "An absolute path that exists on the gateway's machine; absent means one in the data directory.",
    }),
    isActive: t.boolean({ description: 'Whether jobs may use it; absent means yes.' }),
  }),
})

const WorkspacePayloadRef = builder.objectRef<{ readonly workspace: Workspace }>('RegisterWorkspacePayload')
WorkspacePayloadRef.implement({
  description: 'The workspace as it now stands.',
  fields: (t) => ({ workspace: t.expose('workspace', { type: WorkspaceRef, description: 'The workspace.' }) }),
})

const workspaceResult = resultOf('RegisterWorkspace', WorkspacePayloadRef, ['InvalidInputError'])

builder.mutationField('registerWorkspace', (t) =>
  t.field({
    type: workspaceResult.type,
    description: 'Registers a workspace, or brings the one of that name up to date.',
    args: { input: t.arg({ type: WorkspaceInput, required: true, description: 'The workspace.' }) },
    resolve: (_root, { input }, { ctx }) =>
      workspaceResult.run(
        async () => {
          const { name, ...rest } = input
          return { workspace: await registerWorkspace(ctx, { name, ...defined(rest) }) }
        },
        { name: 'input.name', directory: 'input.directory' },
      ),
  }),
)

const FileInput = builder.inputType('RegisterFileInput', {
  description: 'A file that lies in a workspace. Its size is read from the disk.',
  fields: (t) => ({
    workspace: t.string({ required: true, description: 'The name of the workspace.' }),
    path: t.string({ required: true, description: "Its path within the workspace's directory." }),
    mediaType: t.string({ description: 'What it holds, such as `text/csv`; absent means by its name.' }),
    dataTypeTags: t.stringList({ description: 'Labels for its kind of data.' }),
    countries: t.stringList({ description: 'Codes of the countries that it concerns.' }),
    dataStartedAt: t.field({ type: 'DateTime', description: 'When its data begins.' }),
    dataEndedAt: t.field({ type: 'DateTime', description: 'When its data ends.' }),
    sourceStartedAt: t.field({ type: 'DateTime', description: 'When its source data begins.' }),
    sourceEndedAt: t.field({ type: 'DateTime', description: 'When its source data ends.' }),
    sourceSensorClass: t.string({ description: 'The class of sensor.' }),
    sourceSensor: t.string({ description: 'The sensor.' }),
    sourceCollection: t.string({ description: 'The collection of the data.' }),
    sourceTask: t.string({ description: 'The task that collected the data.' }),
  }),
})

const FilePayloadRef = builder.objectRef<{ readonly file: WorkspaceFile }>('RegisterFilePayload')
FilePayloadRef.implement({
  description: 'The file as it now stands.',
  fields: (t) => ({ file: t.expose('file', { type: WorkspaceFileRef, description: 'The file.' }) }),
})

const fileResult = resultOf('RegisterFile', FilePayloadRef, ['InvalidInputError', 'NotFoundError'])

builder.mutationField('registerFile', (t) =>
  t.field({
    type: fileResult.type,
    description: 'Registers a file that lies in a workspace, or brings it up to date.',
    args: { input: t.arg({ type: FileInput, required: true, description: 'The file.' }) },
    resolve: (_root, { input }, { ctx }) =>
      fileResult.run(
        async () => {
          const { workspace, path, dataStartedAt, dataEndedAt, sourceStartedAt, sourceEndedAt, ...rest } = input
          const times = {
            dataStarted: dataStartedAt,
            dataEnded: dataEndedAt,
            sourceStarted: sourceStartedAt,
            sourceEnded: sourceEndedAt,
          }
          return { file: await registerFile(ctx, { workspace, path, ...defined({ ...rest, ...times }) }) }
        },
        { path: 'input.path', workspace: 'input.workspace' },
      ),
  }),
)
