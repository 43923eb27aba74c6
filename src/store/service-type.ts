import type { Transaction } from 'kysely'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import type { JsonObject } from '#model/json.ts'
import { toJson } from '#model/json.ts'
import { findRevision, insertJobType, insertRevision, lockJobType, updateJobType } from './job-type.ts'
import type { Database } from './tables.ts'

/** The type and revision of a registration. */
export type ServiceType = {
  readonly jobTypeId: number
  readonly revisionId: number
  /** Whether the registration made the type, or a revision of it. */
  readonly isChanged: boolean
}

/**
 * The job type behind the service jobs of a name, made where missing. Its manifest is the specification as it was
 * registered last; another one is a new revision, the same one is not.
 */
export async function ensureServiceType(tx: Transaction<Database>, name: string, spec: JobSpec): Promise<ServiceType> {
  const manifest = spec as unknown as JsonObject
  const made = (await lockJobType(tx, 'service', name, '')) === null && (await insertServiceType(tx, name, manifest))
  const type = await lockJobType(tx, 'service', name, '')
  if (type === null) throw new Error(`the job type of ${name} is missing`)
  const isChanged = made || toJson(type.manifest) !== toJson(spec)
  const revisionNum = isChanged && !made ? type.revisionNum + 1 : type.revisionNum
  if (revisionNum !== type.revisionNum) {
    await updateJobType(tx, type.id, { revisionNum, manifest, title: spec.Name })
    await insertRevision(tx, type.id, revisionNum, '', manifest)
  }
  const revision = await findRevision(tx, type.id, revisionNum)
  if (revision === null) throw new Error(`revision ${revisionNum} of ${name} is missing`)
  return { jobTypeId: type.id, revisionId: revision.id, isChanged }
}

async function insertServiceType(tx: Transaction<Database>, name: string, manifest: JsonObject): Promise<boolean> {
  const type = await insertJobType(tx, {
    family: 'service',
    name,
    version: '',
    title: name,
    description: null,
    tags: [],
    iconCode: null,
    isActive: true,
    isPaused: false,
    isPublished: false,
    isSystem: false,
    maxScheduled: null,
    dockerImage: '',
    manifest,
    configuration: {},
  })
  return type !== null
}
