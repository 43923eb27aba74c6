import { type Kysely, sql, type Transaction } from 'kysely'
import type { Change, ChangeKind, NewChange, Position } from '#model/change.ts'
import { isObject } from '#model/json.ts'
import { json } from './database.ts'
import type { Database } from './tables.ts'

/**
 * Commits changes to the log: takes the next index (or a block of them), writes the rows, stamps what they are about
 * and touches their topics. It must be the last statement of its transaction, after every row lock, so that the index is held for one
 * round trip only.
 * @returns the highest index taken
 */
export async function recordChanges(
  tx: Transaction<Database>,
  changes: readonly NewChange[],
  block = 1,
): Promise<number> {
  const rows = changes.map((change) => ({
    step: change.step,
    kind: change.kind,
    entity_id: change.entityId,
    job_id: change.jobId,
    job_type_id: change.jobTypeId,
    from_status: change.from,
    to_status: change.to,
    at: change.at,
    detail: change.detail,
    topics: change.topics,
  }))
  const { rows: result } = await sql<{ top: number }>`select record_changes(${json(rows)}::json,
    ${block}::integer) as top`.execute(tx)
  const top = result[0]?.top
  if (top === undefined) throw new Error('record_changes returned no index')
  return top
}

/** Where the log stands: its highest index, the oldest index still kept, and the identity of this store. */
export type LogHead = { readonly index: number; readonly oldest: number; readonly storeId: string }

/** Reads where the log stands, in one statement. */
export async function findLogHead(db: Kysely<Database>): Promise<LogHead> {
  return db
    .selectFrom('change_index')
    .select(['value as index', 'oldest', 'store_id as storeId'])
    .executeTakeFirstOrThrow()
}

/** The highest index that touched a topic, or 0 while nothing of it was ever written. */
export async function findTopicIndex(db: Kysely<Database>, topic: string): Promise<number> {
  const row = await db.selectFrom('topic_index').select('idx').where('topic', '=', topic).executeTakeFirst()
  return row?.idx ?? 0
}

const changeColumns = [
  'idx as index',
  'ordinal',
  'kind',
  'entity_id as entityId',
  'job_id as jobId',
  'job_type_id as jobTypeId',
  'from_status as from',
  'to_status as to',
  'at',
  'detail',
  'topics',
] as const

/** Changes after a place, in order, at most `limit`. */
export async function findChangesAfter(db: Kysely<Database>, after: Position, limit: number): Promise<Change[]> {
  const rows = await db
    .selectFrom('change')
    .select(changeColumns)
    .where(sql<boolean>`(idx, ordinal) > (${after.index}, ${after.ordinal})`)
    .orderBy('idx')
    .orderBy('ordinal')
    .limit(limit)
    .execute()
  return rows.map(toChange)
}

/** The newest changes up to the end of an index, in order, at most `limit`. */
export async function findChangesUpTo(db: Kysely<Database>, index: number, limit: number): Promise<Change[]> {
  const rows = await db
    .selectFrom('change')
    .select(changeColumns)
    .where('idx', '<=', index)
    .orderBy('idx', 'desc')
    .orderBy('ordinal', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse().map(toChange)
}

/** Whether the change at a place is still there. Whole indexes are dropped, the oldest first: then so is all after it. */
export async function hasChangeAt(db: Kysely<Database>, { index, ordinal }: Position): Promise<boolean> {
  const row = await db
    .selectFrom('change')
    .select('idx')
    .where('idx', '=', index)
    .where('ordinal', '=', ordinal)
    .executeTakeFirst()
  return row !== undefined
}

type ChangeRow = Omit<Change, 'kind' | 'detail' | 'topics'> & { kind: string; detail: unknown; topics: string[] | null }

const noTopics: readonly string[] = []

function toChange(row: ChangeRow): Change {
  // Only recordChanges writes this table, and it writes kinds of that type alone.
  const detail = isObject(row.detail) ? row.detail : null
  return { ...row, kind: row.kind as ChangeKind, detail, topics: row.topics ?? noTopics }
}
