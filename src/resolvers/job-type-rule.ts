import type { Kysely, Transaction } from 'kysely'
import { secretsOf, withoutSecrets, workspaceNames } from '#model/documents/configuration.ts'
import { checkConfiguration, type Finding, type WorkspaceLookup } from '#model/documents/configuration-check.ts'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import { manifestErrors, secretSettings } from '#model/documents/seed-manifest.ts'
import type { SeedManifest } from '#model/documents/seed-manifest-schema.ts'
import { badInput } from '#model/error.ts'
import type { NewJobError } from '#store/job-error.ts'
import { findJobTypeSecrets, replaceJobTypeSecrets } from '#store/job-type-secret.ts'
import { findRecipeTypesOfJobTypes } from '#store/reference.ts'
import type { Database } from '#store/tables.ts'
import { ensureWorkspaces, findWorkspacesByName } from '#store/workspace.ts'
import type { Context } from './context.ts'

/**
 * Holds a configuration against the manifest of its job type and puts its secrets away. Secrets that it does not name
 * stay as they were, as long as the manifest still calls them secret; in the open mode unknown workspaces are made.
 * @returns the configuration as it may be stored, and what is worth a warning
 * @throws DomainError BAD_USER_INPUT where a rule is broken
 */
export async function settleConfiguration(
  ctx: Context,
  tx: Transaction<Database>,
  jobTypeId: number,
  configuration: JobConfiguration,
  manifest: SeedManifest,
): Promise<{ readonly stored: JobConfiguration; readonly warnings: readonly Finding[] }> {
  const complete = await withKeptSecrets(ctx, tx, jobTypeId, configuration, manifest)
  const lookup = await workspaceLookup(tx, complete)
  const { warnings } = checkConfiguration(complete, manifest, lookup, ctx.workspaceMode)
  if (ctx.workspaceMode === 'open') await ensureWorkspaces(tx, workspaceNames(complete).sort())
  const secrets = new Map(Object.entries(secretsOf(complete, manifest)))
  if (secrets.size > 0 && ctx.store.keys.keys.length === 0)
    throw badInput('No secret key is configured, so secret settings cannot be kept', { path: ['settings'] })
  await replaceJobTypeSecrets(tx, ctx.store.keys, jobTypeId, secrets)
  return { stored: withoutSecrets(complete, manifest), warnings }
}

async function withKeptSecrets(
  ctx: Context,
  tx: Transaction<Database>,
  jobTypeId: number,
  configuration: JobConfiguration,
  manifest: SeedManifest,
): Promise<JobConfiguration> {
  const secret = secretSettings(manifest)
  if (secret.size === 0) return configuration
  const kept = await findJobTypeSecrets(tx, ctx.store.keys, jobTypeId)
  const still = [...kept].filter(([setting]) => secret.has(setting))
  return { ...configuration, settings: { ...Object.fromEntries(still), ...configuration.settings } }
}

/** Tells what the store knows of the workspaces that a configuration names, parsed or as it was sent. */
export async function workspaceLookup(db: Kysely<Database>, configuration: unknown): Promise<WorkspaceLookup> {
  const names = workspaceNames(configuration)
  const found = names.length === 0 ? [] : await findWorkspacesByName(db, names)
  const states = new Map(
    found.map((workspace) => [workspace.name, workspace.isActive ? 'active' : 'inactive'] as const),
  )
  return (name) => states.get(name) ?? 'unknown'
}

/** Warns with DEPRECATED_RECIPES where a type that recipes use is about to become inactive. */
export async function deprecationWarnings(
  tx: Transaction<Database>,
  type: { readonly id: number; readonly isActive: boolean },
  isActive: boolean | undefined,
): Promise<Finding[]> {
  if (isActive !== false || !type.isActive) return []
  const recipeTypes = await findRecipeTypesOfJobTypes(tx, [type.id])
  if (recipeTypes.length === 0) return []
  const names = recipeTypes.map((recipeType) => recipeType.name).join(', ')
  return [{ name: 'DEPRECATED_RECIPES', description: `Recipe types use this job type: ${names}` }]
}

/**
 * Holds what a request sets beside its documents against what is stored.
 * @throws DomainError BAD_USER_INPUT for an image or icon that is too long, or a negative limit
 */
export function checkLimits(sent: {
  readonly dockerImage?: string
  readonly iconCode?: string | null
  readonly maxScheduled?: number | null
}): void {
  if (sent.dockerImage !== undefined && sent.dockerImage.length > 500)
    throw badInput('docker_image must not be longer than 500 characters', { path: ['docker_image'] })
  if (typeof sent.iconCode === 'string' && sent.iconCode.length > 20)
    throw badInput('icon_code must not be longer than 20 characters', { path: ['icon_code'] })
  if (typeof sent.maxScheduled === 'number' && sent.maxScheduled < 0)
    throw badInput('max_scheduled must not be negative', { path: ['max_scheduled'] })
}

/** The errors that a manifest defines for the job types of its name. */
export function definedErrors(jobTypeName: string, manifest: SeedManifest): NewJobError[] {
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
