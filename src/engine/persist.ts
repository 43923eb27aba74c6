import { DomainError } from '#model/error.ts'

const attempts = 40
const pauseMs = 250

/**
 * Writes something that must not be lost because the database is away for a moment: it is tried again for about ten
 * seconds. A refusal is final at once. @throws DomainError as `write` does; the last error where time is up
 */
export async function persistently(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write()
      return
    } catch (error) {
      const isFinal = error instanceof DomainError && error.code !== 'UNAVAILABLE'
      if (isFinal || attempt === attempts) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Whether an error says that the work is no longer held: it was canceled, rescued or ended before. */
export function isStale(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'STALE_LEASE'
}
