import { type Kysely, sql } from 'kysely'
import { executionTransitions, jobTransitions } from '#model/status.ts'
import { changeTables } from './0001_change.ts'
import { clusterTables } from './0001_cluster.ts'
import { queuedTables } from './0001_queued.ts'
import { recordFunction } from './0001_record.ts'
import { serviceTables } from './0001_service.ts'
import { tallyTables } from './0001_tally.ts'

/** The whole model of both job families, the change index and the status guards. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const script of [changeTables, queuedTables, tallyTables, serviceTables, clusterTables, recordFunction])
    await runScript(db, script)
  await insertTransitions(db, 'job_transition', jobTransitions)
  await insertTransitions(db, 'execution_transition', executionTransitions)
}

/** Runs statements one by one: neither driver takes several in one message. They are parted by lines of `--;`. */
async function runScript(db: Kysely<unknown>, script: string): Promise<void> {
  for (const statement of script.split(/^--;$/m)) await sql.raw(statement).execute(db)
}

async function insertTransitions(
  db: Kysely<unknown>,
  table: string,
  transitions: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [from, targets] of Object.entries(transitions)) {
    if (targets.length === 0) continue
    await sql`insert into ${sql.table(table)} (from_status, to_status)
      select ${from}, unnest(${targets}::text[])`.execute(db)
  }
}
