import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import type { Window } from '#model/window.ts'
import type { WorkspaceFile } from '#model/workspace.ts'
import type { Database } from './tables.ts'
import { fileColumns } from './workspace.ts'

/** Which input files of a job a list means. All kinds are joined by AND. */
export type InputFileFilter = {
  readonly jobId: number
  /** Only files that fill this input. */
  readonly inputName?: string
  readonly fileName?: string
  /** Which times `from` and `to` are held against: the last modification, or the span of the data or its source. */
  readonly timeField: 'last_modified' | 'data' | 'source'
  /** The span must start at this moment or later, and end at that moment or earlier. */
  readonly from?: string
  readonly to?: string
}

const spans = {
  last_modified: { start: 'workspace_file.last_modified', end: 'workspace_file.last_modified' },
  data: { start: 'workspace_file.data_started', end: 'workspace_file.data_ended' },
  source: { start: 'workspace_file.source_started', end: 'workspace_file.source_ended' },
} as const

function conditions(eb: ExpressionBuilder<Database, 'workspace_file'>, filter: InputFileFilter): Expression<SqlBool> {
  const { jobId, inputName, fileName, timeField, from, to } = filter
  const { start, end } = spans[timeField]
  let links = eb.selectFrom('job_input_file').select('file_id').where('job_id', '=', jobId)
  if (inputName !== undefined) links = links.where('input_name', '=', inputName)
  const all: Expression<SqlBool>[] = [eb('workspace_file.id', 'in', links)]
  if (fileName !== undefined) all.push(eb('workspace_file.file_name', '=', fileName))
  if (from !== undefined) all.push(eb(start, '>=', from))
  if (to !== undefined) all.push(eb(end, '<=', to))
  return eb.and(all)
}

/** The input files of a job in a window of its list, each once, longest unmodified first. */
export async function findInputFileWindow(
  db: Kysely<Database>,
  filter: InputFileFilter,
  window: Window,
): Promise<WorkspaceFile[]> {
  return db
    .selectFrom('workspace_file')
    .select(fileColumns)
    .where((eb) => conditions(eb, filter))
    .orderBy('workspace_file.last_modified')
    .orderBy('workspace_file.id')
    .limit(window.limit)
    .offset(window.offset)
    .execute()
}

/** How many input files match. */
export async function countInputFiles(db: Kysely<Database>, filter: InputFileFilter): Promise<number> {
  const row = await db
    .selectFrom('workspace_file')
    .select(sql<number>`count(*)`.as('n'))
    .where((eb) => conditions(eb, filter))
    .executeTakeFirstOrThrow()
  return row.n
}
