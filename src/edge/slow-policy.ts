/** How long a stream may stand blocked by a client that does not read, in milliseconds, and who hears that it was cut. */
export type SlowPolicy = { readonly ms: number; readonly closed: () => void }

/** The usual bound; `warn` is told in words. */
export function slowPolicy(warn: (message: string) => void, ms = 30_000): SlowPolicy {
  return { ms, closed: () => warn('A client that reads too slowly was closed') }
}
