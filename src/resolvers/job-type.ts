import type { Transaction } from 'kysely'
import { parseConfiguration, withoutSecrets } from '#model/documents/configuration.ts'
import {
  type Finding,
  type JobTypeValidation,
  validateJobType as validate,
} from '#model/documents/configuration-check.ts'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import { parseManifest, reservedTypeNames } from '#model/documents/seed-manifest.ts'
import type { SeedManifest } from '#model/documents/seed-manifest-schema.ts'
import { badInput, DomainError, notFound } from '#model/error.ts'
import { configurationOf, type JobType } from '#model/job-type.ts'
import { isObject } from '#model/json.ts'
import { recordChanges } from '#store/change.ts'
import { upsertJobErrors } from '#store/job-error.ts'
import { findJobType, insertJobType, lockJobType, updateJobType } from '#store/job-type.ts'
import { writing } from '#store/store.ts'
import type { Database } from '#store/tables.ts'
import type { Context } from './context.ts'
import { configurationInvalid, manifestInvalid, prefixed, reworded } from './job-type-document.ts'
import { described, flags, revise, systemType } from './job-type-revision.ts'
import {
  checkLimits,
  definedErrors,
  deprecationWarnings,
  settleConfiguration,
  workspaceLookup,
} from './job-type-rule.ts'

/** A request to register a Seed image, as it was sent; absent keys are undefined. */
export type RegistrationInput = {
  readonly dockerImage: string
  readonly manifest: unknown
  readonly configuration?: unknown
  /** An empty text is none and changes nothing. */
  readonly iconCode?: string | null
  readonly isPublished?: boolean
  readonly isActive?: boolean
  readonly isPaused?: boolean
  readonly maxScheduled?: number | null
}

/** The same with its documents read and the manifest's gaps filled. */
export type Registration = Omit<RegistrationInput, 'manifest' | 'configuration'> & {
  readonly manifest: SeedManifest
  /** Absent where none or an empty one was sent: a new type gets the defaults, one that exists keeps its own. */
  readonly configuration?: JobConfiguration
}

/**
 * Reads the documents of a registration; nothing is stored.
 * @throws DomainError BAD_USER_INPUT where the manifest or the configuration is invalid
 */
export function parseRegistration(input: RegistrationInput): Registration {
  const { manifest: sentManifest, configuration: sent, iconCode, ...others } = input
  const rest = { ...others, ...(iconCode ? { iconCode } : {}) }
  const manifest = prefixed(manifestInvalid, () => parseManifest(sentManifest))
  if (sent === undefined || sent === null || (isObject(sent) && Object.keys(sent).length === 0))
    return { ...rest, manifest }
  return { ...rest, manifest, configuration: prefixed(configurationInvalid, () => parseConfiguration(sent)) }
}

/** What a registration or an edit did. */
export type RegisteredJobType = {
  /** Whether the name and version were new; otherwise the existing type got a new revision. */
  readonly isNew: boolean
  readonly jobType: JobType
  /** What is odd about the configuration that a registration sent, and DEPRECATED_RECIPES. */
  readonly warnings: readonly Finding[]
}

/**
 * Registers a job type version (Scale v6 "Add Seed Image"): a new one gets revision 1, an existing one its next.
 * @throws DomainError BAD_USER_INPUT where a rule on name, configuration or a length is broken, or the type is the
 * system's
 */
export async function registerJobType(ctx: Context, registration: Registration): Promise<RegisteredJobType> {
  return register(ctx, registration, false)
}

/**
 * Registers a type of the system's own, of which users may change the pause alone; no document has a door for it.
 * @throws DomainError BAD_USER_INPUT as `registerJobType` does, CONFLICT where the type is a user's
 */
export async function registerSystemJobType(ctx: Context, registration: Registration): Promise<RegisteredJobType> {
  return register(ctx, registration, true)
}

type Registered = { readonly id: number; readonly warnings: readonly Finding[] }

