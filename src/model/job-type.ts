import type { JobConfiguration } from './documents/configuration-schema.ts'
import type { SeedManifest } from './documents/seed-manifest-schema.ts'
import type { Json, JsonObject } from './json.ts'
import type { JobFamily } from './status.ts'

/** A kind of job, by name and version: Scale's job type, or the definition behind a service job (version ''). */
export type JobType = {
  readonly id: number
  readonly family: JobFamily
  readonly name: string
  readonly version: string
  /** From the manifest; null where a service job gives none. */
  readonly title: string | null
  readonly description: string | null
  readonly iconCode: string | null
  readonly isActive: boolean
  readonly isSystem: boolean
  readonly isPaused: boolean
  readonly isPublished: boolean
  /** How many jobs of it may run at once; null means no limit. */
  readonly maxScheduled: number | null
  /** How often a job of it is tried while its error should be retried. */
  readonly maxTries: number
  /** The current revision, counted from 1 with every submitted manifest. */
  readonly revisionNum: number
  readonly dockerImage: string
  /** Seed manifest 1.0.0 with its defaults filled in. */
  readonly manifest: Json
  /** Scale job type configuration v6: mounts, output_workspaces, priority, settings. Secrets are kept apart. */
  readonly configuration: Json
  /** Comma list of resources that no node offers; null while all are met. */
  readonly unmetResources: string | null
  readonly createdAt: string
  /** When it became inactive; null while active. */
  readonly deprecatedAt: string | null
  /** When it was paused; null while not paused. */
  readonly pausedAt: string | null
  readonly lastModified: string
}

/** A job type without its documents, which may be long. */
export type JobTypeHead = Omit<JobType, 'manifest' | 'configuration'>

/** One submitted manifest of a job type, frozen. */
export type JobTypeRevision = {
  readonly id: number
  readonly jobTypeId: number
  readonly revisionNum: number
  readonly dockerImage: string
  readonly manifest: Json
  readonly createdAt: string
}

/** A revision without its manifest, which may be long. */
export type RevisionHead = Omit<JobTypeRevision, 'manifest'>

/** Why a job or execution failed, as data. */
export type JobError = {
  readonly id: number
  /** The job type that defines it; null for the built-in ones. */
  readonly jobTypeName: string | null
  readonly name: string
  readonly title: string
  readonly description: string
  readonly category: 'SYSTEM' | 'DATA' | 'ALGORITHM'
  readonly isBuiltin: boolean
  readonly shouldBeRetried: boolean
  readonly createdAt: string
  readonly lastModified: string
}

/** Which job types a list means: kinds are joined by AND, the values of one kind by OR. */
export type JobTypeFilter = {
  readonly name?: string
  /** Part of the name or of a tag, whatever its case; every character stands for itself. */
  readonly keywords?: readonly string[]
  readonly ids?: readonly number[]
  readonly isActive?: boolean
  readonly isSystem?: boolean
}

/** All versions of one name: the newest by semantic versioning in full, and every version's text, oldest first. */
export type JobTypeName = { readonly latest: JobType; readonly versions: readonly string[] }

/** What a register or edit request may change of a job type; an absent key changes nothing. */
export type JobTypePatch = {
  readonly iconCode?: string | null
  readonly isPublished?: boolean
  readonly isActive?: boolean
  readonly isPaused?: boolean
  /** Null lifts the limit. */
  readonly maxScheduled?: number | null
  readonly dockerImage?: string
  readonly manifest?: JsonObject
  readonly configuration?: JsonObject
}

/** The manifest of a queued job's type or revision. Only what `parseManifest` returned is ever stored there. */
export function manifestOf(holder: { readonly manifest: Json }): SeedManifest {
  return holder.manifest as unknown as SeedManifest
}

/** The configuration of a queued job's type. Only what the configuration parsers returned is ever stored there. */
export function configurationOf(type: { readonly configuration: Json }): JobConfiguration {
  return type.configuration as unknown as JobConfiguration
}
