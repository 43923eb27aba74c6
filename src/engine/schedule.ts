import type { Store } from '#store/store.ts'

/** What the scheduler needs. */
export type SchedulerOptions = {
  readonly store: Store
  readonly now: () => Date
  readonly log: { error(message: string, error: unknown): void }
}

/** A scheduler that runs. */
export type Scheduler = { readonly stop: () => Promise<void> }

/** Starts a scheduler. Any number of gateways may run one on the same store. */
export async function startScheduler(_options: SchedulerOptions): Promise<Scheduler> {
  throw new Error('unfinished')
}
