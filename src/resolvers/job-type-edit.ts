import type { Transaction } from 'kysely'
import { parseConfigurationLeniently } from '#model/documents/configuration.ts'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import { parseManifest } from '#model/documents/seed-manifest.ts'
import type { SeedManifest } from '#model/documents/seed-manifest-schema.ts'
import { badInput, faultWithin } from '#model/error.ts'
import { configurationOf, type JobType, manifestOf } from '#model/job-type.ts'
import { recordChanges } from '#store/change.ts'
import { lockJobType, updateJobType } from '#store/job-type.ts'
import { writing } from '#store/store.ts'
import type { Database } from '#store/tables.ts'
import type { Context } from './context.ts'
import { getJobType, noSuchType, type RegisteredJobType } from './job-type.ts'
import { configurationInvalid, manifestInvalid, prefixed } from './job-type-document.ts'
import { flags, revise, type SentFlags, systemType } from './job-type-revision.ts'
import { checkLimits, deprecationWarnings, settleConfiguration } from './job-type-rule.ts'

/** An edit as it was sent; absent keys are undefined and stay as they are. */
export type JobTypeEdit = SentFlags & {
  /** An empty text changes nothing, and so does an empty icon code. */
  readonly dockerImage?: string
  readonly manifest?: unknown
  readonly configuration?: unknown
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
  const { manifest: sentManifest, configuration: sentConfiguration, dockerImage, iconCode, ...rest } = edit
  const parsed: ParsedEdit = {
    ...rest,
    ...(dockerImage ? { dockerImage } : {}),
    ...(iconCode === undefined || iconCode === '' ? {} : { iconCode }),
  }
  const manifest = sentManifest === undefined ? undefined : prefixed(manifestInvalid, () => parseManifest(sentManifest))
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
      : prefixed(configurationInvalid, () => parseConfigurationLeniently(sentConfiguration))
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
  checkLimits(edit)
  const warnings = await changeLocked(ctx, name, version, async (tx, type) => {
    if (type.isSystem && touchesMoreThanPause(edit)) throw systemType()
    const { dockerImage = type.dockerImage, manifest = manifestOf(type), configuration = configurationOf(type) } = edit
    const documents =
      edit.manifest === undefined && edit.configuration === undefined
        ? {}
        : { configuration: (await settleEdited(ctx, tx, type.id, configuration, manifest)).stored }
    const revision = edit.manifest === undefined ? {} : await revise(tx, type, edit.manifest, dockerImage)
    const deprecated = await deprecationWarnings(tx, type, edit.isActive)
    await updateJobType(tx, type.id, { ...flags(edit), ...revision, dockerImage, ...documents })
    return deprecated
  })
  return { isNew: false, jobType: await getJobType(ctx, name, version), warnings }
}

const longestUnmet = 1_000

/**
 * Says which resources no node offers to a job type, as a comma list of at most 1,000 characters; null says that all
 * are met. No document has a door for it: a scheduler tells.
 * @throws DomainError NOT_FOUND where there is no such type, BAD_USER_INPUT for a longer list
 */
export async function setUnmetResources(
  ctx: Context,
  name: string,
  version: string,
  unmetResources: string | null,
): Promise<JobType> {
  if (unmetResources !== null && unmetResources.length > longestUnmet)
    throw badInput(`unmetResources must not be longer than ${longestUnmet} characters`, { path: ['unmetResources'] })
  await changeLocked(ctx, name, version, (tx, type) => updateJobType(tx, type.id, { unmetResources }))
  return getJobType(ctx, name, version)
}

async function changeLocked<T>(
  ctx: Context,
  name: string,
  version: string,
  change: (tx: Transaction<Database>, type: JobType) => Promise<T>,
): Promise<T> {
  return writing(ctx.store, async (tx) => {
    const type = await lockJobType(tx, 'queued', name, version)
    if (type === null) throw noSuchType(name, version)
    const result = await change(tx, type)
    await recordChanges(tx, [{ kind: 'JOB_TYPE', entityId: type.id, jobTypeId: type.id }])
    return result
  })
}

/** As `settleConfiguration`, in the words of an edit, which are the document's own. */
async function settleEdited(...args: Parameters<typeof settleConfiguration>): ReturnType<typeof settleConfiguration> {
  return settleConfiguration(...args).catch((error: unknown) => {
    throw faultWithin('configuration', error)
  })
}

function touchesMoreThanPause(edit: ParsedEdit): boolean {
  const { manifest, configuration, iconCode, isActive, maxScheduled } = edit
  return [manifest, configuration, iconCode, maxScheduled].some((value) => value !== undefined) || isActive === true
}
