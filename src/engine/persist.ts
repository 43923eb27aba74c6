import { setTimeout as delay } from 'node:timers/promises'
import { DomainError } from '#model/error.ts'
import { faultToDomain } from '#store/fault.ts'

const attempts = 40
const pauseMs = 250

/**
 * Does something that must not fail because the database is away for a moment: it is tried again for about ten seconds,
 * or until `isOver` says that nobody wants it any more. Whatever else goes wrong is final at once.
 * @throws what `act` throws; the last error where time is up
 */
export async function persistently<T>(act: () => Promise<T>, isOver: () => boolean = () => false): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act()
    } catch (error) {
      if (!isAway(error) || attempt === attempts || isOver()) throw error
      await delay(pauseMs)
    }
  }
}

/** Whether an error says that the database cannot answer now. A refusal of our own never does. */
export function isAway(error: unknown): boolean {
  return !(error instanceof DomainError) && faultToDomain(error)?.code === 'UNAVAILABLE'
}

/** Whether an error says that the work is no longer held: it was canceled, rescued or ended before. */
export function isStale(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'STALE_LEASE'
}
