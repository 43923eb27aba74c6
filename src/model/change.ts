import type { JsonObject } from './json.ts'

/** What a change is about. Log lines, heartbeats and lease renewals are no changes: they take no index. */
export type ChangeKind =
  | 'JOB'
  | 'EXECUTION'
  | 'JOB_TYPE'
  | 'EVALUATION'
  | 'NODE'
  | 'SETTINGS'
  | 'LOG_SOURCE'
  | 'LOGGER'
  | 'EVENT_DEFINITION'
  | 'SECRET'

/** One visible change, as it was committed. */
export type Change = {
  /** The change index of its transaction: dense from 1 over the whole store. */
  readonly index: number
  /** Its place among the changes of that index, from 0. */
  readonly ordinal: number
  readonly kind: ChangeKind
  readonly entityId: number
  /** The job it concerns; null where it concerns none. */
  readonly jobId: number | null
  readonly jobTypeId: number | null
  /** The status before and after; both null where no status moved. */
  readonly from: string | null
  readonly to: string | null
  /** When, by the database's clock: ISO 8601 in UTC. */
  readonly at: string
  readonly detail: JsonObject | null
  /** The topics that it touched, as topic.ts names them. */
  readonly topics: readonly string[]
}

/** A change about to be written; its index and time are the store's to give. */
export type NewChange = {
  readonly kind: ChangeKind
  readonly entityId: number
  readonly jobId?: number
  readonly jobTypeId?: number
  readonly from?: string | null
  readonly to?: string | null
  readonly at?: string
  readonly detail?: JsonObject
  readonly topics?: readonly string[]
  /** Which index of a block of several, from 0; a registration writes its job at 0 and its evaluation at 1. */
  readonly step?: number
}

/** A place in the change log: everything up to and including it has been seen. */
export type Position = { readonly index: number; readonly ordinal: number }

/** Before the first change. */
export const origin: Position = { index: 0, ordinal: 0 }

/** The place after every change of an index. */
export function endOf(index: number): Position {
  return { index, ordinal: 2_147_483_647 }
}

/** Whether a change lies after a place. */
export function isAfter(change: Position, position: Position): boolean {
  return change.index > position.index || (change.index === position.index && change.ordinal > position.ordinal)
}
