import { type Kysely, sql } from 'kysely'
import type { LogLine } from '#model/log.ts'
import { type ExecutionStatus, endedExecutionStatuses, type JobFamily, type JobStatus } from '#model/status.ts'
import { findChunks, linesAfter } from './log-chunk.ts'
import type { Database } from './tables.ts'

/** What of an execution tells whether there is something to read of its log, and whether more can come. */
export type TailedExecution = {
  readonly id: number
  /** Its number within the job. */
  readonly number: number
  readonly family: JobFamily
  readonly status: ExecutionStatus
  /** Null before its end. */
  readonly endedAt: string | null
  /** Lines written so far: the order number of the last. */
  readonly lineCount: number
}

/** A job whose logs are followed, at one moment. */
export type TailedJob = {
  readonly family: JobFamily
  readonly status: JobStatus
  /** Whether a service job was deregistered; false for a queued job. */
  readonly isDeregistered: boolean
  /** The number of its newest execution; 0 where it has none. */
  readonly newest: number
  /** Those that were asked for, by number. */
  readonly executions: readonly TailedExecution[]
}

/** An execution by its number, and the order number of the line up to which it was read. */
export type ReadExecution = { readonly number: number; readonly order: number }

/**
 * Which executions of a job are asked for: of those that were read, the ones with more lines than that and the ended
 * ones, and the first `limit` of those above a number.
 */
export type TailedQuery = { readonly read: readonly ReadExecution[]; readonly above: number; readonly limit: number }

/** The members of an execution are null where none was found. */
type TailedRow = Omit<TailedJob, 'executions'> & {
  readonly id: number | null
  readonly number: number | null
  readonly executionStatus: ExecutionStatus | null
  readonly endedAt: string | null
  readonly lineCount: number | null
}

/** A job and executions of it in one statement, so that they are of one moment; null for an unknown job. */
export async function findTailedJob(
  db: Kysely<Database>,
  jobId: number,
  { read, above, limit }: TailedQuery,
): Promise<TailedJob | null> {
  const columns = sql`id, number, status, ended_at, next_order`
  const { rows } = await sql<TailedRow>`
    select j.family, j.status, s.deregistered_at is not null as "isDeregistered",
      coalesce((select max(number) from execution where job_id = j.id), 0) as newest,
      e.id, e.number, e.status as "executionStatus", e.ended_at as "endedAt", e.next_order - 1 as "lineCount"
    from job j left join service_job s on s.job_id = j.id
    left join lateral (
      (select ${columns} from execution
        join unnest(${read.map(({ number }) => number)}::integer[], ${read.map(({ order }) => order)}::bigint[])
          as p (read_number, read_order) on number = read_number
        where job_id = j.id and number <= ${above}::integer
          and (next_order - 1 > read_order or status = any(${[...endedExecutionStatuses]})))
      union all
      (select ${columns} from execution where job_id = j.id and number > ${above}::integer
        order by number limit ${limit}::integer)
    ) e on true
    where j.id = ${jobId} order by e.number`.execute(db)
  const [job] = rows
  if (job === undefined) return null
  const { family, status, isDeregistered, newest } = job
  const executions = rows.flatMap(({ id, number, executionStatus, endedAt, lineCount }) =>
    id === null || number === null || executionStatus === null || lineCount === null
      ? []
      : [{ id, number, family, status: executionStatus, endedAt, lineCount }],
  )
  return { family, status, isDeregistered, newest, executions }
}

/** An execution whose log is followed; null for an unknown one. */
export async function findTailedExecution(db: Kysely<Database>, id: number): Promise<TailedExecution | null> {
  const found = await db
    .selectFrom('execution')
    .select(['id', 'number', 'family', 'status', 'ended_at as endedAt'])
    .select(sql<number>`next_order - 1`.as('lineCount'))
    .where('id', '=', id)
    .executeTakeFirst()
  return found ?? null
}

/** Lines that were trimmed away: how many, and the order number of the first and of the last of them. */
export type MissingLines = { readonly lineCount: number; readonly firstOrder: number; readonly lastOrder: number }

/** What is missing among the lines after one order number up to another, told from the indexes beside the bytes. */
export async function findMissing(
  db: Kysely<Database>,
  executionId: number,
  after: number,
  upTo: number,
): Promise<MissingLines | null> {
  const { rows } = await sql<{ lineCount: number | null; firstOrder: number | null; lastOrder: number | null }>`
    with kept as (
      select ${after}::bigint as line union all select ${upTo}::bigint + 1 union all
      select (entry ->> 0)::bigint from log_chunk, json_array_elements(lines) as entry
      where execution_id = ${executionId} and last_order > ${after} and first_order <= ${upTo}
        and (entry ->> 0)::bigint between ${after}::bigint + 1 and ${upTo}::bigint),
    hole as (select line, lead(line) over (order by line) as next from kept)
    select sum(next - line - 1)::bigint as "lineCount", min(line) + 1 as "firstOrder", max(next) - 1 as "lastOrder"
    from hole where next > line + 1`.execute(db)
  const { lineCount = null, firstOrder = null, lastOrder = null } = rows[0] ?? {}
  return lineCount === null || firstOrder === null || lastOrder === null ? null : { lineCount, firstOrder, lastOrder }
}

/** A place in the log of one execution. */
export type LogPlace = { readonly executionId: number; readonly after: number }

/** Lines after a place, in order; gaps in their order numbers are of lines that were trimmed away. */
export type LinesAfter = {
  readonly lines: readonly LogLine[]
  /** Whether nothing that was written lies after the last of them. */
  readonly isWhole: boolean
}

/**
 * The next lines after places in the logs of several executions, in one statement: of each the appends of at least
 * `size` chunks, where there are so many. The answers have the order of the places.
 */
export async function findLinesAfter(
  db: Kysely<Database>,
  places: readonly LogPlace[],
  size: number,
): Promise<LinesAfter[]> {
  const found = await findChunks(db, places, size)
  return found.map((chunks, index) => ({
    lines: linesAfter(chunks, places[index]?.after ?? 0),
    isWhole: chunks.length < size,
  }))
}
