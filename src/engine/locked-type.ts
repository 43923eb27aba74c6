import { findLockedTypes } from '#store/job-type-secret.ts'
import type { Store } from '#store/store.ts'

/** Where a notice goes. */
type Tell = (message: string, fields: Readonly<Record<string, unknown>>) => void

/**
 * Says once of each job type that its jobs are left to others, since a secret of it lies under a key that this store
 * lacks; and again where that changes. What it returns looks anew.
 */
export function lockedTypeNotice(store: Store, tell: Tell): () => Promise<void> {
  let known = new Set<number>()
  return async () => {
    const locked = await findLockedTypes(store.db, store.keys)
    for (const { id, name, version } of locked)
      if (!known.has(id))
        tell('Jobs of a type wait for a gateway that has the key of its secrets', { jobTypeId: id, name, version })
    known = new Set(locked.map(({ id }) => id))
  }
}