async function register(ctx: Context, registration: Registration, isSystem: boolean): Promise<RegisteredJobType> {
  const { name, jobVersion: version } = registration.manifest.job
  if (reservedTypeNames.has(name))
    throw badInput(`Unable to create job type named "${name}"`, { path: ['manifest', 'job', 'name'] })
  checkLimits(registration)
  const { isNew, warnings } = await writing(ctx.store, async (tx) => {
    const created = await createNew(ctx, tx, registration, isSystem)
    const { id, warnings } = created ?? (await reviseExisting(ctx, tx, registration, isSystem))
    await recordChanges(tx, [{ kind: 'JOB_TYPE', entityId: id, jobTypeId: id }])
    return { isNew: created !== null, warnings }
  })
  return { isNew, jobType: await getJobType(ctx, name, version), warnings }
}

/** Null where the name and version exist already, also when another request makes them at the same moment. */
async function createNew(
  ctx: Context,
  tx: Transaction<Database>,
  registration: Registration,
  isSystem: boolean,
): Promise<Registered | null> {
  const { manifest, dockerImage, configuration = parseConfiguration({}) } = registration
  const type = await insertJobType(tx, {
    family: 'queued',
    name: manifest.job.name,
    version: manifest.job.jobVersion,
    ...described(manifest),
    dockerImage,
    configuration: withoutSecrets(configuration, manifest),
    iconCode: registration.iconCode ?? null,
    isActive: registration.isActive ?? true,
    isPaused: registration.isPaused ?? false,
    isPublished: registration.isPublished ?? false,
    isSystem,
    maxScheduled: registration.maxScheduled || null,
  })
  if (type === null) return null
  const { warnings } = await settle(ctx, tx, type.id, configuration, manifest)
  await upsertJobErrors(tx, definedErrors(type.name, manifest))
  return { id: type.id, warnings }
}

async function reviseExisting(
  ctx: Context,
  tx: Transaction<Database>,
  registration: Registration,
  isSystem: boolean,
): Promise<Registered> {
  const { manifest, dockerImage, configuration } = registration
  const { name, jobVersion: version } = manifest.job
  const type = await lockJobType(tx, 'queued', name, version)
  if (type === null) throw new Error(`job type ${name} ${version} neither could be made nor was there`)
  if (type.isSystem && !isSystem) throw systemType()
  if (isSystem && !type.isSystem) throw new DomainError('CONFLICT', `Job type ${name} ${version} is a user's.`)
  const { stored, warnings } = await settle(ctx, tx, type.id, configuration ?? configurationOf(type), manifest)
  const deprecated = await deprecationWarnings(tx, type, registration.isActive)
  const revision = await revise(tx, type, manifest, dockerImage)
  await updateJobType(tx, type.id, { ...flags(registration), ...revision, dockerImage, configuration: stored })
  return { id: type.id, warnings: [...(configuration === undefined ? [] : warnings), ...deprecated] }
}

/** As `settleConfiguration`, in the words of a registration. */
async function settle(...args: Parameters<typeof settleConfiguration>): ReturnType<typeof settleConfiguration> {
  return settleConfiguration(...args).catch((error: unknown) => {
    throw reworded(configurationInvalid, error)
  })
}

/** Judges a manifest and a configuration as a registration would, and stores nothing (Scale v6 "Validate Job Type"). */
export async function validateJobType(
  ctx: Context,
  manifest: unknown,
  configuration: unknown,
): Promise<JobTypeValidation> {
  const lookup = await workspaceLookup(ctx.store.db, configuration)
  return validate(manifest, configuration, lookup, ctx.workspaceMode)
}

/**
 * One version of a job type.
 * @throws DomainError NOT_FOUND where there is none
 */
export async function getJobType(ctx: Context, name: string, version: string): Promise<JobType> {
  const type = await findJobType(ctx.store.db, 'queued', name, version)
  if (type === null) throw noSuchType(name, version)
  ctx.loaders.jobType.clear(type.id).prime(type.id, type)
  ctx.loaders.jobTypeHead.clear(type.id).prime(type.id, type)
  return type
}

/** Why a request is refused that names a version of a type which is not there. */
export function noSuchType(name: string, version: string): DomainError {
  return notFound(`There is no job type ${name} in the version '${version}'.`)
}
