import {
  type EventDefinition,
  type EventDefinitions,
  eventValue,
  readEventDefinitions,
} from '#model/documents/event-definition.ts'
import { badInput } from '#model/error.ts'
import { type EventInput, type EventResult, type NewEventResult, reduceEvents } from '#model/event-reduce.ts'
import { unstorable } from '#model/json.ts'
import {
  appendEventResults,
  type CaptureClock,
  findEventDefinitions,
  readEventResults,
  replaceEventDefinitions,
} from '#store/event.ts'
import type { Context } from './context.ts'

/** The Cluster API's log of results is reset when nobody asked for it for five seconds. */
export const captureClock: CaptureClock = { seconds: 5 }

const mostInputs = 10_000
const longestResult = 1_048_576

/** The files of event definitions as posted, and what they define together, faults included. */
export async function getEventDefinitions(
  ctx: Context,
): Promise<{ readonly files: readonly EventDefinition[]; readonly definitions: EventDefinitions }> {
  const files = await findEventDefinitions(ctx.store.db)
  return { files, definitions: readEventDefinitions(files) }
}

/**
 * Replaces all files of event definitions. What is wrong inside a file is kept and told among the errors.
 * @throws DomainError BAD_USER_INPUT for an empty or repeated key; then nothing has changed
 */
export async function setEventDefinitions(ctx: Context, files: readonly EventDefinition[]): Promise<void> {
  const keys = new Set<string>()
  for (const [place, { key }] of files.entries()) {
    if (key === '') throw badInput(`Event file ${place} has no key.`, { path: ['mapreduce', place, 'key'] })
    if (keys.has(key)) throw badInput(`The event file ${key} is given twice.`, { path: ['mapreduce', place, 'key'] })
    keys.add(key)
  }
  await replaceEventDefinitions(ctx.store, files)
}

/** An event that somebody sends in; without a time it happened now. */
export type PublishedEvent = { readonly key: readonly string[]; readonly value: unknown; readonly at?: string | null }

/**
 * Runs events through the stored definitions and appends what the reductions say to the log of results. While nobody
 * reads that log its capture is closed, and the results are dropped.
 * @returns the number of messages that were appended
 * @throws DomainError BAD_USER_INPUT for an event without a key, or whose value is no text, number or boolean
 */
export async function publishEventInputs(
  ctx: Context,
  events: readonly PublishedEvent[],
  clock: CaptureClock = captureClock,
): Promise<number> {
  if (events.length > mostInputs)
    throw badInput(`At most ${mostInputs} events are taken at once.`, { path: ['events'] })
  const nowMs = ctx.now().getTime()
  const inputs = events.map((event, place) => inputOf(event, place, nowMs))
  const { definitions } = await getEventDefinitions(ctx)
  return appendEventResults(ctx.store, reduceEvents(definitions, inputs), clock)
}

function inputOf(event: PublishedEvent, place: number, nowMs: number): EventInput {
  const value = eventValue(event.value)
  const atMs = event.at === undefined || event.at === null ? nowMs : Date.parse(event.at)
  const refuse = (message: string, member: string) => badInput(message, { path: ['events', place, member] })
  if (event.key.length === 0) throw refuse(`Event ${place} has no key.`, 'key')
  if (value === null) throw refuse('The value of an event is a text, number or boolean.', 'value')
  if (Number.isNaN(atMs)) throw refuse(`The time of event ${place} cannot be read.`, 'at')
  return { key: event.key, value, atMs }
}

/**
 * Appends a ready result to the log, while a capture is open.
 * @returns false where nobody reads the log and the result was dropped
 * @throws DomainError BAD_USER_INPUT for a text that cannot be stored
 */
export async function publishEventResult(
  ctx: Context,
  result: NewEventResult,
  clock: CaptureClock = captureClock,
): Promise<boolean> {
  const { error, value } = result
  const reason = unstorable([error, value])
  if (reason !== null) throw badInput(`The result ${reason}.`, { path: ['value'] })
  if (error.length + value.length > longestResult) throw badInput('A result has at most 1 MiB.', { path: ['value'] })
  return (await appendEventResults(ctx.store, [{ error, value }], clock)) > 0
}

/**
 * The log of results from a position on, at most 10,000 at once, with the position after the last. Asking opens the
 * capture, or keeps it open for five more seconds; a log that nobody asked for so long has been reset to 0. A position
 * beyond the end is one of a log before a reset and answers everything.
 * @throws DomainError BAD_USER_INPUT for a position below 0
 */
export async function listEventResults(
  ctx: Context,
  from: number,
  clock: CaptureClock = captureClock,
): Promise<{ readonly end: number; readonly results: readonly EventResult[] }> {
  if (from < 0) throw badInput('A position is 0 or more.', { path: ['counter'] })
  return readEventResults(ctx.store, from, clock)
}
