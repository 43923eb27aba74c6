import type { Kysely, Transaction } from 'kysely'
import type { JobType, JobTypeHead, JobTypeRevision, RevisionHead } from '#model/job-type.ts'
import type { Json, JsonObject } from '#model/json.ts'
import type { JobFamily } from '#model/status.ts'
import { versionKey } from '#model/version.ts'
import { byIds } from './by-ids.ts'
import { json, now } from './database.ts'
import type { Database } from './tables.ts'

/** The columns of a job type without its documents, under their names in the model. */
const jobTypeHeadColumns = [
  'job_type.id',
  'job_type.family',
  'job_type.name',
  'job_type.version',
  'job_type.title',
  'job_type.description',
  'job_type.icon_code as iconCode',
  'job_type.is_active as isActive',
  'job_type.is_system as isSystem',
  'job_type.is_paused as isPaused',
  'job_type.is_published as isPublished',
  'job_type.max_scheduled as maxScheduled',
  'job_type.max_tries as maxTries',
  'job_type.revision_num as revisionNum',
  'job_type.docker_image as dockerImage',
  'job_type.unmet_resources as unmetResources',
  'job_type.created_at as createdAt',
  'job_type.deprecated_at as deprecatedAt',
  'job_type.paused_at as pausedAt',
  'job_type.last_modified as lastModified',
] as const

/** The columns of a job type under their names in the model. */
export const jobTypeColumns = [...jobTypeHeadColumns, 'job_type.manifest', 'job_type.configuration'] as const

/** The columns of a revision without its manifest, under their names in the model. */
const revisionHeadColumns = [
  'id',
  'job_type_id as jobTypeId',
  'revision_num as revisionNum',
  'docker_image as dockerImage',
  'created_at as createdAt',
] as const

/** The columns of a revision under their names in the model. */
export const revisionColumns = [...revisionHeadColumns, 'manifest'] as const

/** Job types by id, in no order; unknown ids are left out. */
export const findJobTypes = byIds<JobType>((db, anyOfIds) =>
  db.selectFrom('job_type').select(jobTypeColumns).where('id', '=', anyOfIds),
)

/** The same without their documents. */
export const findJobTypeHeads = byIds<JobTypeHead>((db, anyOfIds) =>
  db.selectFrom('job_type').select(jobTypeHeadColumns).where('id', '=', anyOfIds),
)

/** The job type of that family, name and version, or null. */
export async function findJobType(
  db: Kysely<Database>,
  family: JobFamily,
  name: string,
  version: string,
): Promise<JobType | null> {
  const row = await db
    .selectFrom('job_type')
    .select(jobTypeColumns)
    .where('family', '=', family)
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst()
  return row ?? null
}

/** Revisions by id, in no order; unknown ids are left out. */
export const findRevisions = byIds<JobTypeRevision>((db, anyOfIds) =>
  db.selectFrom('job_type_revision').select(revisionColumns).where('id', '=', anyOfIds),
)

/** The same without their manifests. */
export const findRevisionHeads = byIds<RevisionHead>((db, anyOfIds) =>
  db.selectFrom('job_type_revision').select(revisionHeadColumns).where('id', '=', anyOfIds),
)

/** One revision of a job type by its number, or null. */
export async function findRevision(
  db: Kysely<Database>,
  jobTypeId: number,
  revisionNum: number,
): Promise<JobTypeRevision | null> {
  const row = await db
    .selectFrom('job_type_revision')
    .select(revisionColumns)
    .where('job_type_id', '=', jobTypeId)
    .where('revision_num', '=', revisionNum)
    .executeTakeFirst()
  return row ?? null
}

/** What a new job type is made of; what is absent takes the column's default. */
export type NewJobType = {
  readonly family: JobFamily
  readonly name: string
  readonly version: string
  readonly title: string | null
  readonly description: string | null
  readonly tags: readonly string[]
  readonly iconCode: string | null
  readonly isActive: boolean
  readonly isPaused: boolean
  readonly isPublished: boolean
  readonly isSystem: boolean
  readonly maxScheduled: number | null
  readonly dockerImage: string
  readonly manifest: JsonObject
  readonly configuration: Json
}

