import type { EventDefinition } from '#model/documents/event-definition.ts'
import type { EventResult } from '#model/event-reduce.ts'
import { getEventDefinitions, listEventResults } from '#resolvers/event.ts'
import { builder } from './builder.ts'
import { longestList } from './connection.ts'

const FileRef = builder.objectRef<EventDefinition>('EventDefinitionFile').implement({
  description: 'A file of map and reduce definitions. Mirrors an item of `mapreduce` in `GET /v1/events`.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name, unique among these files.' }),
    source: t.exposeString('source', { description: 'The file as it was set, a JSON text; `value` in REST.' }),
  }),
})

type Definitions = Awaited<ReturnType<typeof getEventDefinitions>>

/** All files of event definitions, and what is wrong with them. */
export const EventDefinitionsRef = builder.objectRef<Definitions>('EventDefinitions').implement({
  description: 'The definitions by which events are mapped and reduced. Mirrors `GET /v1/events`.',
  fields: (t) => ({
    files: t.field({
      type: [FileRef],
      description: 'The files, in the order in which they were set; at most the first 10,000.',
      resolve: ({ files }) => files.slice(0, longestList),
    }),
    errors: t.stringList({
      description:
        'A line for each fault, which names its file; a definition with a fault has no effect. At most 10,000.',
      resolve: ({ definitions }) => definitions.errors.slice(0, longestList),
    }),
  }),
})

builder.queryField('eventDefinitions', (t) =>
  t.field({
    type: EventDefinitionsRef,
    description: 'The event definitions and what is wrong with them. Mirrors `GET /v1/events`.',
    resolve: (_root, _args, { ctx }) => getEventDefinitions(ctx),
  }),
)

/** A message of the log of results. */
export const EventResultRef = builder.objectRef<EventResult>('EventResult').implement({
  description: 'A message of the log of results. Mirrors an item of `messages`.',
  fields: (t) => ({
    position: t.expose('position', { type: 'SafeInt', description: 'Its place in the log, from 0.' }),
    error: t.exposeString('error', { description: 'What could not be reduced; empty where all went well.' }),
    value: t.exposeString('value', { description: 'A JSON text: the id of the reduction, and its results by key.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was published.' }),
  }),
})

type Results = { readonly end: number; readonly results: readonly EventResult[] }

const ResultsRef = builder.objectRef<Results>('EventResults').implement({
  description: 'A part of the log of results. Mirrors `GET /v1/events/results/{counter}`.',
  fields: (t) => ({
    counter: t.expose('end', {
      type: 'SafeInt',
      description: 'The position after the last message: where to ask next.',
    }),
    messages: t.field({
      type: [EventResultRef],
      description: 'The messages in their order, at most 10,000.',
      resolve: ({ results }) => [...results],
    }),
  }),
})

builder.queryField('eventResults', (t) =>
  t.field({
    type: ResultsRef,
    description:
      'The log of event results from a position on. Asking keeps the log open: results are kept while somebody asks at least every five seconds; then the log starts anew at 0. Mirrors `GET /v1/events/results/{counter}`.',
    args: {
      counter: t.arg({
        type: 'SafeInt',
        description: 'The first position wanted; absent means 0. One beyond the end gives the whole log.',
      }),
    },
    resolve: (_root, { counter }, { ctx }) => listEventResults(ctx, counter ?? 0),
  }),
)
