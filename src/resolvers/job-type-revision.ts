import type { Transaction } from 'kysely'
import type { SeedManifest } from '#model/documents/seed-manifest-schema.ts'
import { badInput, type DomainError } from '#model/error.ts'
import type { JobType } from '#model/job-type.ts'
import type { JsonObject } from '#model/json.ts'
import { upsertJobErrors } from '#store/job-error.ts'
import { insertRevision, type JobTypeUpdate } from '#store/job-type.ts'
import type { Database } from '#store/tables.ts'
import { definedErrors } from './job-type-rule.ts'

/** What a registration or an edit says of a type beside its documents; absent keys change nothing. */
export type SentFlags = {
  readonly iconCode?: string | null
  readonly isPublished?: boolean
  readonly isActive?: boolean
  readonly isPaused?: boolean
  /** Null or 0 lifts the limit. */
  readonly maxScheduled?: number | null
}

/** Freezes a manifest under the next number; returns what the type takes from it. */
export async function revise(
  tx: Transaction<Database>,
  type: JobType,
  manifest: SeedManifest,
  dockerImage: string,
): Promise<JobTypeUpdate> {
  const revisionNum = type.revisionNum + 1
  const taken = described(manifest)
  await insertRevision(tx, type.id, revisionNum, dockerImage, taken.manifest)
  await upsertJobErrors(tx, definedErrors(type.name, manifest))
  return { ...taken, revisionNum, unmetResources: null }
}

/** What a type takes from its manifest. */
export function described(manifest: SeedManifest) {
  const { title, description, tags } = manifest.job
  return { title, description, tags: tags ?? [], manifest: manifest as unknown as JsonObject }
}

/** What a request sets of a type beside its documents. */
export function flags(edit: SentFlags): JobTypeUpdate {
  return {
    ...(edit.iconCode === undefined ? {} : { iconCode: edit.iconCode }),
    ...(edit.isPublished === undefined ? {} : { isPublished: edit.isPublished }),
    ...(edit.isActive === undefined ? {} : { isActive: edit.isActive }),
    ...(edit.isPaused === undefined ? {} : { isPaused: edit.isPaused }),
    ...(edit.maxScheduled === undefined ? {} : { maxScheduled: edit.maxScheduled || null }),
  }
}

/** Why a user's request is refused where the type is the system's. */
export function systemType(): DomainError {
  return badInput('You can only modify the is_paused field for a System Job')
}
