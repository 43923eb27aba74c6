import { type Kysely, sql, type Transaction } from 'kysely'
import type { EventDefinition } from '#model/documents/event-definition.ts'
import type { EventResult, NewEventResult } from '#model/event-reduce.ts'
import { recordChanges } from './change.ts'
import { json } from './database.ts'
import { type Store, transaction, writing } from './store.ts'
import type { Database } from './tables.ts'

/** The files of event definitions, in the order in which they were posted. */
export async function findEventDefinitions(db: Kysely<Database>): Promise<EventDefinition[]> {
  return db.selectFrom('event_definition').select(['key', 'source']).orderBy('position').execute()
}

/** Replaces all files of event definitions. */
export async function replaceEventDefinitions(store: Store, files: readonly EventDefinition[]): Promise<void> {
  const rows = files.map((file, position) => ({ ...file, position }))
  await writing(store, async (tx) => {
    await sql`lock table event_definition in exclusive mode`.execute(tx)
    await tx.deleteFrom('event_definition').execute()
    await sql`insert into event_definition (key, position, source)
      select key, position, source
      from json_to_recordset(${json(rows)}::json) as d (key text, position integer, source text)`.execute(tx)
    const keys = files.slice(0, 100).map(({ key }) => key.slice(0, 200).toWellFormed())
    await recordChanges(tx, [{ kind: 'EVENT_DEFINITION', entityId: 0, detail: { count: files.length, keys } }])
  })
}

/** When a capture ends: `seconds` without a reader, by the database's clock unless `at` says what time it is. */
export type CaptureClock = { readonly seconds: number; readonly at?: string }

/** The newest messages that a capture keeps; older ones go, so that an endless reader does not fill the store. */
const mostKept = 100_000
/** The most messages of one answer. */
const mostRead = 10_000

/**
 * Reads the log of results from a position, and keeps its capture open (or opens it). A log that nobody read for the
 * time of the clock is emptied first, and begins at 0 again; so does a position beyond its end.
 * @returns the messages, at most 10,000, and the position after the last of them
 */
export async function readEventResults(
  store: Store,
  from: number,
  clock: CaptureClock,
): Promise<{ readonly end: number; readonly results: readonly EventResult[] }> {
  return store.db.transaction().execute(async (tx) => {
    if (!(await lockCapture(tx, clock))) await tx.deleteFrom('event_result').execute()
    await tx
      .updateTable('event_capture')
      .set({ last_read_at: moment(clock) })
      .execute()
    const end = await findEnd(tx)
    const results = await tx
      .selectFrom('event_result')
      .select(['position', 'error', 'value', 'at'])
      .where('position', '>=', from > end ? 0 : from)
      .orderBy('position')
      .limit(mostRead)
      .execute()
    return { end: (results.at(-1)?.position ?? end - 1) + 1, results }
  })
}

/**
 * Appends messages to the log of results while a capture is open.
 * @returns how many it appended: all of them, or 0 where nobody is reading
 */
export async function appendEventResults(
  store: Store,
  results: readonly NewEventResult[],
  clock: CaptureClock,
): Promise<number> {
  if (results.length === 0) return 0
  const appended = await transaction(store, async (tx) => {
    if (!(await lockCapture(tx, clock))) return 0
    const end = await findEnd(tx)
    const rows = results.map((result, place) => ({ ...result, position: end + place }))
    await sql`insert into event_result (position, error, value)
      select position, error, value
      from json_to_recordset(${json(rows)}::json) as r (position bigint, error text, value text)`.execute(tx)
    await tx
      .deleteFrom('event_result')
      .where('position', '<', end + results.length - mostKept)
      .execute()
    return results.length
  })
  if (appended > 0) store.feed.touch('event-results')
  return appended
}

/** Locks the capture, so that readers and writers take turns, and tells whether it is open. */
async function lockCapture(tx: Transaction<Database>, clock: CaptureClock): Promise<boolean> {
  const { isOpen } = await tx
    .selectFrom('event_capture')
    .select(sql<boolean>`last_read_at >= ${moment(clock)} - make_interval(secs => ${clock.seconds})`.as('isOpen'))
    .forUpdate()
    .executeTakeFirstOrThrow()
  return isOpen
}

function moment({ at }: CaptureClock) {
  return at === undefined ? sql<string>`clock_timestamp()` : sql<string>`${at}::timestamptz`
}

async function findEnd(tx: Transaction<Database>): Promise<number> {
  const row = await tx
    .selectFrom('event_result')
    .select(sql<number>`coalesce(max(position) + 1, 0)`.as('end'))
    .executeTakeFirstOrThrow()
  return row.end
}
