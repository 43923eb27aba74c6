import { badInput } from '../error.ts'
import { placeText, shapeParser, shown } from './schema.ts'
import {
  type SeedError,
  type SeedInputFile,
  type SeedInputJson,
  type SeedJob,
  type SeedManifest,
  type SeedMount,
  type SeedOutputFile,
  type SeedOutputJson,
  type SeedResource,
  type SeedSetting,
  type SentError,
  type SentManifest,
  seedManifestSchema,
} from './seed-manifest-schema.ts'

/** Names that no job type may bear, because routes of the Scale v6 job type document stand in their place. */
export const reservedTypeNames: ReadonlySet<string> = new Set([
  'validation',
  'status',
  'pending',
  'running',
  'system-failures',
])

const parseShape = shapeParser<SentManifest>(seedManifestSchema, 'manifest', 'JSON_VALIDATION_ERROR')

/**
 * Reads a Seed manifest 1.0.0: checks it, fills in its defaults, names errors that have no name and writes resource
 * names in lower case. Parsing a parsed manifest changes nothing. Reserved type names pass; registration refuses them.
 * @throws DomainError BAD_USER_INPUT named JSON_VALIDATION_ERROR, NAME_COLLISION_ERROR, DUPLICATE_MOUNT_NAMES,
 * DUPLICATE_ERROR_NAMES or INVALID_MOUNT_PATH, for the first fault in that order
 */
export function parseManifest(value: unknown): SeedManifest {
  const manifest = completed(parseShape(value))
  refuseBrokenGpus(manifest)
  refuseCollisions(manifest)
  const { mounts } = manifestInterface(manifest)
  refuseRepeats(mounts, 'mount', ['job', 'interface', 'mounts'], 'DUPLICATE_MOUNT_NAMES')
  refuseRepeats(manifest.job.errors ?? [], 'error', ['job', 'errors'], 'DUPLICATE_ERROR_NAMES')
  for (const [index, mount] of mounts.entries()) {
    if (mount.path.startsWith('/')) continue
    const path = ['job', 'interface', 'mounts', index, 'path']
    throw badInput(`${placeText(path, '')} must be an absolute path`, { name: 'INVALID_MOUNT_PATH', path })
  }
  return manifest
}

/** Every member of a manifest's interface, empty where the manifest has none; `command` is null when it is absent. */
export type CompleteInterface = {
  readonly command: string | null
  readonly inputs: { readonly files: readonly SeedInputFile[]; readonly json: readonly SeedInputJson[] }
  readonly outputs: { readonly files: readonly SeedOutputFile[]; readonly json: readonly SeedOutputJson[] }
  readonly mounts: readonly SeedMount[]
  readonly settings: readonly SeedSetting[]
}

/** The interface of a manifest with nothing missing, in the manifest's order. */
export function manifestInterface(manifest: SeedManifest): CompleteInterface {
  const { command = null, inputs, outputs, mounts = [], settings = [] } = manifest.job.interface ?? {}
  return {
    command,
    inputs: { files: inputs?.files ?? [], json: inputs?.json ?? [] },
    outputs: { files: outputs?.files ?? [], json: outputs?.json ?? [] },
    mounts,
    settings,
  }
}

/** The name under which a setting, an input or `ALLOCATED_<resource>` appears in the environment of a run. */
export function environmentName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

/** The scalar resources that a job asks for, names in lower case; mem, disk and sharedmem are in MiB. */
export function resourceScalars(manifest: SeedManifest): readonly SeedResource[] {
  return manifest.job.resources?.scalar ?? []
}

/** How many seconds a run may take. The manifest sets no lower bound, so this may be zero or negative. */
export function timeoutSeconds(manifest: SeedManifest): number {
  return manifest.job.timeout
}

/** The names of the settings whose values must never be shown or kept in a configuration. */
export function secretSettings(manifest: SeedManifest): ReadonlySet<string> {
  const secret = manifestInterface(manifest).settings.filter((setting) => setting.secret)
  return new Set(secret.map((setting) => setting.name))
}

/** The category of an error in the Scale v6 documents, from the word a manifest uses: `data`, else the algorithm's. */
export function errorCategory(word: string | undefined): 'DATA' | 'ALGORITHM' {
  return word?.toLowerCase() === 'data' ? 'DATA' : 'ALGORITHM'
}

/** An error that a manifest defines for an exit code; `description` is null when it gives none. */
export type ManifestError = {
  readonly code: number
  readonly name: string
  readonly title: string
  readonly description: string | null
  readonly category: 'DATA' | 'ALGORITHM'
}

/** The errors of a manifest in its order. An exit code may be listed twice; the later entry then counts. */
export function manifestErrors(manifest: SeedManifest): ManifestError[] {
  return (manifest.job.errors ?? []).map(({ code, name, title, description = null, category }) => ({
    code,
    name,
    title,
    description,
    category: errorCategory(category),
  }))
}

function completed(manifest: SentManifest): SeedManifest {
  const { errors, ...rest } = manifest.job
  const named: SeedJob = errors === undefined ? rest : { ...manifest.job, errors: errors.map(completedError) }
  const { resources } = named
  const lower: SeedJob = resources === undefined ? named : { ...named, resources: lowerCased(resources) }
  return { ...manifest, job: lower }
}

function lowerCased(resources: { readonly scalar?: readonly SeedResource[] }): typeof resources {
  if (resources.scalar === undefined) return resources
  return { scalar: resources.scalar.map((resource) => ({ ...resource, name: resource.name.toLowerCase() })) }
}

function completedError(error: SentError): SeedError {
  const name = error.name ?? (slug(error.title ?? '') || `error-${error.code}`)
  return { ...error, name, title: error.title ?? name }
}

function slug(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return words.join('-').slice(0, 50).replace(/-$/, '')
}

function refuseBrokenGpus(manifest: SeedManifest): void {
  const index = resourceScalars(manifest).findIndex(({ name, value }) => name === 'gpus' && !Number.isInteger(value))
  if (index < 0) return
  const path = ['job', 'resources', 'scalar', index, 'value']
  throw badInput(`${placeText(path, '')} must be a whole number of gpus`, { name: 'JSON_VALIDATION_ERROR', path })
}

function refuseCollisions(manifest: SeedManifest): void {
  const { settings, inputs } = manifestInterface(manifest)
  const resources = resourceScalars(manifest).map(({ name }) => ({ name: `ALLOCATED_${name}` }))
  const taken = new Map([['OUTPUT_DIR', 'the reserved OUTPUT_DIR']])
  for (const { name } of [...settings, ...inputs.files, ...inputs.json, ...resources]) {
    const variable = environmentName(name)
    const other = taken.get(variable)
    if (other !== undefined) {
      const message = `The settings, inputs and resources of job must differ as environment variables: ${shown(name)} collides with ${other}`
      throw badInput(message, { name: 'NAME_COLLISION_ERROR', path: ['job'] })
    }
    taken.set(variable, shown(name))
  }
}

function refuseRepeats(items: readonly { name: string }[], noun: string, path: readonly string[], fault: string): void {
  const seen = new Set<string>()
  for (const [index, { name }] of items.entries()) {
    if (seen.has(name)) {
      const place = placeText([...path, index], '')
      throw badInput(`${place} repeats the ${noun} name '${shown(name)}'`, {
        name: fault,
        path: [...path, index, 'name'],
      })
    }
    seen.add(name)
  }
}
