import { badInput, DomainError } from '#model/error.ts'
import type { TailedExecution, TailedJob } from '#store/log-tail.ts'

/** How many executions that are not read to their end one tail holds; later ones join as these end. */
export const mostOpen = 2_000
const longestCursor = 131_072

/** How far the log of one execution was read. */
export type OpenLog = { id: number; order: number }

/**
 * How far the logs of a job were read: executions up to the number `seen` are read to their end, but for the open
 * ones, which are kept under their numbers; those above were not looked at. It is as large as what is open.
 */
export type JobPlace = {
  seen: number
  readonly open: Map<number, OpenLog>
  /** Of executions up to the number `upTo` only the last lines are wanted; null where all are. */
  readonly tail: { readonly last: number; readonly upTo: number } | null
}

/** Takes in executions that were not looked at. @returns whether there were any */
export function admit(place: JobPlace, executions: readonly TailedExecution[]): boolean {
  const fresh = executions.filter(({ number }) => number > place.seen)
  for (const { id, number, lineCount } of fresh) {
    const isOld = place.tail !== null && number <= place.tail.upTo
    const order = isOld ? Math.max(0, lineCount - (place.tail?.last ?? 0)) : 0
    place.open.set(number, { id, order })
    place.seen = number
  }
  return fresh.length > 0
}

/** The place as clients keep it: opaque, and bound to store and job. */
export function encodeJobPlace(storeId: string, jobId: number, { seen, open, tail }: JobPlace): string {
  const read = [...open].sort(([a], [b]) => a - b).map(([number, { order }]) => `${digits(number)}-${digits(order)}`)
  const told = tail === null || tail.upTo <= seen ? '' : `${digits(tail.last)}-${digits(tail.upTo)}`
  const text = ['jlog', storeId.slice(0, 8), digits(jobId), digits(seen), told, read.join('_')].join('.')
  return Buffer.from(text).toString('base64url')
}

/**
 * Reads a place; the ids of its open executions are 0 until `checkJobPlace` has found them.
 * @throws DomainError BAD_USER_INPUT where it is none or of another job, FOREIGN_CURSOR where it is another store's
 */
export function decodeJobPlace(storeId: string, jobId: number, cursor: string): JobPlace {
  const text = cursor.length > longestCursor ? '' : Buffer.from(cursor, 'base64url').toString('latin1')
  const [kind, store = '', job = '', seenText = '', tailText = '', openText = '', ...rest] = text.split('.')
  const [seen, owner] = [toNumber(seenText), toNumber(job)]
  const pairs = openText === '' ? [] : openText.split('_').map(toPair)
  const told = tailText === '' ? null : toPair(tailText)
  const isAscending = pairs.every(([number], index) => number > (pairs[index - 1]?.[0] ?? 0))
  const isKnown = kind === 'jlog' && /^[0-9a-f]{8}$/.test(store) && rest.length === 0
  if (!isKnown || !isAscending || pairs.length > mostOpen || seen > 2_147_483_647 || (pairs.at(-1)?.[0] ?? 0) > seen)
    throw notOurs()
  if (owner !== jobId) throw badInput('The cursor is of another job.', { path: ['after'] })
  if (store !== storeId.slice(0, 8))
    throw new DomainError('FOREIGN_CURSOR', 'The cursor belongs to another store; start without one.', {
      path: ['after'],
    })
  const open = new Map(pairs.map(([number, order]) => [number, { id: 0, order }]))
  return { seen, open, tail: told === null ? null : { last: told[0], upTo: told[1] } }
}

/**
 * Holds a place that was read against what there is of the job, and gives its open executions their ids.
 * @throws DomainError FOREIGN_CURSOR where it lies beyond what there is, or names what is not there
 */
export function checkJobPlace(place: JobPlace, { newest, executions }: TailedJob): void {
  const found = new Map(executions.map((execution) => [execution.number, execution]))
  for (const [number, log] of place.open) {
    const execution = found.get(number)
    if (execution === undefined || log.order > execution.lineCount) throw beyond()
    log.id = execution.id
  }
  if (place.seen > newest || (place.tail?.upTo ?? 0) > newest) throw beyond()
}

function beyond(): DomainError {
  return new DomainError('FOREIGN_CURSOR', 'The cursor lies beyond what there is of the job; start without one.', {
    path: ['after'],
  })
}

function notOurs(): DomainError {
  return badInput('The cursor is not one that this API gave.', { path: ['after'] })
}

function digits(value: number): string {
  return value.toString(36)
}

function toNumber(text: string): number {
  const value = /^(?:0|[1-9a-z][0-9a-z]{0,10})$/.test(text) ? Number.parseInt(text, 36) : Number.NaN
  if (!Number.isSafeInteger(value)) throw notOurs()
  return value
}

function toPair(text: string): readonly [number, number] {
  const [left = '', right = '', ...rest] = text.split('-')
  if (rest.length > 0) throw notOurs()
  return [toNumber(left), toNumber(right)]
}
