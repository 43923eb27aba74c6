import type { Transaction } from 'kysely'
import {
  parseConfiguration,
  parseConfigurationLeniently,
  secretsOf,
  withoutSecrets,
  workspaceNames,
} from '#model/documents/configuration.ts'
import {
  checkConfiguration,
  type Finding,
  type JobTypeValidation,
  validateJobType as validate,
} from '#model/documents/configuration-check.ts'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import { manifestErrors, parseManifest, reservedTypeNames } from '#model/documents/seed-manifest.ts'
import type { SeedManifest } from '#model/documents/seed-manifest-schema.ts'
import { badInput, DomainError, notFound } from '#model/error.ts'
import { configurationOf, type JobType, manifestOf } from '#model/job-type.ts'
import type { JsonObject } from '#model/json.ts'
import { recordChanges } from '#store/change.ts'
import { type NewJobError, upsertJobErrors } from '#store/job-error.ts'
import {
  findJobType,
  insertJobType,
  insertRevision,
  type JobTypeUpdate,
  lockJobType,
  updateJobType,
} from '#store/job-type.ts'
import { findJobTypeSecrets, replaceJobTypeSecrets } from '#store/job-type-secret.ts'
import { writing } from '#store/store.ts'
import type { Database } from '#store/tables.ts'
import { ensureWorkspaces, findWorkspacesByName } from '#store/workspace.ts'
import type { Context } from './context.ts'

/** A request to register a Seed image, as it was sent; absent keys are undefined. */
export type RegistrationInput = {
  readonly dockerImage: string
  readonly manifest: unknown
  readonly configuration?: unknown
  readonly iconCode?: string | null
  readonly isPublished?: boolean
  readonly isActive?: boolean
  readonly isPaused?: boolean
  readonly maxScheduled?: number | null
}

/** The same with its documents read and their gaps filled. */
export type Registration = Omit<RegistrationInput, 'manifest' | 'configuration'> & {
  readonly manifest: SeedManifest
  readonly configuration: JobConfiguration
}

/**
 * Reads the documents of a registration; nothing is stored.
 * @throws DomainError BAD_USER_INPUT where the manifest or the configuration is invalid
 */
export function parseRegistration(input: RegistrationInput): Registration {
  const manifest = prefixed('Seed Manifest invalid: ', () => parseManifest(input.manifest))
  const configuration = prefixed('Job type configuration invalid: ', () => parseConfiguration(input.configuration))
  return { ...input, manifest, configuration }
}

/** What a registration or an edit did. */
export type RegisteredJobType = {
  /** Whether the name and version were new; otherwise the existing type got a new revision. */
  readonly isNew: boolean
  readonly jobType: JobType
  readonly warnings: readonly Finding[]
}

/**
 * Registers a job type version (Scale v6 "Add Seed Image"): a new one gets revision 1, an existing one its next.
 * @throws DomainError BAD_USER_INPUT where a rule on name, configuration or a length is broken
 */
export async function registerJobType(ctx: Context, registration: Registration): Promise<RegisteredJobType> {
  const { manifest, configuration } = registration
  const { name, jobVersion: version } = manifest.job
  if (reservedTypeNames.has(name))
    throw badInput(`Job Type name ${name} is reserved.`, { path: ['manifest', 'job', 'name'] })
  checkLengths(registration)
  const warnings = await checkAgainstStore(ctx, configuration, manifest)
  const settings = {
    title: manifest.job.title,
    description: manifest.job.description,
    tags: manifest.job.tags ?? [],
    dockerImage: registration.dockerImage,
    manifest: asJson(manifest),
    configuration: withoutSecrets(configuration, manifest),
  }
  const isNew = await writing(ctx.store, async (tx) => {
    await ensureNamedWorkspaces(ctx, tx, configuration)
    const created = await insertJobType(tx, {
      family: 'queued',
      name,
      version,
      ...settings,
      iconCode: registration.iconCode ?? null,
      isActive: registration.isActive ?? true,
      isPaused: registration.isPaused ?? false,
      isPublished: registration.isPublished ?? false,
      isSystem: false,
      maxScheduled: registration.maxScheduled || null,
    })
    const id = created?.id ?? (await reviseLocked(tx, name, version, registration, settings))
    await upsertJobErrors(tx, definedErrors(name, manifest))
    await keepSecrets(ctx, tx, id, configuration, manifest)
    await recordChanges(tx, [{ kind: 'JOB_TYPE', entityId: id, jobTypeId: id }])
    return created !== null
  })
  return { isNew, jobType: await getJobType(ctx, name, version), warnings }
}

