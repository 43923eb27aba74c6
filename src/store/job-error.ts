import { type Kysely, sql, type Transaction } from 'kysely'
import type { JobError } from '#model/job-type.ts'
import type { ErrorCategory } from '#model/status.ts'
import { now } from './database.ts'
import type { Database } from './tables.ts'

export const errorColumns = [
  'id',
  'job_type_name as jobTypeName',
  'name',
  'title',
  'description',
  'category',
  'is_builtin as isBuiltin',
  'should_be_retried as shouldBeRetried',
  'created_at as createdAt',
  'last_modified as lastModified',
] as const

/** Errors by id, in no order; unknown ids are left out. */
export async function findJobErrors(db: Kysely<Database>, ids: readonly number[]): Promise<JobError[]> {
  return db
    .selectFrom('job_error')
    .select(errorColumns)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** The error of that name that a job type defines, or the built-in one for null; null where there is none. */
export async function findJobError(
  db: Kysely<Database>,
  name: string,
  jobTypeName: string | null,
): Promise<JobError | null> {
  const row = await db
    .selectFrom('job_error')
    .select(errorColumns)
    .where('name', '=', name)
    .where(sql<string>`coalesce(job_type_name, '')`, '=', jobTypeName ?? '')
    .executeTakeFirst()
  return row ?? null
}

/** An error as a manifest, a worker or the product itself defines it. */
export type NewJobError = {
  readonly jobTypeName: string | null
  readonly name: string
  readonly title: string
  readonly description: string
  readonly category: ErrorCategory
  readonly isBuiltin: boolean
  readonly shouldBeRetried: boolean
}

/** Makes errors or brings those of the same name up to date; returns them in the order given. */
export async function upsertJobErrors(tx: Kysely<Database>, errors: readonly NewJobError[]): Promise<JobError[]> {
  const rows: JobError[] = []
  for (const error of errors) {
    const row = await tx
      .insertInto('job_error')
      .values({
        job_type_name: error.jobTypeName,
        name: error.name,
        title: error.title,
        description: error.description,
        category: error.category,
        is_builtin: error.isBuiltin,
        should_be_retried: error.shouldBeRetried,
      })
      .onConflict((conflict) =>
        conflict.expression(sql`name, coalesce(job_type_name, '')`).doUpdateSet((eb) => ({
          title: eb.ref('excluded.title'),
          description: eb.ref('excluded.description'),
          category: eb.ref('excluded.category'),
          should_be_retried: eb.ref('excluded.should_be_retried'),
          last_modified: now,
        })),
      )
      .returning(errorColumns)
      .executeTakeFirstOrThrow()
    rows.push(row)
  }
  return rows
}

/** Failures that the product itself can name. Those that a second try may cure say so. */
export const builtinErrors: readonly NewJobError[] = [
  builtin('worker-lost', 'Worker lost', 'The worker that ran the job fell silent.', 'SYSTEM', true),
  builtin('launch', 'Launch failed', 'The command could not be started.', 'SYSTEM', false),
  builtin('preparation', 'Preparation failed', 'The gateway could not make the job ready to run.', 'SYSTEM', true),
  builtin('worker-crash', 'Worker crashes', 'The job lost its worker again and again.', 'SYSTEM', false),
  builtin('timeout', 'Timeout', 'The job ran longer than its manifest allows.', 'ALGORITHM', false),
  builtin(
    'algorithm-unknown',
    'Unknown error',
    'The command ended with an exit code that its manifest does not name.',
    'ALGORITHM',
    false,
  ),
  builtin(
    'missing-required-output',
    'Missing output',
    'The command made no file or value for a required output.',
    'ALGORITHM',
    false,
  ),
  builtin(
    'invalid-output',
    'Invalid output',
    'The command made an output that does not fit its manifest.',
    'ALGORITHM',
    false,
  ),
  builtin('missing-file', 'Missing file', 'An input file is not where its workspace says.', 'SYSTEM', false),
  builtin('deleted-file', 'Deleted file', 'An input file was deleted.', 'SYSTEM', false),
  builtin('missing-setting', 'Missing setting', 'A setting that the manifest names has no value.', 'SYSTEM', false),
  builtin('missing-mount', 'Missing mount', 'A mount that the manifest names is not configured.', 'SYSTEM', false),
]

function builtin(
  name: string,
  title: string,
  description: string,
  category: ErrorCategory,
  shouldBeRetried: boolean,
): NewJobError {
  return { jobTypeName: null, name, title, description, category, isBuiltin: true, shouldBeRetried }
}

/** Makes sure that the built-in errors are there, as this release defines them. */
export async function ensureBuiltinErrors(db: Kysely<Database>): Promise<void> {
  await db.transaction().execute((tx: Transaction<Database>) => upsertJobErrors(tx, builtinErrors))
}
