import type { Change } from '#model/change.ts'
import type { Store } from '#store/store.ts'
import { oneAtATime } from './one-at-a-time.ts'

/**
 * Hands the changes of the store to `act`, in order and in batches, from now until the returned function is called.
 * Where changes are no longer kept, `act` gets none, and has to look at everything.
 */
export function followChanges(
  store: Store,
  act: (changes: readonly Change[]) => void,
  report: (message: string, error: unknown) => void,
): () => void {
  let seen = store.feed.head
  let forget = () => {}
  let isOver = false
  const read = async () => {
    const changes = await store.feed.changesAfter(seen)
    const last = changes.at(-1)
    if (last !== undefined) seen = { index: last.index, ordinal: last.ordinal }
    if (!isOver) act(changes)
  }
  const reading = oneAtATime(read, (error) => {
    report('Changes could not be read', error)
    seen = store.feed.head
    if (!isOver) act([])
  })
  const listen = () => {
    forget = store.feed.onGrowth(() => {
      if (isOver || store.feed.isStopped) return
      listen()
      reading.ask()
    })
  }
  listen()
  return () => {
    isOver = true
    forget()
  }
}