async function reviseLocked(
  tx: Transaction<Database>,
  name: string,
  version: string,
  registration: Registration,
  settings: JobTypeUpdate & { readonly dockerImage: string; readonly manifest: JsonObject },
): Promise<number> {
  const type = await lockJobType(tx, 'queued', name, version)
  if (type === null) throw new Error(`job type ${name} ${version} neither could be made nor was there`)
  if (type.isSystem) throw systemType()
  const revisionNum = type.revisionNum + 1
  await insertRevision(tx, type.id, revisionNum, settings.dockerImage, settings.manifest)
  await updateJobType(tx, type.id, { ...flags(registration), ...settings, revisionNum, unmetResources: null })
  return type.id
}

/** An edit as it was sent; absent keys are undefined and stay as they are. */
export type JobTypeEdit = {
  readonly dockerImage?: string
  readonly manifest?: unknown
  readonly configuration?: unknown
  readonly iconCode?: string | null
  readonly isPublished?: boolean
  readonly isActive?: boolean
  readonly isPaused?: boolean
  /** Null or 0 lifts the limit. */
  readonly maxScheduled?: number | null
}

/** The same with its documents read. */
export type ParsedEdit = Omit<JobTypeEdit, 'manifest' | 'configuration'> & {
  readonly manifest?: SeedManifest
  readonly configuration?: JobConfiguration
}

/**
 * Reads the documents of an edit of `name` `version`; nothing is stored.
 * @throws DomainError BAD_USER_INPUT where one is invalid, or the manifest is another type's
 */
export function parseEdit(name: string, version: string, edit: JobTypeEdit): ParsedEdit {
  const { manifest: sentManifest, configuration: sentConfiguration, ...rest } = edit
  const parsed: ParsedEdit = { ...rest }
  const manifest =
    sentManifest === undefined ? undefined : prefixed('Seed Manifest invalid: ', () => parseManifest(sentManifest))
  if (manifest !== undefined) {
    const { name: sentName, jobVersion } = manifest.job
    const path = { path: ['manifest'] }
    if (sentName !== name)
      throw badInput(`Manifest name ${sentName} does not match current Job Type name ${name}.`, path)
    if (jobVersion !== version)
      throw badInput(`Manifest version ${jobVersion} does not match current Job Type version ${version}.`, path)
  }
  const configuration =
    sentConfiguration === undefined
      ? undefined
      : prefixed('Job type configuration invalid: ', () => parseConfigurationLeniently(sentConfiguration))
  return {
    ...parsed,
    ...(manifest === undefined ? {} : { manifest }),
    ...(configuration === undefined ? {} : { configuration }),
  }
}

/**
 * Edits a job type version (Scale v6 "Edit Job Type"). Only a new manifest makes a new revision.
 * @throws DomainError NOT_FOUND, or BAD_USER_INPUT where a rule is broken
 */
export async function editJobType(
  ctx: Context,
  name: string,
  version: string,
  edit: ParsedEdit,
): Promise<RegisteredJobType> {
  const current = await getJobType(ctx, name, version)
  checkLengths(edit)
  const manifest = edit.manifest ?? manifestOf(current)
  if (edit.configuration !== undefined) await checkAgainstStore(ctx, edit.configuration, manifest)
  const warnings = await deprecationWarnings(ctx, current, edit)
  await writing(ctx.store, async (tx) => {
    const type = await lockJobType(tx, 'queued', name, version)
    if (type === null) throw notFound('Not found.')
    if (type.isSystem && touchesMoreThanPause(edit)) throw systemType()
    const configuration = edit.configuration ?? configurationOf(type)
    if (edit.configuration !== undefined) await ensureNamedWorkspaces(ctx, tx, edit.configuration)
    if (edit.configuration !== undefined || edit.manifest !== undefined)
      await keepSecrets(ctx, tx, type.id, configuration, manifest)
    await updateJobType(tx, type.id, {
      ...flags(edit),
      ...(edit.dockerImage === undefined ? {} : { dockerImage: edit.dockerImage }),
      ...(edit.configuration === undefined && edit.manifest === undefined
        ? {}
        : { configuration: withoutSecrets(configuration, manifest) }),
      ...(edit.manifest === undefined
        ? {}
        : await revise(tx, type, edit.manifest, edit.dockerImage ?? type.dockerImage)),
    })
    await recordChanges(tx, [{ kind: 'JOB_TYPE', entityId: type.id, jobTypeId: type.id }])
  })
  ctx.loaders.jobType.clear(current.id)
  return { isNew: false, jobType: await getJobType(ctx, name, version), warnings }
}

async function revise(
  tx: Transaction<Database>,
  type: JobType,
  manifest: SeedManifest,
  dockerImage: string,
): Promise<JobTypeUpdate> {
  const revisionNum = type.revisionNum + 1
  await insertRevision(tx, type.id, revisionNum, dockerImage, asJson(manifest))
  await upsertJobErrors(tx, definedErrors(type.name, manifest))
  const { title, description, tags } = manifest.job
  return { title, description, tags: tags ?? [], manifest: asJson(manifest), revisionNum, unmetResources: null }
}

