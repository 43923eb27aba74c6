import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, matchesGlob, relative, sep } from 'node:path'
import { isObject, type Json, type JsonObject, parseJson, unstorable } from '#model/json.ts'

/** The outputs that Seed manifest 1.0.0 declares, its defaults filled in. */
export type OutputDeclaration = {
  readonly files: readonly {
    readonly name: string
    /** A glob, relative to OUTPUT_DIR; `*` matches no leading dot. */
    readonly pattern: string
    readonly mediaType: string
    readonly multiple: boolean
    readonly required: boolean
  }[]
  readonly json: readonly {
    readonly name: string
    readonly type: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string'
    /** The member of seed.outputs.json to read; null means the output's own name. */
    readonly key: string | null
    readonly required: boolean
  }[]
}

/** A file that a command left behind. */
export type CapturedFile = {
  /** Absolute, every link resolved. */
  readonly path: string
  readonly fileName: string
  /** Bytes. */
  readonly size: number
  readonly mediaType: string
}

/** Why outputs do not hold what the manifest promised. `output` is the manifest's name, null where no single one is at fault. */
export type OutputFailure = {
  readonly name: 'missing-required-output' | 'invalid-output'
  readonly output: string | null
  readonly message: string
}

/** What was captured, by output name (an output that is absent has no entry), or the first thing that was wrong. */
export type CapturedOutputs =
  | { readonly ok: true; readonly files: Record<string, readonly CapturedFile[]>; readonly json: Record<string, Json> }
  | { readonly ok: false; readonly failure: OutputFailure }

const resultFile = 'seed.outputs.json'
const maxResultBytes = 16 * 1024 ** 2

/** Carries a failure out of nested steps; never leaves this file. */
class Refusal extends Error {
  readonly failure: OutputFailure

  constructor(name: OutputFailure['name'], output: string | null, message: string) {
    super(message)
    this.failure = { name, output, message }
  }
}

/**
 * Collects what a finished command left in its output directory: files by pattern (in order of their path) and values from
 * seed.outputs.json. Only regular files inside the directory count, links to elsewhere do not. A null value counts as absent.
 */
export async function captureOutputs(outputDir: string, declared: OutputDeclaration): Promise<CapturedOutputs> {
  try {
    const found = await listFiles(await realpath(outputDir))
    const files: Record<string, readonly CapturedFile[]> = {}
    for (const output of declared.files) {
      const matches = matchFiles(found, output)
      if (matches.length > 0) files[output.name] = matches
    }
    return { ok: true, files, json: await readValues(found, declared.json) }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, failure: error.failure }
    throw error
  }
}

type FoundFile = { readonly relative: string; readonly path: string; readonly size: number }

async function listFiles(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  const collect = async (dir: string): Promise<void> => {
    for (const entry of await readable(readdir(dir, { withFileTypes: true }), [])) {
      const path = join(dir, entry.name)
      if (entry.isDirectory()) await collect(path)
      const real = await readable(realpath(path), null)
      if (real === null || !real.startsWith(root + sep)) continue
      const { size, regular } = await readable(sizeOf(real), { size: 0, regular: false })
      if (regular) found.push({ path: real, size, relative: relative(root, path) })
    }
  }
  await collect(root)
  return found.sort((a, b) => (a.relative < b.relative ? -1 : 1))
}

async function sizeOf(path: string): Promise<{ size: number; regular: boolean }> {
  const found = await stat(path)
  return { size: found.size, regular: found.isFile() }
}

/** What a command made unreadable, or linked to nowhere, is the same as not there. */
async function readable<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading
  } catch {
    return otherwise
  }
}

function matchFiles(found: readonly FoundFile[], output: OutputDeclaration['files'][number]): CapturedFile[] {
  const pattern = output.pattern.replace(/^\.\//, '')
  const matches = found.filter((file) => file.relative !== resultFile && matchesGlob(file.relative, pattern))
  const where = `output ${output.name} (pattern ${output.pattern})`
  if (matches.length === 0 && output.required) {
    throw new Refusal('missing-required-output', output.name, `No file in OUTPUT_DIR matches the required ${where}`)
  }
  if (matches.length > 1 && !output.multiple) {
    throw new Refusal('invalid-output', output.name, `${matches.length} files match ${where}, which takes one`)
  }
  return matches.map(({ path, size, relative: name }) => {
    return { path, fileName: basename(name), size, mediaType: output.mediaType }
  })
}

async function readValues(
  found: readonly FoundFile[],
  outputs: OutputDeclaration['json'],
): Promise<Record<string, Json>> {
  const values: Record<string, Json> = {}
  if (outputs.length === 0) return values
  const document = await readResult(found)
  for (const { name, type, key, required } of outputs) {
    const member = key ?? name
    const value = Object.hasOwn(document, member) ? document[member] : null
    if (value === undefined || value === null) {
      if (!required) continue
      const message = `${resultFile} has no ${member}, which the required output ${name} is read from`
      throw new Refusal('missing-required-output', name, message)
    }
    if (!hasType(value, type)) throw new Refusal('invalid-output', name, `Output ${name} must be of type ${type}`)
    values[name] = value
  }
  return values
}

/** The document, {} where the command wrote none. */
async function readResult(found: readonly FoundFile[]): Promise<JsonObject> {
  const file = found.find((one) => one.relative === resultFile)
  if (file === undefined) return {}
  if (file.size > maxResultBytes) throw invalidResult(`is larger than ${maxResultBytes} bytes`)
  const document = parseResult(await readFile(file.path, 'utf8'))
  if (!isObject(document)) throw invalidResult('is not a JSON object')
  const reason = unstorable(document)
  if (reason !== null) throw invalidResult(reason)
  return document
}

function parseResult(text: string): Json {
  try {
    return parseJson(text)
  } catch {
    throw invalidResult('is not JSON')
  }
}

function invalidResult(reason: string): Refusal {
  return new Refusal('invalid-output', null, `${resultFile} ${reason}`)
}

function hasType(value: Json, type: OutputDeclaration['json'][number]['type']): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint'
    case 'boolean':
    case 'string':
      return typeof value === type
  }
}
