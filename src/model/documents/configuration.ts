import { badInput } from '../error.ts'
import { isObject, type JsonObject } from '../json.ts'
import { configurationSchema, type JobConfiguration, type SentConfiguration } from './configuration-schema.ts'
import { shapeParser, shown } from './schema.ts'
import { secretSettings } from './seed-manifest.ts'
import type { SeedManifest } from './seed-manifest-schema.ts'

const parseShape = shapeParser<SentConfiguration>(configurationSchema, 'configuration', 'INVALID_CONFIGURATION')
const versions: ReadonlySet<unknown> = new Set(['6', '7', '2.0'])

/**
 * Reads a job (type) configuration v6 and fills its gaps: no mounts, no workspaces, priority 100, no settings.
 * Undefined and null read as `{}`. The messages stand alone; a face may put its own words before them.
 * @throws DomainError BAD_USER_INPUT named INVALID_VERSION or INVALID_CONFIGURATION
 */
export function parseConfiguration(value: unknown): JobConfiguration {
  const configuration = parsed(value)
  if (configuration.priority < 1) {
    throw badInput('priority must be 1 or more', { name: 'INVALID_CONFIGURATION', path: ['priority'] })
  }
  return configuration
}

/**
 * Reads a configuration as the Scale v6 document lets PATCH do: members that it does not know are dropped, not refused,
 * and a priority below 1 is left to `checkConfiguration`. Values of a wrong type are refused all the same.
 * @throws DomainError BAD_USER_INPUT named INVALID_VERSION, INVALID_SETTING (a null setting) or INVALID_CONFIGURATION
 */
export function parseConfigurationLeniently(value: unknown): JobConfiguration {
  if (!isObject(value)) return parsed(value)
  const known = picked(value, ['version', 'mounts', 'output_workspaces', 'priority', 'settings'])
  const members = Object.entries(known).map(([key, member]) => [key, pruned(key, member)])
  return parsed(Object.fromEntries(members))
}

/**
 * The configuration of one job: each member that the job gives replaces the job type's as a whole, nothing is merged
 * within. Undefined and null give the job type's own configuration.
 * @throws DomainError as `parseConfiguration` does
 */
export function mergeJobConfiguration(
  typeConfiguration: JobConfiguration,
  jobConfiguration: unknown,
): JobConfiguration {
  if (jobConfiguration === undefined || jobConfiguration === null) return typeConfiguration
  const given = isObject(jobConfiguration) ? { ...typeConfiguration, ...jobConfiguration } : jobConfiguration
  return parseConfiguration(given)
}

/** The configuration as it may be stored and shown: without the values of the manifest's secret settings. */
export function withoutSecrets(configuration: JobConfiguration, manifest: SeedManifest): JobConfiguration {
  const secret = secretSettings(manifest)
  const open = Object.entries(configuration.settings).filter(([name]) => !secret.has(name))
  return { ...configuration, settings: Object.fromEntries(open) }
}

/** The values that `withoutSecrets` takes away, by setting name; empty when the configuration gives none. */
export function secretsOf(configuration: JobConfiguration, manifest: SeedManifest): Readonly<Record<string, string>> {
  const secret = secretSettings(manifest)
  return Object.fromEntries(Object.entries(configuration.settings).filter(([name]) => secret.has(name)))
}

/**
 * The different workspaces that a configuration names, the default first. It may be given a configuration that is not
 * parsed, and then finds what names it can: so they can be looked up before the configuration is judged.
 */
export function workspaceNames(configuration: unknown): string[] {
  const workspaces = isObject(configuration) ? member(configuration, 'output_workspaces') : undefined
  if (!isObject(workspaces)) return []
  const outputs = member(workspaces, 'outputs')
  const names = [member(workspaces, 'default'), ...(isObject(outputs) ? Object.values(outputs) : [])]
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))]
}

function parsed(value: unknown): JobConfiguration {
  if (isObject(value) && Object.hasOwn(value, 'version') && !versions.has(value.version)) {
    const version = typeof value.version === 'string' ? `'${shown(value.version)}'` : 'a value that is no text'
    throw badInput(`configuration version must be 6 or 7, not ${version}`, {
      name: 'INVALID_VERSION',
      path: ['version'],
    })
  }
  const { mounts, output_workspaces, priority, settings } = parseShape(value ?? {})
  return {
    mounts: Object.fromEntries(Object.entries(mounts).map(([name, mount]) => [name, completed(mount)])),
    output_workspaces: { default: output_workspaces.default, outputs: output_workspaces.outputs },
    priority,
    settings,
  }
}

function completed(mount: SentConfiguration['mounts'][string]): JobConfiguration['mounts'][string] {
  if (mount.type === 'host') return { type: 'host', host_path: mount.host_path }
  return { type: 'volume', driver: mount.driver ?? '', driver_opts: mount.driver_opts ?? {} }
}

function pruned(key: string, value: unknown): unknown {
  if (!isObject(value)) return value
  if (key === 'output_workspaces') return picked(value, ['default', 'outputs'])
  if (key === 'mounts')
    return Object.fromEntries(Object.entries(value).map(([name, mount]) => [name, prunedMount(mount)]))
  if (key === 'settings') refuseNullSetting(value)
  return value
}

function prunedMount(mount: unknown): unknown {
  if (!isObject(mount)) return mount
  return picked(mount, member(mount, 'type') === 'host' ? ['type', 'host_path'] : ['type', 'driver', 'driver_opts'])
}

function refuseNullSetting(settings: JsonObject): void {
  const name = Object.keys(settings).find((key) => settings[key] === null)
  if (name === undefined) return
  throw badInput(`The value of setting '${shown(name)}' must be text, not null`, {
    name: 'INVALID_SETTING',
    path: ['settings', name],
  })
}

function picked(value: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)))
}

function member(value: JsonObject, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}