/** Judges a manifest and a configuration as a registration would, and stores nothing (Scale v6 "Validate Job Type"). */
export async function validateJobType(
  ctx: Context,
  manifest: unknown,
  configuration: unknown,
): Promise<JobTypeValidation> {
  const lookup = await workspaceLookup(ctx, configuration)
  return validate(manifest, configuration, lookup, ctx.workspaceMode)
}

/**
 * One version of a job type.
 * @throws DomainError NOT_FOUND where there is none
 */
export async function getJobType(ctx: Context, name: string, version: string): Promise<JobType> {
  const type = await findJobType(ctx.store.db, 'queued', name, version)
  if (type === null) throw notFound('Not found.')
  ctx.loaders.jobType.prime(type.id, type)
  return type
}

function flags(edit: ParsedEdit | Registration): JobTypeUpdate {
  return {
    ...(edit.iconCode === undefined ? {} : { iconCode: edit.iconCode }),
    ...(edit.isPublished === undefined ? {} : { isPublished: edit.isPublished }),
    ...(edit.isActive === undefined ? {} : { isActive: edit.isActive }),
    ...(edit.isPaused === undefined ? {} : { isPaused: edit.isPaused }),
    ...(edit.maxScheduled === undefined ? {} : { maxScheduled: edit.maxScheduled || null }),
  }
}

function touchesMoreThanPause(edit: ParsedEdit): boolean {
  const { manifest, configuration, iconCode, isActive, maxScheduled } = edit
  return [manifest, configuration, iconCode, maxScheduled].some((value) => value !== undefined) || isActive === true
}

function systemType(): DomainError {
  return badInput('You can only modify the is_paused field for a System Job')
}

async function deprecationWarnings(ctx: Context, type: JobType, edit: ParsedEdit): Promise<Finding[]> {
  if (edit.isActive !== false || !type.isActive) return []
  const recipeTypes = await ctx.loaders.recipeTypesOfJobType.load(type.id)
  if (recipeTypes.length === 0) return []
  const names = recipeTypes.map((recipeType) => recipeType.name).join(', ')
  return [{ name: 'DEPRECATED_RECIPES', description: `Recipe types use this job type: ${names}` }]
}

function checkLengths(edit: ParsedEdit | Registration): void {
  if (edit.dockerImage !== undefined && edit.dockerImage.length > 500)
    throw badInput('docker_image must not be longer than 500 characters', { path: ['docker_image'] })
  if (typeof edit.iconCode === 'string' && edit.iconCode.length > 20)
    throw badInput('icon_code must not be longer than 20 characters', { path: ['icon_code'] })
  if (typeof edit.maxScheduled === 'number' && edit.maxScheduled < 0)
    throw badInput('max_scheduled must not be negative', { path: ['max_scheduled'] })
}

async function checkAgainstStore(
  ctx: Context,
  configuration: JobConfiguration,
  manifest: SeedManifest,
): Promise<readonly Finding[]> {
  const lookup = await workspaceLookup(ctx, configuration)
  return prefixed(
    'Job type configuration invalid: ',
    () => checkConfiguration(configuration, manifest, lookup, ctx.workspaceMode).warnings,
  )
}

async function workspaceLookup(ctx: Context, configuration: unknown) {
  const names = workspaceNames(configuration)
  const found = names.length === 0 ? [] : await findWorkspacesByName(ctx.store.db, names)
  const states = new Map(
    found.map((workspace) => [workspace.name, workspace.isActive ? 'active' : 'inactive'] as const),
  )
  return (name: string) => states.get(name) ?? 'unknown'
}

async function ensureNamedWorkspaces(
  ctx: Context,
  tx: Transaction<Database>,
  configuration: JobConfiguration,
): Promise<void> {
  if (ctx.workspaceMode === 'open') await ensureWorkspaces(tx, workspaceNames(configuration))
}

/** Secrets that are not sent again stay, as long as the manifest still calls them secret. */
async function keepSecrets(
  ctx: Context,
  tx: Transaction<Database>,
  jobTypeId: number,
  configuration: JobConfiguration,
  manifest: SeedManifest,
): Promise<void> {
  const kept = await findJobTypeSecrets(tx, ctx.store.keys, jobTypeId)
  const settings = { ...Object.fromEntries(kept), ...configuration.settings }
  const secrets = secretsOf({ ...configuration, settings }, manifest)
  await replaceJobTypeSecrets(tx, ctx.store.keys, jobTypeId, new Map(Object.entries(secrets)))
}

function definedErrors(jobTypeName: string, manifest: SeedManifest): NewJobError[] {
  return manifestErrors(manifest).map((error) => ({
    jobTypeName,
    name: error.name,
    title: error.title,
    description: error.description ?? '',
    category: error.category,
    isBuiltin: false,
    shouldBeRetried: false,
  }))
}

function asJson(manifest: SeedManifest): JsonObject {
  return manifest as unknown as JsonObject
}

function prefixed<T>(prefix: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    throw new DomainError(error.code, prefix + error.message, error.details)
  }
}
