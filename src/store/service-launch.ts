import { type Kysely, sql, type Transaction } from 'kysely'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { DomainError, notFound } from '#model/error.ts'
import { definitionOf } from '#model/service-definition.ts'
import type { Launch } from '#model/service-job.ts'
import { now } from './database.ts'
import { jobNotFound } from './service-end.ts'
import { findTaskGroups, type ServiceJobRow, type ServiceKey, specOf, withCounts } from './service-job.ts'
import { lockServiceJob, lockServiceName } from './service-lock.ts'
import { putServiceJob } from './service-register.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

/**
 * Launches a periodic job at this moment, whatever its schedule and its other children. Two launches within a second
 * give one child with two evaluations.
 * @throws DomainError NOT_FOUND `job not found`, CONFLICT where the job is not periodic, or is disabled or stopped
 */
export async function forceServiceJob(store: Store, key: ServiceKey): Promise<Launch> {
  return writing(store, async (tx) => {
    const parent = await lockServiceJob(tx, key)
    if (parent === null) throw notFound(jobNotFound)
    const { Periodic } = specOf(parent.spec)
    if (Periodic === null) throw new DomainError('CONFLICT', "can't force launch non-periodic job")
    if (!Periodic.Enabled || parent.isStopped) {
      const text = `force launch for job "${key.name}" failed: can't force run non-tracked job ${key.name}`
      throw new DomainError('CONFLICT', text)
    }
    const { rows } = await sql<{ at: number }>`select floor(extract(epoch from ${now}))::bigint as at`.execute(tx)
    return launch(tx, parent, rows[0]?.at ?? 0)
  })
}

/** Periodic jobs that are due by the given moment, the longest due first. */
export async function findDueJobs(db: Kysely<Database>, moment: Date, limit: number): Promise<ServiceKey[]> {
  return db
    .selectFrom('service_job')
    .select(['region', 'name'])
    .where('next_launch', '<=', moment.toISOString())
    .orderBy('next_launch')
    .limit(limit)
    .execute()
}

/** When the next periodic job is due; null where none is. */
export async function findNextLaunch(db: Kysely<Database>): Promise<string | null> {
  const row = await db
    .selectFrom('service_job')
    .select('next_launch as at')
    .where('next_launch', 'is not', null)
    .orderBy('next_launch')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? null
}

/**
 * Launches a periodic job that is due, once however many schedulers try, and notes when it is due next. While a child
 * of it has not ended and its specification prohibits overlap, the launch is passed over. Launches that were missed while
 * no scheduler ran are made up for by one.
 * @param nextOf when a job of this specification is due after the given moment; null means never again
 * @returns the launch; null where it was passed over, or another scheduler was faster
 */
export async function launchDueJob(
  store: Store,
  key: ServiceKey,
  moment: Date,
  nextOf: (spec: JobSpec, after: Date) => Date | null,
): Promise<Launch | null> {
  return writing(store, async (tx) => {
    const parent = await lockServiceJob(tx, key)
    if (parent === null || parent.nextLaunch === null || new Date(parent.nextLaunch) > moment) return null
    const spec = specOf(parent.spec)
    const due = new Date(parent.nextLaunch)
    await tx
      .updateTable('service_job')
      .set({ next_launch: nextOf(spec, moment)?.toISOString() ?? null })
      .where('job_id', '=', parent.id)
      .execute()
    if (spec.Periodic?.ProhibitOverlap === true && (await hasActiveChild(tx, parent.id))) return null
    return launch(tx, parent, Math.floor(due.getTime() / 1000))
  })
}

/** Makes a child of a locked periodic job, or registers the one of that second anew. */
async function launch(tx: Transaction<Database>, parent: ServiceJobRow, unixSeconds: number): Promise<Launch> {
  const childName = `${parent.name}/periodic-${unixSeconds}`
  const key = { region: parent.region, name: childName }
  await lockServiceName(tx, key)
  const before = await lockServiceJob(tx, key)
  const current = withCounts(specOf(parent.spec), await findTaskGroups(tx, [parent.id]))
  const spec = { ...current, ID: childName, Name: childName, ParentID: parent.name, Periodic: null }
  const { evaluationId, evaluationCreateIndex } = await putServiceJob(tx, {
    region: parent.region,
    spec,
    // Only the parent's schedule launches a child.
    definition: { ...definitionOf(spec), autostart: false },
    nextLaunch: null,
    starts: true,
    key,
    type: { jobTypeId: parent.jobTypeId, revisionId: parent.jobTypeRevisionId, isChanged: false },
    before,
    parentId: parent.id,
    triggeredBy: 'periodic-job',
  })
  if (evaluationId === null) throw new Error('a launch was not evaluated')
  return { childName, evaluationId, evaluationCreateIndex }
}

async function hasActiveChild(tx: Transaction<Database>, parentId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('service_job')
    .innerJoin('job', 'job.id', 'service_job.job_id')
    .select('job.id')
    .where('service_job.parent_id', '=', parentId)
    .where('job.status', 'not in', ['COMPLETED', 'FAILED', 'CANCELED'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
