import { type Kysely, sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import { type Evaluation, type EvaluationStatus, type EvaluationTrigger, failuresOf } from '#model/evaluation.ts'
import type { ChildSlice } from '#model/slice.ts'
import { entityTopic, evaluationsTopic, jobEvaluationsTopic } from '#model/topic.ts'
import { childPage, inPlaces } from './child-slice.ts'
import type { ServiceKey } from './service-job.ts'
import type { Database } from './tables.ts'
import { uuidRange } from './uuid.ts'

/** What a new evaluation is made of. */
export type NewEvaluation = ServiceKey & {
  /** Null for the deregistration of a job that does not exist. */
  readonly jobId: number | null
  readonly priority: number
  readonly type: string
  readonly triggeredBy: EvaluationTrigger
  /** Null takes the first index of the block in which the evaluation is written. */
  readonly jobModifyIndex: number | null
  readonly nodeId?: number
  readonly status?: EvaluationStatus
  readonly waitNs?: number
  readonly previousId?: number
  /** Failures of placement, as JSON text. */
  readonly blockedOn?: string
}

/** Makes an evaluation; its change is for the caller to record. */
export async function insertEvaluation(
  tx: Transaction<Database>,
  evaluation: NewEvaluation,
): Promise<{ id: number; uuid: string }> {
  return tx
    .insertInto('evaluation')
    .values({
      job_id: evaluation.jobId,
      region: evaluation.region,
      job_name: evaluation.name,
      priority: evaluation.priority,
      type: evaluation.type,
      triggered_by: evaluation.triggeredBy,
      job_modify_index: evaluation.jobModifyIndex,
      node_id: evaluation.nodeId ?? null,
      // The first index of the block is that of the node's loss.
      node_modify_index: evaluation.nodeId === undefined ? 0 : null,
      status: evaluation.status ?? 'PENDING',
      wait_ns: evaluation.waitNs ?? 0,
      previous_id: evaluation.previousId ?? null,
      blocked_on: evaluation.blockedOn ?? null,
    })
    .returning(['id', 'uuid'])
    .executeTakeFirstOrThrow()
}

/** The change that tells of an evaluation's making or of its move. */
export function evaluationChange(
  { id, uuid }: { readonly id: number; readonly uuid: string },
  { region, name, jobId }: ServiceKey & { readonly jobId: number | null },
  move: { readonly from?: EvaluationStatus; readonly to: EvaluationStatus; readonly step: number },
): NewChange {
  return {
    kind: 'EVALUATION',
    entityId: id,
    ...(jobId === null ? {} : { jobId }),
    ...(move.from === undefined ? {} : { from: move.from }),
    to: move.to,
    step: move.step,
    topics: [evaluationsTopic, jobEvaluationsTopic(region, name), entityTopic(uuid)],
  }
}

function selectEvaluations(db: Kysely<Database>) {
  return db
    .selectFrom('evaluation')
    .leftJoin('evaluation as next', 'next.id', 'evaluation.next_id')
    .leftJoin('evaluation as previous', 'previous.id', 'evaluation.previous_id')
    .select([
      'evaluation.id',
      'evaluation.uuid',
      'evaluation.job_id as jobId',
      'evaluation.region',
      'evaluation.job_name as jobName',
      'evaluation.priority',
      'evaluation.type',
      'evaluation.triggered_by as triggeredBy',
      sql<number>`evaluation.job_modify_index`.as('jobModifyIndex'),
      'evaluation.node_id as nodeId',
      sql<number>`evaluation.node_modify_index`.as('nodeModifyIndex'),
      'evaluation.status',
      'evaluation.status_description as statusDescription',
      'evaluation.wait_ns as waitNs',
      'evaluation.next_id as nextId',
      'next.uuid as nextUuid',
      'evaluation.previous_id as previousId',
      'previous.uuid as previousUuid',
      'evaluation.blocked_on as failures',
      'evaluation.created_at as createdAt',
      'evaluation.last_modified as lastModified',
      sql<number>`evaluation.create_index`.as('createIndex'),
      sql<number>`evaluation.modify_index`.as('modifyIndex'),
    ])
}

type EvaluationRow = Omit<Evaluation, 'failures'> & { readonly failures: unknown }

function toEvaluation(row: EvaluationRow): Evaluation {
  return { ...row, failures: failuresOf(row.failures) }
}

/** The evaluations of a job name, of all its incarnations, by uuid bytes. */
export async function findJobEvaluations(db: Kysely<Database>, { region, name }: ServiceKey): Promise<Evaluation[]> {
  const rows = await selectEvaluations(db)
    .where('evaluation.region', '=', region)
    .where('evaluation.job_name', '=', name)
    .orderBy('evaluation.uuid')
    .execute()
  return rows.map(toEvaluation)
}

/** Evaluations whose uuid begins with a prefix, by uuid bytes; none where no uuid can begin so. */
export async function findEvaluationsByPrefix(db: Kysely<Database>, prefix: string): Promise<Evaluation[]> {
  const range = uuidRange(prefix)
  if (range === null) return []
  const rows = await selectEvaluations(db)
    .where('evaluation.uuid', '>=', range.first)
    .where('evaluation.uuid', '<=', range.last)
    .orderBy('evaluation.uuid')
    .execute()
  return rows.map(toEvaluation)
}

/** Evaluations by row id, in no order; unknown ids are left out. */
export async function findEvaluations(db: Kysely<Database>, ids: readonly number[]): Promise<Evaluation[]> {
  const rows = await selectEvaluations(db)
    .where('evaluation.id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
  return rows.map(toEvaluation)
}

/** Slices of the evaluations of many jobs, newest first, in one statement; keys are their ids. One list for each slice, in their order. */
export async function findEvaluationSlices(
  db: Kysely<Database>,
  slices: readonly ChildSlice[],
  limit: number,
  fromEnd: boolean,
): Promise<Evaluation[][]> {
  const rows = await selectEvaluations(db)
    .innerJoin(childPage('evaluation', slices, limit, fromEnd), 'page.row_id', 'evaluation.id')
    .select('page.place')
    .orderBy('page.place')
    .orderBy('page.key', 'desc')
    .execute()
  return inPlaces(slices, rows).map((found) => found.map(toEvaluation))
}
