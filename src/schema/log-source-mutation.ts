import type { LogSource } from '#model/logger.ts'
import { setLogSources } from '#resolvers/log-source.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { checkCount } from './global-id.ts'
import { defined } from './input.ts'
import { LogSourceRef } from './log-source.ts'

const Input = builder.inputType('LogSourceInput', {
  description: 'A named log. A missing task is named like the group, a group like the task, and both like the job.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, unique among logs.' }),
    jobName: t.string({ required: true, description: 'The name of the job, which need not exist.' }),
    taskGroup: t.string({ description: "The job's group of tasks; `group` in REST." }),
    task: t.string({ description: 'The task that writes it.' }),
    fileName: t.string({ description: '`stdout`, `stderr`, or the name of a file; absent means `stdout`.' }),
    hasLevel: t.boolean({
      description: 'Whether its id is also the name of a logger; absent means no. `logLevel` in REST.',
    }),
  }),
})

/** What the members are called that have another name in REST. */
const names: Readonly<Record<string, string>> = { id: 'name', job: 'jobName' }

const PayloadRef = builder.objectRef<{ readonly logSources: LogSource[] }>('SetLogSourcesPayload').implement({
  description: 'The list of logs as it now stands.',
  fields: (t) => ({
    logSources: t.expose('logSources', { type: [LogSourceRef], description: 'All of them, in their order.' }),
  }),
})
const result = resultOf('SetLogSources', PayloadRef, ['InvalidInputError'])

builder.mutationField('setLogSources', (t) =>
  t.field({
    type: result.type,
    description:
      'Replaces the list of logs as a whole. The levels of loggers whose logs vanish are forgotten. Mirrors `POST /v1/log/logs`.',
    args: {
      sources: t.arg({ type: [Input], required: true, description: 'The logs in their order, at most 1,000.' }),
    },
    resolve: (_root, { sources }, { ctx }) =>
      result.run(
        async () => {
          checkCount(sources.length, ['sources'])
          const inputs = sources.map(({ name, jobName, ...rest }) => ({ id: name, job: jobName, ...defined(rest) }))
          return { logSources: [...(await setLogSources(ctx, inputs))] }
        },
        { logs: ([place = '', ...rest]) => ['sources', place, ...rest.map((key) => names[key] ?? key)] },
      ),
  }),
)
