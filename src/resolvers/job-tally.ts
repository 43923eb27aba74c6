import { type JobTally, sumJobTally } from '#store/job-tally.ts'
import type { Store } from '#store/store.ts'

/** How many jobs of each family stand in each status, from the ledger: one statement, however many jobs there are. */
export async function countJobsByStatus(store: Store): Promise<readonly JobTally[]> {
  return sumJobTally(store.db)
}
