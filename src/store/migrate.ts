import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import * as model from './migrations/0001_model.ts'
import * as tallyDay from './migrations/0002_tally_day.ts'
import * as jobOrder from './migrations/0003_job_order.ts'
import * as idempotency from './migrations/0004_idempotency.ts'
import * as jobSlow from './migrations/0005_job_slow.ts'
import * as jobGroup from './migrations/0006_job_group.ts'
import type { Database } from './tables.ts'

/** Every migration in order. A landed one is never edited: later changes get a file of their own. */
const migrations = {
  '0001_model': model,
  '0002_tally_day': tallyDay,
  '0003_job_order': jobOrder,
  '0004_idempotency': idempotency,
  '0005_job_slow': jobSlow,
  '0006_job_group': jobGroup,
}

/**
 * Brings the schema up to date; safe to call from several processes at once (the migrator takes a lock).
 * @throws the first migration's own error; what went before it stays applied
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
