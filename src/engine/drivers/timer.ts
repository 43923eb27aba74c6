const longestMs = 2 ** 31 - 1

/**
 * Calls `action` once after `ms` milliseconds, however many: Node's own timer fires at once beyond 24 days. Returns what
 * cancels it.
 */
export function after(ms: number, action: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (left: number) => {
    timer = left > longestMs ? setTimeout(wait, longestMs, left - longestMs) : setTimeout(action, left)
  }
  wait(ms)
  return () => clearTimeout(timer)
}

/** Waits for a promise that never rejects, at most `ms` milliseconds; tells whether it came in time. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const cancel = after(ms, () => late.resolve(false))
  const inTime = await Promise.race([promise.then(() => true), late.promise])
  cancel()
  return inTime
}
