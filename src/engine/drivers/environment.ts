import type { Json } from '#model/json.ts'
import { toJson } from '#model/json.ts'

/** The variables that a command sees, by name. */
export type Environment = Readonly<Record<string, string>>

/** What one execution hands to its command under Seed manifest 1.0.0; names are the manifest's own. */
export type SeedVariables = {
  /** Absolute path of the file, or of the directory that holds the files where the input takes several. */
  readonly files: readonly { readonly name: string; readonly path: string }[]
  readonly json: readonly { readonly name: string; readonly value: Json }[]
  readonly settings: readonly { readonly name: string; readonly value: string }[]
  /** What was granted, in the manifest's units (MiB for mem and disk). */
  readonly resources: readonly { readonly name: string; readonly value: number }[]
  /** Absolute path of the directory that outputs are captured from. */
  readonly outputDir: string
}

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Turns a manifest's name into its variable: upper case, `-` becomes `_`. */
export function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

/**
 * The variables that every command gets: PATH, HOME, LANG and TMPDIR. Home is the scratch directory too, so that no
 * command reads the keys of the gateway's user. Nothing is inherited from the gateway, whose own environment holds secrets.
 */
export function baseEnvironment(scratchDir: string, path: string = systemPath): Environment {
  return { PATH: path, HOME: scratchDir, LANG: 'C.UTF-8', TMPDIR: scratchDir }
}

/**
 * The variables of the Seed contract: one per file input, JSON input and setting, ALLOCATED_<NAME> per resource, and
 * OUTPUT_DIR. A JSON input that is a text is passed as it is, any other as JSON. An input that was not given has no
 * variable. To be laid over the base environment: a manifest may redefine HOME, as it may in its image.
 */
export function seedEnvironment(given: SeedVariables): Environment {
  const variables: Record<string, string> = {}
  for (const { name, path } of given.files) variables[variableName(name)] = path
  for (const { name, value } of given.json) {
    variables[variableName(name)] = typeof value === 'string' ? value : toJson(value)
  }
  for (const { name, value } of given.settings) variables[variableName(name)] = value
  for (const { name, value } of given.resources) variables[`ALLOCATED_${variableName(name)}`] = String(value)
  variables.OUTPUT_DIR = given.outputDir
  return variables
}
