import { type Kysely, type SqlBool, sql } from 'kysely'
import type { FileFilter, Slice } from '#model/slice.ts'
import type { Workspace, WorkspaceFile } from '#model/workspace.ts'
import { inListOrder, keyset } from './keyset.ts'
import type { Database } from './tables.ts'
import { fileColumns, workspaceColumns } from './workspace.ts'

/** Workspaces by name. Keys are names. */
export async function findWorkspaceSlice(db: Kysely<Database>, slice: Slice<string>): Promise<Workspace[]> {
  const key = { columns: [sql`name`], values: (name: string) => [sql`${name}::text`], descending: false }
  const { within, order } = keyset(key, slice)
  const query = db.selectFrom('workspace').select(workspaceColumns).where(within).orderBy(order).limit(slice.limit)
  return inListOrder(await query.execute(), slice)
}

/** How many workspaces there are. */
export async function countWorkspaces(db: Kysely<Database>): Promise<number> {
  const row = await db.selectFrom('workspace').select(sql<number>`count(*)`.as('n')).executeTakeFirstOrThrow()
  return row.n
}

/** Files that match, the newest registered first. Keys are ids. */
export async function findFileSlice(
  db: Kysely<Database>,
  filter: FileFilter,
  slice: Slice<number>,
): Promise<WorkspaceFile[]> {
  const key = { columns: [sql`workspace_file.id`], values: (id: number) => [sql`${id}::bigint`], descending: true }
  const { within, order } = keyset(key, slice)
  const rows = await db
    .selectFrom('workspace_file')
    .select(fileColumns)
    .where(conditions(filter))
    .where(within)
    .orderBy(order)
    .limit(slice.limit)
    .execute()
  return inListOrder(rows, slice)
}

/** How many files match. */
export async function countFiles(db: Kysely<Database>, filter: FileFilter): Promise<number> {
  const row = await db
    .selectFrom('workspace_file')
    .select(sql<number>`count(*)`.as('n'))
    .where(conditions(filter))
    .executeTakeFirstOrThrow()
  return row.n
}

function conditions({ workspaceIds, fileNames, jobIds, isDeleted }: FileFilter) {
  const all = [sql<SqlBool>`true`]
  if (workspaceIds) all.push(sql<SqlBool>`workspace_file.workspace_id = any(${[...workspaceIds]}::bigint[])`)
  if (fileNames) all.push(sql<SqlBool>`workspace_file.file_name = any(${[...fileNames]}::text[])`)
  if (jobIds) all.push(sql<SqlBool>`workspace_file.job_id = any(${[...jobIds]}::bigint[])`)
  if (isDeleted !== undefined) all.push(sql<SqlBool>`workspace_file.is_deleted = ${isDeleted}`)
  return sql<SqlBool>`${sql.join(all, sql` and `)}`
}
