import { badInput, DomainError } from '../error.ts'
import { isWorkspaceName } from '../workspace.ts'
import { parseConfiguration, workspaceNames } from './configuration.ts'
import type { JobConfiguration } from './configuration-schema.ts'
import { shown } from './schema.ts'
import { manifestInterface, parseManifest, resourceScalars } from './seed-manifest.ts'
import type { SeedManifest } from './seed-manifest-schema.ts'

/** A fault or a warning by the name that the Scale v6 job type document gives it, with a sentence for people. */
export type Finding = { readonly name: string; readonly description: string }

/** What the store knows of a workspace, by name. */
export type WorkspaceLookup = (name: string) => 'active' | 'inactive' | 'unknown'

/** `strict` refuses workspaces that are unknown; `open` accepts them, and the caller then registers them. */
export type Strictness = 'strict' | 'open'

const standardResources: ReadonlySet<string> = new Set(['cpus', 'mem', 'disk', 'gpus', 'sharedmem'])

/**
 * Holds a configuration against the manifest of its job type. Warnings come in the order mounts, workspaces, settings,
 * resources: UNKNOWN_MOUNT, MISSING_MOUNT, DEPRECATED_WORKSPACE, UNKNOWN_SETTING, MISSING_SETTING, NONSTANDARD_RESOURCE.
 * Check before secrets are taken out, or every secret setting counts as missing.
 * @throws DomainError BAD_USER_INPUT named INVALID_PRIORITY, HOST_ABSOLUTE_PATH, INVALID_WORKSPACE or MISSING_WORKSPACE
 */
export function checkConfiguration(
  configuration: JobConfiguration,
  manifest: SeedManifest,
  lookup: WorkspaceLookup,
  strictness: Strictness,
): { readonly warnings: readonly Finding[] } {
  if (configuration.priority < 1) {
    throw badInput('Priority must be a positive integer', { name: 'INVALID_PRIORITY', path: ['priority'] })
  }
  const warnings = [
    ...checkMounts(configuration, manifest),
    ...checkWorkspaces(configuration, manifest, lookup, strictness),
    ...checkSettings(configuration, manifest),
    ...checkResources(manifest),
  ]
  return { warnings }
}

/** Whether a job type could be registered as it is; at most one error, and warnings only when there is none. */
export type JobTypeValidation = {
  readonly isValid: boolean
  readonly errors: readonly Finding[]
  readonly warnings: readonly Finding[]
}

/** Judges a manifest, then its configuration, then both together, as they were sent; stores and throws nothing. */
export function validateJobType(
  manifest: unknown,
  configuration: unknown,
  lookup: WorkspaceLookup,
  strictness: Strictness,
): JobTypeValidation {
  try {
    const parsedManifest = parseManifest(manifest)
    const { warnings } = checkConfiguration(parseConfiguration(configuration), parsedManifest, lookup, strictness)
    return { isValid: true, errors: [], warnings }
  } catch (error) {
    if (!(error instanceof DomainError) || error.details.name === undefined) throw error
    return { isValid: false, errors: [{ name: error.details.name, description: error.message }], warnings: [] }
  }
}

function checkMounts({ mounts }: JobConfiguration, manifest: SeedManifest): Finding[] {
  for (const [name, mount] of Object.entries(mounts)) {
    if (mount.type !== 'host' || mount.host_path.startsWith('/')) continue
    throw badInput(`The host_path of mount '${shown(name)}' must be an absolute path`, {
      name: 'HOST_ABSOLUTE_PATH',
      path: ['mounts', name, 'host_path'],
    })
  }
  const wanted = manifestInterface(manifest).mounts.map((mount) => mount.name)
  return [
    ...unknown(mounts, wanted).map((name) => finding('UNKNOWN_MOUNT', `Unknown mount '${shown(name)}' is ignored`)),
    ...missing(mounts, wanted).map((name) => finding('MISSING_MOUNT', `Mount '${shown(name)}' has no configuration`)),
  ]
}

function checkWorkspaces(
  configuration: JobConfiguration,
  manifest: SeedManifest,
  lookup: WorkspaceLookup,
  strictness: Strictness,
): Finding[] {
  const { default: fallback, outputs } = configuration.output_workspaces
  const names = workspaceNames(configuration)
  for (const name of [...names, ...Object.values(outputs)]) {
    if (!isWorkspaceName(name) || (strictness === 'strict' && lookup(name) === 'unknown')) {
      throw badInput(`No workspace named '${shown(name)}'`, { name: 'INVALID_WORKSPACE', path: ['output_workspaces'] })
    }
  }
  const files = manifestInterface(manifest).outputs.files.map((file) => file.name)
  const homeless = fallback === '' ? missing(outputs, files) : []
  if (homeless.length > 0) {
    const list = shown(homeless.join("', '"))
    throw badInput(`Missing workspace for outputs '${list}'`, {
      name: 'MISSING_WORKSPACE',
      path: ['output_workspaces'],
    })
  }
  const inactive = names.filter((name) => lookup(name) === 'inactive')
  return inactive.map((name) => finding('DEPRECATED_WORKSPACE', `Workspace '${shown(name)}' is deprecated`))
}

function checkSettings({ settings }: JobConfiguration, manifest: SeedManifest): Finding[] {
  const wanted = manifestInterface(manifest).settings.map((setting) => setting.name)
  return [
    ...unknown(settings, wanted).map((name) =>
      finding('UNKNOWN_SETTING', `Unknown setting '${shown(name)}' is ignored`),
    ),
    ...missing(settings, wanted).map((name) => finding('MISSING_SETTING', `Setting '${shown(name)}' has no value`)),
  ]
}

function checkResources(manifest: SeedManifest): Finding[] {
  const unusual = resourceScalars(manifest).filter(({ name }) => !standardResources.has(name))
  return unusual.map(({ name }) => finding('NONSTANDARD_RESOURCE', `Resource '${shown(name)}' is not a standard one`))
}

function unknown(given: object, wanted: readonly string[]): string[] {
  const known = new Set(wanted)
  return Object.keys(given).filter((name) => !known.has(name))
}

function missing(given: object, wanted: readonly string[]): string[] {
  return [...new Set(wanted)].filter((name) => !Object.hasOwn(given, name))
}

function finding(name: string, description: string): Finding {
  return { name, description }
}