/**
 * Makes a job type with its first revision, or returns null where that name and version exist already (also when
 * another transaction makes them at the same moment).
 */
export async function insertJobType(tx: Transaction<Database>, type: NewJobType): Promise<JobType | null> {
  const row = await tx
    .insertInto('job_type')
    .values({
      family: type.family,
      name: type.name,
      version: type.version,
      version_key: versionKey(type.version),
      title: type.title,
      description: type.description,
      tags: [...type.tags],
      icon_code: type.iconCode,
      is_active: type.isActive,
      is_system: type.isSystem,
      is_paused: type.isPaused,
      is_published: type.isPublished,
      max_scheduled: type.maxScheduled,
      revision_num: 1,
      docker_image: type.dockerImage,
      manifest: json(type.manifest),
      configuration: json(type.configuration),
      deprecated_at: type.isActive ? null : now,
      paused_at: type.isPaused ? now : null,
    })
    .onConflict((conflict) => conflict.columns(['family', 'name', 'version']).doNothing())
    .returning(jobTypeColumns)
    .executeTakeFirst()
  if (row === undefined) return null
  await insertRevision(tx, row.id, 1, type.dockerImage, type.manifest)
  return row
}

/** Freezes one submitted manifest under its number. */
export async function insertRevision(
  tx: Transaction<Database>,
  jobTypeId: number,
  revisionNum: number,
  dockerImage: string,
  manifest: JsonObject,
): Promise<void> {
  await tx
    .insertInto('job_type_revision')
    .values({
      job_type_id: jobTypeId,
      revision_num: revisionNum,
      docker_image: dockerImage,
      manifest: json(manifest),
    })
    .execute()
}

/** Locks a job type against other edits and returns it as it now stands, or null where there is none. */
export async function lockJobType(
  tx: Transaction<Database>,
  family: JobFamily,
  name: string,
  version: string,
): Promise<JobType | null> {
  const row = await tx
    .selectFrom('job_type')
    .select(jobTypeColumns)
    .where('family', '=', family)
    .where('name', '=', name)
    .where('version', '=', version)
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/** What an edit may set; an absent key stays as it is. */
export type JobTypeUpdate = {
  readonly title?: string | null
  readonly description?: string | null
  readonly tags?: readonly string[]
  readonly iconCode?: string | null
  readonly isPublished?: boolean
  readonly isActive?: boolean
  readonly isPaused?: boolean
  readonly maxScheduled?: number | null
  readonly dockerImage?: string
  readonly revisionNum?: number
  readonly manifest?: JsonObject
  readonly configuration?: Json
  readonly unmetResources?: string | null
}

/** Edits a locked job type. Setting a flag to what it already is leaves its time alone. */
export async function updateJobType(tx: Transaction<Database>, id: number, update: JobTypeUpdate): Promise<void> {
  await tx
    .updateTable('job_type')
    .set((eb) => ({
      last_modified: now,
      ...(update.title === undefined ? {} : { title: update.title }),
      ...(update.description === undefined ? {} : { description: update.description }),
      ...(update.tags === undefined ? {} : { tags: [...update.tags] }),
      ...(update.iconCode === undefined ? {} : { icon_code: update.iconCode }),
      ...(update.isPublished === undefined ? {} : { is_published: update.isPublished }),
      ...(update.maxScheduled === undefined ? {} : { max_scheduled: update.maxScheduled }),
      ...(update.dockerImage === undefined ? {} : { docker_image: update.dockerImage }),
      ...(update.revisionNum === undefined ? {} : { revision_num: update.revisionNum }),
      ...(update.manifest === undefined ? {} : { manifest: json(update.manifest) }),
      ...(update.configuration === undefined ? {} : { configuration: json(update.configuration) }),
      ...(update.unmetResources === undefined ? {} : { unmet_resources: update.unmetResources }),
      ...(update.isActive === undefined
        ? {}
        : {
            is_active: update.isActive,
            deprecated_at: update.isActive ? null : eb.fn.coalesce('deprecated_at', now),
          }),
      ...(update.isPaused === undefined
        ? {}
        : { is_paused: update.isPaused, paused_at: update.isPaused ? eb.fn.coalesce('paused_at', now) : null }),
    }))
    .where('id', '=', id)
    .execute()
}
