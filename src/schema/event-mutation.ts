import { getEventDefinitions, publishEventInputs, publishEventResult, setEventDefinitions } from '#resolvers/event.ts'
import { builder } from './builder.ts'
import { resultOf } from './error.ts'
import { EventDefinitionsRef } from './event-definition.ts'
import { checkCount } from './global-id.ts'

const FileInput = builder.inputType('EventDefinitionInput', {
  description: 'A file of map and reduce definitions.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Its name, unique among these files.' }),
    source: t.string({ required: true, description: 'The file, a JSON text; `value` in REST.' }),
  }),
})

type Definitions = { readonly eventDefinitions: Awaited<ReturnType<typeof getEventDefinitions>> }

const DefinitionsPayloadRef = builder.objectRef<Definitions>('SetEventDefinitionsPayload').implement({
  description: 'The event definitions as they now stand.',
  fields: (t) => ({
    eventDefinitions: t.expose('eventDefinitions', {
      type: EventDefinitionsRef,
      description: 'All files, and what is wrong with them.',
    }),
  }),
})
const definitionsResult = resultOf('SetEventDefinitions', DefinitionsPayloadRef, ['InvalidInputError'])

builder.mutationField('setEventDefinitions', (t) =>
  t.field({
    type: definitionsResult.type,
    description:
      'Replaces all files of event definitions. What is wrong inside a file is stored all the same and told among the errors. Mirrors `POST /v1/events`.',
    args: {
      files: t.arg({ type: [FileInput], required: true, description: 'The files in their order, at most 1,000.' }),
    },
    resolve: (_root, { files }, { ctx }) =>
      definitionsResult.run(
        async () => {
          checkCount(files.length, ['files'])
          await setEventDefinitions(ctx, files)
          return { eventDefinitions: await getEventDefinitions(ctx) }
        },
        { mapreduce: 'files' },
      ),
  }),
)

const EventInputRef = builder.inputType('EventInput', {
  description: 'An event, as the definitions map it.',
  fields: (t) => ({
    key: t.stringList({ required: true, description: 'The parts of its key, at least one.' }),
    value: t.field({ type: 'JSON', required: true, description: 'A text, a number or a boolean.' }),
    at: t.field({ type: 'DateTime', description: 'When it happened; absent means now.' }),
  }),
})

const InputsPayloadRef = builder.objectRef<{ readonly count: number }>('PublishEventInputsPayload').implement({
  description: 'What the events came to.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many messages the log of results got; 0 where nobody reads it.' }),
  }),
})
const inputsResult = resultOf('PublishEventInputs', InputsPayloadRef, ['InvalidInputError'])

builder.mutationField('publishEventInputs', (t) =>
  t.field({
    type: inputsResult.type,
    description:
      'Runs events through the definitions and appends what the reductions say to the log of results. While nobody reads that log, the results are dropped. No REST document has a door for it; `GET /v1/events/results/{counter}` shows what it makes.',
    args: {
      events: t.arg({ type: [EventInputRef], required: true, description: 'The events, at most 10,000.' }),
    },
    resolve: (_root, { events }, { ctx }) =>
      inputsResult.run(async () => {
        const inputs = events.map(({ key, value, at }) => ({ key, value, at: at ?? null }))
        return { count: await publishEventInputs(ctx, inputs) }
      }),
  }),
)

const ResultPayloadRef = builder.objectRef<{ readonly isKept: boolean }>('PublishEventResultPayload').implement({
  description: 'What became of the message.',
  fields: (t) => ({
    isKept: t.exposeBoolean('isKept', {
      description: 'Whether the log has it; no means that nobody reads the log and the message was dropped.',
    }),
  }),
})
const resultResult = resultOf('PublishEventResult', ResultPayloadRef, ['InvalidInputError'])

builder.mutationField('publishEventResult', (t) =>
  t.field({
    type: resultResult.type,
    description:
      'Appends a ready message to the log of results while somebody reads it. No REST document has a door for it; `GET /v1/events/results/{counter}` shows the message.',
    args: {
      value: t.arg.string({ required: true, description: 'The message, usually a JSON text.' }),
      error: t.arg.string({ description: 'What went wrong; absent means nothing. Both together at most 1 MiB.' }),
    },
    resolve: (_root, { value, error }, { ctx }) =>
      resultResult.run(async () => ({ isKept: await publishEventResult(ctx, { value, error: error ?? '' }) })),
  }),
)
