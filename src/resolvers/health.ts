import { findLogHead } from '#store/change.ts'
import type { Store } from '#store/store.ts'

/** Whether the database answers and this process follows its change log. */
export async function isServing(store: Store): Promise<boolean> {
  try {
    await findLogHead(store.db)
    return !store.feed.isStopped
  } catch {
    return false
  }
}
