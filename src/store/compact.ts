import { sql } from 'kysely'
import { type Store, writing } from './store.ts'

/** What of the change log is always kept, however old or however many. */
export type Retention = { readonly days: number; readonly changes: number }

/** The product's own: a week and the last 100,000 indexes, whichever reaches back further. */
export const usualRetention: Retention = { days: 7, changes: 100_000 }

const chunk = 10_000

/**
 * Drops changes that are older than both limits, at most 10,000 indexes at a time. The oldest index that is kept is
 * written in the same transaction, so a reader either finds what it asks for or is told that it is gone.
 * @returns how many indexes were dropped
 */
export async function compactChanges(store: Store, retention: Retention): Promise<number> {
  return writing(store, async (tx) => {
    const { rows } = await sql<{ oldest: number; keep: number }>`
      select i.oldest, least(i.value - ${retention.changes} + 1, i.oldest + ${chunk}, coalesce((
        select min(c.idx) from change c where c.idx >= i.oldest and c.at >= now() - make_interval(days => ${retention.days})
      ), i.value + 1)) as keep
      from change_index i for update`.execute(tx)
    const found = rows[0]
    if (found === undefined || found.keep <= found.oldest) return 0
    // The last of those indexes is told no more, but stays: by it a place after its last change is known to miss nothing.
    await sql`delete from change where idx < ${found.keep - 1}`.execute(tx)
    await sql`update change_index set oldest = ${found.keep}`.execute(tx)
    return found.keep - found.oldest
  })
}
