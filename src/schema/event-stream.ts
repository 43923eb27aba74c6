import { type EventResultsPart, watchEventResults } from '#resolvers/event-watch.ts'
import { builder } from './builder.ts'
import { EventResultRef } from './event-definition.ts'
import { telling, told } from './stream.ts'

const PartRef = builder.objectRef<EventResultsPart>('EventResultsEvent')
PartRef.implement({
  description: 'Messages of the log of results that came together.',
  fields: (t) => ({
    counter: t.expose('end', {
      type: 'SafeInt',
      description: 'The position after the last message: give it as `counter` to go on from there.',
    }),
    messages: t.field({
      type: [EventResultRef],
      description: 'The messages in their order, at most 10,000; empty where only a reset is told.',
      resolve: ({ results }) => [...results],
    }),
    isReset: t.exposeBoolean('isReset', {
      description:
        'Whether the log may have begun anew since the event before, because nobody asked for five seconds: these are then its first messages, and others may have been lost.',
    }),
  }),
})

builder.subscriptionField('eventResultsPublished', (t) =>
  t.field({
    type: PartRef,
    description:
      'Follows the log of event results: what is there, then what is published, each message once and in order. While it is read the log stays open. Mirrors repeated `GET /v1/events/results/{counter}`.',
    args: {
      counter: t.arg({
        type: 'SafeInt',
        description: 'The first position wanted; absent means 0. One beyond the end gives the whole log.',
      }),
    },
    subscribe: (_root, { counter }, holder) => telling(() => watchEventResults(holder.ctx, counter ?? 0)),
    resolve: (value) => told(value),
  }),
)
